"""How do the tests of the parties knock, as programs and as people?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
from litestar.testing import TestClient

from compliance.record.database import transaction
from compliance.record.who import Role, Who
from compliance.registry.tables import Person
from marketplace.accounts import service as accounts
from tests.factories.site import Site

PARTIES = frozenset({Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER})
OVERSEERS = frozenset({Role.INSPECTOR, Role.OPERATOR})


@dataclass
class Door:
    """The site with a folder for scans, and a token for whoever asks."""

    site: Site
    client: TestClient[Any]
    tokens: dict[UUID | None, dict[str, str]] = field(default_factory=dict)

    def token(self, who: Who) -> dict[str, str]:
        """Return the headers of a program that acts for somebody."""
        if who.person_id not in self.tokens:
            self.tokens[who.person_id] = self._token(who)
        return self.tokens[who.person_id]

    def _token(self, who: Who) -> dict[str, str]:
        self.site.visitor(who)
        with transaction(self.site.market.engine) as session:
            assert who.person_id is not None
            _, text = accounts.issue_token(session, who.person_id, "test", self.site.wall_at)
        return {"authorization": f"Bearer {text}", "accept-language": "en"}

    def get(self, who: Who, path: str) -> httpx.Response:
        """Read as somebody."""
        return self.client.get(f"/api/v1{path}", headers=self.token(who))

    def post(self, who: Who, path: str, said: object = None, content: bytes | None = None) -> httpx.Response:
        """Do something as somebody, with a fresh key."""
        headers = self.token(who) | {"idempotency-key": uuid4().hex}
        if content is not None:
            return self.client.post(f"/api/v1{path}", content=content, headers=headers)
        return self.client.post(f"/api/v1{path}", json=said or {}, headers=headers)


def wrong_ways(door: Door, ways: dict[tuple[str, str], frozenset[Role]]) -> list[tuple[str, str, str, int]]:
    """Try every way as every role and return where somebody was let in, or kept out, wrongly."""
    owner = door.site.market.parties["producer"].id
    wrong = []
    for role in Role:
        with door.site.market.work() as work:
            person = Person(id=uuid4(), organisation_id=owner, name=role.value, roles=[role.value])
            work.session.add(person)
        who = Who(person.id, person.name, owner, frozenset({role}))
        headers, browser = door.token(who), door.site.visitor(who)
        for (method, path), roles in ways.items():
            place = path.replace("{id}", str(uuid4()))
            if path.startswith("/api"):
                more = {"idempotency-key": uuid4().hex} if method == "POST" else {}
                told = door.client.request(method, place, headers=headers | more, json={} if more else None)
            else:
                told = browser.client.get(place, follow_redirects=False)
            if (told.status_code == 403) == (role in roles):
                wrong.append((method, path, role.value, told.status_code))
    return wrong
