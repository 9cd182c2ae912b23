"""No other site can act through a visitor's browser."""

from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from compliance.record.who import Role
from tests.marketplace.edge.house import House, post_form, sign_in

pytestmark = pytest.mark.sqlite_alone

Browser = TestClient[Litestar]


def test_a_form_without_the_token_is_refused(browser: Browser) -> None:
    """Another site could post in the person's name."""
    sign_in(browser)
    answer = browser.post("/test-notes", data={"text": "x"}, follow_redirects=False)
    assert answer.status_code == 403
    assert "其他网站" in answer.text


def test_a_form_with_the_token_is_taken(browser: Browser) -> None:
    """Nobody could send a form."""
    sign_in(browser)
    assert post_form(browser, "/test-notes", {"text": "x"}).status_code == 303


def test_htmx_sends_the_token_in_a_header(browser: Browser) -> None:
    """Parts of pages could not be sent."""
    sign_in(browser)
    headers = {"x-csrftoken": browser.cookies["csrftoken"], "hx-request": "true"}
    answer = browser.post("/test-notes", data={"text": "x"}, headers=headers)
    assert answer.headers["hx-redirect"] == "/test-notes"


def test_a_cookie_reads_the_api_but_moves_nothing(house: House, browser: Browser) -> None:
    """The API has no form token: a cookie there must not be enough."""
    sign_in(browser)
    assert browser.get("/api/v1/test-notes").json() == ["Test producer"]
    answer = browser.post("/api/v1/test-notes", json={"text": "x"}, headers={"idempotency-key": "a"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_required")


def test_a_token_moves_things_on_the_api_and_opens_no_page(house: House, browser: Browser) -> None:
    """A program could not work, or would have the run of the pages."""
    header = house.token(Role.PRODUCER)
    answer = browser.post("/api/v1/test-notes", json={"text": "x"}, headers=header | {"idempotency-key": "a"})
    assert answer.status_code == 201
    assert browser.get("/test-notes", headers=header, follow_redirects=False).status_code == 303


def test_a_word_for_the_next_page_is_shown_once(browser: Browser) -> None:
    """A person would not know whether it was done, or be told for ever."""
    sign_in(browser)
    post_form(browser, "/test-notes", {"text": "x"})
    assert "said" in browser.cookies
    browser.get("/no-such-page")
    assert "said" not in browser.cookies
