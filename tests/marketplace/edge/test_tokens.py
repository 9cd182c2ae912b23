"""A program gets a key, uses it, and the key can be taken away."""

from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, select

from compliance.record.database import reading, transaction
from marketplace.accounts.rules import ALLOWED_IN_WINDOW, Counted
from marketplace.accounts.tables import Account, ApiToken
from tests.marketplace.edge.house import PASSWORD, House

pytestmark = pytest.mark.sqlite_alone

Browser = TestClient[Litestar]
URL = "/api/v1/tokens"


def test_a_token_is_shown_once_and_stored_as_a_digest(engine: Engine, house: House, browser: Browser) -> None:
    """Whoever reads a backup would act for everybody."""
    made = browser.post(URL, json={"login": "inspector", "password": PASSWORD, "name": "robot"})
    assert made.status_code == 201
    text = made.json()["token"]
    assert text.startswith("hl_")
    header = {"authorization": f"Bearer {text}"}
    listed = browser.get(URL, headers=header).json()
    assert [(token["name"], token["last_four"], "token" in token) for token in listed] == [
        ("robot", text[-4:], False)
    ]
    with reading(engine) as session:
        row = session.scalars(select(ApiToken)).one()
        assert text not in (row.token_hash, row.name)


def test_a_revoked_or_expired_token_is_worthless(house: House, browser: Browser) -> None:
    """A leaked token could not be stopped."""
    made = [browser.post(URL, json={"login": "driver", "password": PASSWORD}).json() for _ in range(2)]
    first, second = ({"authorization": f"Bearer {one['token']}"} for one in made)
    assert browser.delete(f"{URL}/{made[0]['id']}", headers=first).status_code == 204
    refused = browser.get(URL, headers=first)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_invalid")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    house.wall.forward(days=366)
    assert browser.get(URL, headers=second).status_code == 401


def test_nobody_revokes_anothers_token(house: House, browser: Browser) -> None:
    """One user could lock out another's programs."""
    mine = browser.post(URL, json={"login": "driver", "password": PASSWORD}).json()
    theirs = browser.post(URL, json={"login": "operator", "password": PASSWORD}).json()
    header = {"authorization": f"Bearer {mine['token']}"}
    assert browser.delete(f"{URL}/{theirs['id']}", headers=header).status_code == 404


def test_guessing_over_the_api_is_slowed_down_too(house: House, browser: Browser) -> None:
    """The API would be the open window beside the locked door."""
    for _ in range(ALLOWED_IN_WINDOW[Counted.LOGIN]):
        assert browser.post(URL, json={"login": "driver", "password": "wrong"}).status_code == 401
    answer = browser.post(URL, json={"login": "driver", "password": PASSWORD})
    assert answer.status_code == 429
    assert "retry-after" in answer.headers


def test_a_disabled_account_is_out_at_once(engine: Engine, house: House, browser: Browser) -> None:
    """Someone who left would keep acting until the token ends."""
    made = browser.post(URL, json={"login": "driver", "password": PASSWORD}).json()
    with transaction(engine) as session:
        account = session.scalar(select(Account).where(Account.login == "driver"))
        assert account is not None
        account.disabled = True
    assert browser.get(URL, headers={"authorization": f"Bearer {made['token']}"}).status_code == 401
    assert browser.post(URL, json={"login": "driver", "password": PASSWORD}).status_code == 401
