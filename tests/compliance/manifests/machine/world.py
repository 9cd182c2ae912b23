"""How does the machine call the REST API as anybody, and what must hold of every single answer?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import func, select

from compliance.approvals.tables import ApprovalDraw
from compliance.construction.tables import SpoilDraw
from compliance.manifests.tables import (
    Manifest,
    ManifestException,
    ManifestLeg,
    ManifestRevision,
    ManifestRevisionAnswer,
    ManifestSignature,
)
from compliance.record import ledger
from compliance.record.database import reading
from compliance.registry.tables import LicenceDraw, Organisation
from marketplace.lots.tables import Lot
from marketplace.settings import Settings
from tests.compliance.manifests.machine.people import People, gathered
from tests.factories.rooms import application
from tests.factories.terminals import Terminal
from tests.factories.trade import Market
from tests.support.places import Place
from tracking.trips.tables import Trip

_PRINT = select(
    select(func.max(ledger.head.c.seq)).scalar_subquery(),
    *(
        select(func.coalesce(func.sum(column), 0)).scalar_subquery()
        for column in (Manifest.version, Lot.version, LicenceDraw.kg, ApprovalDraw.kg, SpoilDraw.kg)
    ),
    *(
        select(func.count()).select_from(table).scalar_subquery()
        for table in (ManifestSignature, ManifestException, ManifestRevision, ManifestRevisionAnswer)
    ),
)
"""What no refused call may change: the record, versions, what was drawn, and what was asked and signed."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it was sent, so that it can be sent again."""

    who: str
    method: str
    path: str
    said: Mapping[str, object]
    headers: Mapping[str, str]


@dataclass
class World:
    """One market with everybody signed in before its API, and what was sent last."""

    people: People
    client: TestClient[Litestar]
    keys: Iterator[int] = field(default_factory=count)
    terminals: dict[str, Terminal] = field(default_factory=dict)
    """By driver, what signs where there is no signal."""
    turns: Iterator[int] = field(default_factory=count)
    rests: int = 0
    """For so many more acts no worker digests what has happened."""
    done: Call | None = None
    """The last call that changed something, and its answer."""
    answer: httpx.Response | None = None
    touched: UUID | None = None
    """Which manifest the act at hand is about."""
    behind: bool = False
    """Something has happened that no worker has digested."""

    @property
    def market(self) -> Market:
        """Return the market with its database and clock."""
        return self.people.market

    # -- asking ----------------------------------------------------------------------------------

    def get(self, who: str, path: str, **asked: Any) -> httpx.Response:
        """Read something as somebody."""
        said = {name: value for name, value in asked.items() if value is not None}
        return self._send(Call(who, "GET", path, said, {}))

    def post(self, who: str, path: str, **said: Any) -> httpx.Response:
        """Do something as somebody; what is refused must say why and leave no trace."""
        return self.change(Call(who, "POST", path, said, {"idempotency-key": f"k{next(self.keys)}"}))

    def change(self, call: Call) -> httpx.Response:
        """Send a request that may change something."""
        before = self.print()
        answer = self._send(call)
        if answer.is_success:
            self.done, self.answer = call, answer
            self.digest()
        else:
            assert self.print() == before, (call, answer.text)
        return answer

    def _send(self, call: Call) -> httpx.Response:
        headers = {
            "authorization": f"Bearer {self.people.tokens[call.who]}",
            "accept-language": "en",
            **call.headers,
        }
        path = f"/api/v1{call.path}"
        if call.method == "GET":
            answer = self.client.get(path, params=dict(call.said), headers=headers)
        else:
            answer = self.client.request(call.method, path, json=dict(call.said), headers=headers)
        assert answer.status_code < 500, (call, answer.text)
        if not answer.is_success:
            assert reasoned(answer), (call, answer.text)
        return answer

    def list_lot(self, who: str, code: str, kg: int) -> UUID | None:
        """List a lot and return it, None where that was refused."""
        at, market = self.market.at, self.market
        said = {
            "site_id": str(market.parties[who].site_id),
            "code": code,
            "kg": kg,
            "ready_from": at.isoformat(),
            "ready_to": (at + timedelta(days=10)).isoformat(),
            "price": "-2500",
        }
        answer = self.post(who, "/lots", **said)
        return UUID(answer.json()["id"]) if answer.is_success else None

    def print(self) -> tuple[int, ...]:
        """Return a figure of everything that a refused call must leave alone."""
        with reading(self.market.engine) as session:
            return tuple(session.execute(_PRINT).one())

    def digest(self, *, now: bool = False) -> None:
        """Let the worker digest what has happened, unless it rests; nothing may be set aside."""
        self.behind = not now and self.rests > 0
        if not self.behind:
            self.market.idle()
        self.rests = 0 if now else max(0, self.rests - 1)

    # -- looking ---------------------------------------------------------------------------------

    def manifests(self) -> list[Manifest]:
        """Return every manifest, the oldest first."""
        return self.market.rows(select(Manifest).order_by(Manifest.created_at, Manifest.id))

    def chosen(self, pick: int) -> Manifest | None:
        """Return one of the manifests, the last moved first; the machine looks at it afterwards."""
        found = sorted(self.manifests(), key=lambda row: (row.changed_at, row.id), reverse=True)
        if not found:
            return None
        row = found[pick % len(found)]
        self.touched = row.id
        return row

    def fresh(self, row: Manifest) -> Manifest:
        """Return a manifest as it now stands."""
        found = self.market.get(Manifest, row.id)
        assert isinstance(found, Manifest)
        return found

    def trip(self, row: Manifest) -> Trip | None:
        """Return the trip of a manifest, once the worker has planned it."""
        found = self.market.rows(select(Trip).where(Trip.manifest_id == row.id))
        return found[0] if found else None

    def taking_part(self, row: Manifest) -> set[UUID]:
        """Return whose manifest it is: its parties, and every carrier to which it was ever offered."""
        legs = self.market.rows(select(ManifestLeg).where(ManifestLeg.manifest_id == row.id))
        carriers = {key for leg in legs for key in (leg.carrier_id, leg.from_carrier_id)}
        return {row.mover_id, row.carrier_id, row.receiver_id, *carriers}

    def uscc(self, name: str) -> str:
        """Return a party's credit code."""
        return str(self.market.get(Organisation, self.market.parties[name].id).uscc)

    def named(self, pick: int) -> str:
        """Return one of the people's names."""
        return self.people.names[pick % len(self.people.names)]


def reasoned(answer: httpx.Response) -> bool:
    """Tell whether a refusal is a problem document that says what was refused, by which rule or field."""
    if answer.headers["content-type"].partition(";")[0] != "application/problem+json":
        return False
    told = answer.json()
    if not (told.get("code") and told.get("detail") and told["status"] == answer.status_code):
        return False
    reasons = told.get("errors") or [told]
    return answer.status_code != 422 or all(one.get("rule") or one.get("field") for one in reasons)


@contextmanager
def opened(places: Callable[[], AbstractContextManager[Place]]) -> Iterator[World]:
    """Yield a market of its own with everybody signed in; its chain is whole at the end."""
    with places() as place:
        engine = place.opened()
        people = gathered(engine)
        market = people.market
        app = application(Settings(demo=False), engine, market.now, wall=market.now)
        with TestClient(app) as client:
            yield World(people, client)
        assert ledger.verify(engine) is None
        engine.dispose()
