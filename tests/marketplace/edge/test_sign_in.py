"""A person comes in, stays for a shift, and goes; whoever guesses is slowed down."""

from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, func, select

from compliance.record.database import reading
from marketplace.accounts.rules import ALLOWED_IN_WINDOW, Counted
from marketplace.accounts.tables import SignIn
from marketplace.app import create_app
from marketplace.edge.guards import same_site
from marketplace.settings import Settings
from tests.marketplace.edge.house import PASSWORD, House, open_house, post_form, sign_in

Browser = TestClient[Litestar]


def test_a_person_comes_in_and_goes_where_they_were_going(browser: Browser) -> None:
    """Without this nobody could use the product."""
    stopped = browser.get("/test-notes?page=2", follow_redirects=False)
    assert stopped.status_code == 303
    assert stopped.headers["location"] == "/sign-in?next=%2Ftest-notes%3Fpage%3D2"
    answer = post_form(
        browser,
        "/sign-in",
        {"login": "Producer ", "password": PASSWORD, "next": "/test-notes?page=2"},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/test-notes?page=2")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert browser.get("/test-notes").status_code == 200


def test_the_cookie_travels_only_under_tls_in_production(engine: Engine) -> None:
    """A sign-in sent in the clear could be copied on the way."""
    house = open_house(engine, Settings(production=True, demo=False))
    with TestClient(house.app, base_url="https://huanlian.test") as client:
        answer = post_form(client, "/sign-in", {"login": "driver", "password": PASSWORD})
        assert "secure" in answer.headers["set-cookie"].lower()
        assert "max-age=31536000" in answer.headers["strict-transport-security"]


def test_a_wrong_password_says_neither_which_was_wrong_nor_loses_the_login(browser: Browser) -> None:
    """A guesser would learn which logins exist."""
    known = post_form(browser, "/sign-in", {"login": "producer", "password": "wrong"})
    unknown = post_form(browser, "/sign-in", {"login": "nobody", "password": "wrong"})
    assert known.status_code == unknown.status_code == 401
    assert known.text.replace("producer", "") == unknown.text.replace("nobody", "")
    assert 'value="producer"' in known.text


def test_guessing_one_login_is_slowed_down_in_every_process(
    engine: Engine, house: House, browser: Browser
) -> None:
    """A program would try a million passwords."""
    for _ in range(ALLOWED_IN_WINDOW[Counted.LOGIN]):
        assert sign_in(browser, password="wrong") == 401
    second = House(engine, create_app(Settings(), engine, wall=house.wall), house.wall)
    with second.client() as other:
        answer = post_form(other, "/sign-in", {"login": "producer", "password": PASSWORD})
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 901
    assert sign_in(browser, "driver") == 303
    house.wall.forward(minutes=16)
    assert sign_in(browser) == 303


def test_a_right_password_clears_the_count(house: House, browser: Browser) -> None:
    """A person who mistypes now and then would be locked out."""
    for _ in range(2):
        for _ in range(ALLOWED_IN_WINDOW[Counted.LOGIN] // 2 + 1):
            assert sign_in(browser, password="wrong") == 401
        assert sign_in(browser) == 303


def test_a_sign_in_ends_with_the_shift(house: House, browser: Browser) -> None:
    """A PC left open would stay open for ever."""
    sign_in(browser)
    house.wall.forward(hours=11, minutes=59)
    assert browser.get("/test-notes").status_code == 200
    house.wall.forward(minutes=2)
    answer = browser.get("/test-notes", follow_redirects=False)
    assert answer.headers["location"] == "/sign-in?next=%2Ftest-notes&over=1"
    assert (
        browser.get("/test-notes", headers={"hx-request": "true"})
        .headers["hx-redirect"]
        .startswith("/sign-in")
    )


def test_what_was_typed_survives_an_expired_sign_in(house: House, browser: Browser) -> None:
    """A producer would lose a long form to a lunch break."""
    sign_in(browser)
    house.wall.forward(hours=13)
    page = {"referer": "http://testserver.local/test-notes"}
    answer = post_form(browser, "/test-notes", {"text": "廿四吨废油", "my_password": "never kept"}, **page)
    assert answer.headers["location"] == "/sign-in?next=%2Ftest-notes&over=1"
    assert sign_in(browser) == 303
    assert browser.get("/test-notes").json() == {"text": ["廿四吨废油"]}
    assert browser.get("/test-notes").json() == {}


def test_a_kept_form_is_given_to_nobody_else(house: House, browser: Browser) -> None:
    """The next person at the same PC would read it."""
    sign_in(browser)
    house.wall.forward(hours=13)
    post_form(browser, "/test-notes", {"text": "private"}, referer="http://testserver.local/test-notes")
    assert sign_in(browser, "driver") == 303
    assert browser.get("/test-notes").json() == {}


def test_signing_out_ends_the_session_itself(engine: Engine, house: House, browser: Browser) -> None:
    """A copied cookie would stay good."""
    sign_in(browser)
    copied = browser.cookies["session"]
    assert post_form(browser, "/sign-out", {}).status_code == 303
    browser.cookies.set("session", copied)
    assert browser.get("/test-notes", follow_redirects=False).status_code == 303
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/a\nb", "javascript:x"]
)
def test_nobody_is_led_to_another_site(path: str) -> None:
    """A link to our sign-in would end on a copy of our pages."""
    assert same_site(path) == "/"
