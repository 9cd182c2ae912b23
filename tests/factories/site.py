"""How does a test visit the pages as one of the people of the small market?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from html import unescape
from urllib.parse import urlsplit

import httpx
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, update

from compliance.catalogue import files
from compliance.catalogue.search import card
from compliance.catalogue.tables import CatalogueEntry
from compliance.record.database import transaction
from compliance.record.who import Who
from marketplace.accounts import passwords, service
from marketplace.accounts.tables import Account
from marketplace.edge.identity import SESSION_COOKIE
from marketplace.settings import Settings
from tests.factories.rooms import application
from tests.factories.trade import CODES, Market, kept_market, open_market

PASSWORD = "correct horse battery"


@cache
def hashed() -> str:
    """Hash the one password once: it is slow by design."""
    return passwords.hashed(PASSWORD)


@dataclass
class Site:
    """The application on a small market, with a login for each of its people."""

    market: Market
    app: Litestar = field(init=False)
    wall_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.wall_at = self.market.at
        settings = Settings(demo=False)
        self.app = application(settings, self.market.engine, self.market.now, wall=lambda: self.wall_at)

    def visitor(self, who: Who | str, language: str = "en") -> Visitor:
        """Return a browser in which somebody is signed in."""
        person = self.market.parties[who].who if isinstance(who, str) else who
        assert person.person_id is not None
        with transaction(self.market.engine) as session:
            if session.get(Account, person.person_id) is None:
                login = f"login-{person.person_id.hex[-8:]}"
                row = Account(person_id=person.person_id, login=login, password_hash=hashed(), failures=0)
                session.add(row)
                session.flush()
            secret = service.sign_in(session, person.person_id, "test", self.wall_at)
        client = TestClient(self.app, raise_server_exceptions=True)
        client.cookies.set(SESSION_COOKIE, secret)
        client.cookies.set("lang", language)
        return Visitor(client)

    def token(self, name: str, key: str = "") -> dict[str, str]:
        """Return the headers of a program that acts for a party, with the key of what it means to do."""
        person = self.market.parties[name].who.person_id
        assert person is not None
        with transaction(self.market.engine) as session:
            _, text = service.issue_token(session, person, "test", self.wall_at)
        headers = {"Authorization": f"Bearer {text}", "Accept-Language": "en"}
        return headers | {"Idempotency-Key": key} if key else headers


@dataclass
class Visitor:
    """A person's browser: fetches pages and posts forms as a page without scripts does."""

    client: TestClient[Litestar]

    def get(self, path: str, status: int = 200) -> str:
        """Return the text of a page."""
        answer = self.client.get(path, follow_redirects=False)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    def post(self, path: str, *, referer: str = "", **fields: str) -> httpx.Response:
        """Post a form with the token that the browser was given."""
        if "csrftoken" not in self.client.cookies:
            self.client.get("/sign-in")
        token = self.client.cookies["csrftoken"]
        headers = {"referer": f"http://testserver.local{referer or path}"}
        data = fields | {"_csrf_token": token}
        return self.client.post(path, data=data, headers=headers, follow_redirects=False)

    def sent_to(self, path: str, **fields: str) -> str:
        """Post a form that must succeed and return the path it leads to."""
        answer = self.post(path, **fields)
        assert answer.status_code == 303, answer.text
        return urlsplit(answer.headers["location"]).path


def open_site(engine: Engine, vehicles: int = 2) -> Site:
    """Open the small market with its pages, its few kinds of waste searchable by name and pinyin."""
    return Site(searchable_market(engine, vehicles))


def searchable_market(engine: Engine, vehicles: int) -> Market:
    """Open the small market whose kinds of waste are found by name and pinyin."""
    return kept_market(engine, ("searchable", vehicles), lambda: _searchable(engine, vehicles))


def _searchable(engine: Engine, vehicles: int) -> Market:
    market = open_market(engine, vehicles)
    words = files.common_words()
    with market.work() as work:
        for one in files.waste_types():
            if one.code in CODES:
                told = words.get(one.code, ())
                text = card(one.code, one.category, one.category_name, one.industry, one.description, told)
                work.session.execute(
                    update(CatalogueEntry)
                    .where(CatalogueEntry.code == one.code, CatalogueEntry.edition == one.edition)
                    .values(search_text=text.text)
                )
    return market
