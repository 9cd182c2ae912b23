"""How does the market stand at a glance, and does every part behind it work?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from compliance.manifests import queries as manifests
from compliance.manifests.tables import Manifest
from compliance.record import subscribers
from compliance.record.subscribers import Lag, Parked
from compliance.record.who import Role, Who
from marketplace.deals import queries as deals
from marketplace.deals.tables import Deal
from marketplace.edge import tally
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import page
from marketplace.edge.tally import DoorRefusal
from marketplace.lots import queries as lots
from marketplace.lots.tables import Lot
from marketplace.settlements import queries as settlements
from marketplace.settlements.tables import Settlement, SettlementLine
from marketplace.verification import Verification, verify
from tracking.alerts import queries as alerts
from tracking.alerts.kinds import Severity
from tracking.fleet import queries as fleet
from tracking.fleet.tables import Device
from tracking.intake import queries as intake
from tracking.intake.tables import DeadLetter, SequenceConflict
from tracking.trips import queries as trips
from tracking.trips.tables import Trip
from tracking.weighings import queries as weighings
from tracking.weighings.tables import Weighing

SKEW_S = 60.0
"""A device whose clock is off by more than this is named."""
SHOWN = 20
REFUSED = "refused_"


@dataclass(frozen=True, slots=True)
class Noun:
    """How many things of one kind there are in each state."""

    kind: str
    counts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """Return how many there are in all."""
        return sum(number for _, number in self.counts)


@dataclass(frozen=True, slots=True)
class Masses:
    """Kilograms on the market, agreed, on their way, and accepted."""

    listed_kg: int
    agreed_kg: int
    moving_kg: int
    accepted_kg: int


@dataclass(frozen=True, slots=True)
class Money:
    """Fen that settlements make due and that were paid; only for the operator's eyes."""

    due_fen: int
    paid_fen: int
    disputed_kg: int


@dataclass(frozen=True, slots=True)
class Devices:
    """How the devices are: by kind online and offline, and those that need a look."""

    online: Mapping[str, int]
    offline: Mapping[str, int]
    skewed: tuple[Device, ...]
    queued: int
    refused: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class Inside:
    """What the parts behind the pages say of themselves."""

    lags: Sequence[Lag]
    parked: Sequence[Parked]
    refusals: Mapping[str, int]
    door: Sequence[DoorRefusal]
    at_devices: Mapping[str, int]
    dead_letters: Sequence[DeadLetter]
    conflicts: Sequence[SequenceConflict]
    devices: Devices
    unbound: Sequence[Weighing]


@dataclass(frozen=True, slots=True)
class Glance:
    """The market at a moment."""

    at: datetime
    nouns: tuple[Noun, ...]
    masses: Masses
    money: Money | None
    inside: Inside
    alerts: Mapping[Severity, int]
    """How many alerts still want a look, the gravest first."""


class Market(Controller):
    """The operator's page; an inspector sees it without the money."""

    path = "/market"
    include_in_schema = False
    guards = (requires(Role.OPERATOR, Role.INSPECTOR),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the market at a glance."""
        return self._page(request, door)

    @get("/now", sync_to_thread=True)
    def now(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Return the figures as they now stand."""
        with door.reading(request) as work:
            found = glance(work.session, work.who, work.now)
            return page(request, "oversight/market_now.html", glance=found)

    @post("/verify", sync_to_thread=True)
    def verify(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Walk the whole record and say whether chain, money and mass hold."""
        return self._page(request, door, verify(door.engine))

    def _page(self, request: Visit, door: Door, verification: Verification | None = None) -> Response[str]:
        with door.reading(request) as work:
            found = glance(work.session, work.who, work.now)
            return page(
                request, "oversight/market.html", glance=found, verification=verification, at=work.now
            )


def glance(session: Session, who: Who, at: datetime) -> Glance:
    """Gather the figures that a person may see."""
    trip_counts = _counted(session, trips.visible_to(who).with_only_columns(Trip.state, func.count()), Trip)
    nouns = (
        Noun("lot", _ordered(lots.counts(session, who))),
        Noun("deal", _ordered(deals.counts(session, who))),
        Noun("manifest", _ordered(manifests.counts(session, who))),
        Noun("trip", _ordered(trip_counts)),
    )
    shown_money = money(session, who) if who.has(Role.OPERATOR) else None
    standing = alerts.standing(session, who)
    return Glance(at, nouns, masses(session, who), shown_money, inside(session, who), standing)


def masses(session: Session, who: Who) -> Masses:
    """Add up the kilograms of each stage."""
    m = Manifest
    moving = manifests.visible_to(who).where(m.state.in_(["loaded", "in_transit", "arrived"]))
    return Masses(
        listed_kg=_sum(session, lots.visible_to(who).where(Lot.state == "listed"), Lot.left_kg),
        agreed_kg=_sum(session, deals.visible_to(who).where(Deal.state == "agreed"), Deal.kg),
        moving_kg=_sum(session, moving, m.loaded_kg),
        accepted_kg=_sum(session, manifests.visible_to(who), m.accepted_kg),
    )


def money(session: Session, who: Who) -> Money:
    """Add up what settlements make due and what of it was paid."""
    seen = settlements.visible_to(who)
    ids = seen.with_only_columns(Settlement.id)
    lines = select(SettlementLine).where(SettlementLine.settlement_id.in_(ids))
    return Money(
        due_fen=_sum(session, lines.where(SettlementLine.paid_at.is_(None)), SettlementLine.fen),
        paid_fen=_sum(session, lines.where(SettlementLine.paid_at.is_not(None)), SettlementLine.fen),
        disputed_kg=_sum(session, seen, Settlement.disputed_kg),
    )


def inside(session: Session, who: Who) -> Inside:
    """Ask every part how it is."""
    parked = select(Parked).order_by(Parked.at.desc(), Parked.seq).limit(SHOWN)
    return Inside(
        lags=subscribers.lags(session),
        parked=session.scalars(parked).all(),
        refusals=intake.refusals(session, who),
        door=tally.refusals(session, who)[:SHOWN],
        at_devices=refused_at_devices(fleet.counted(session, who)),
        dead_letters=intake.dead_letters(session, who, SHOWN),
        conflicts=intake.conflicts(session, who, SHOWN),
        devices=devices(session.scalars(fleet.devices_visible_to(who).order_by(Device.id)).all()),
        unbound=weighings.unbound(session, who, SHOWN),
    )


def refused_at_devices(counted: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Sum up what gateways and scales say they refused, by reason: frames with a wrong checksum and such."""
    sums: Counter[str] = Counter()
    for counts in counted.values():
        for name, number in counts.items():
            if name.startswith(REFUSED):
                sums[name.removeprefix(REFUSED)] += number
    return dict(sums.most_common())


def devices(rows: Sequence[Device]) -> Devices:
    """Sum up the devices and pick out those that need a look."""
    return Devices(
        online=Counter(row.kind for row in rows if row.online),
        offline=Counter(row.kind for row in rows if not row.online),
        skewed=tuple(row for row in rows if row.skew_s is not None and abs(row.skew_s) > SKEW_S),
        queued=sum(row.queued for row in rows),
        refused=tuple(row for row in rows if row.refused),
    )


def _counted(session: Session, statement: Select[str, int], table: type[Trip]) -> dict[str, int]:
    return dict(session.execute(statement.group_by(table.state)).all())


def _ordered(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: -pair[1]))


def _sum(session: Session, statement: Select[Any], column: Any) -> int:
    total = session.scalar(statement.with_only_columns(func.coalesce(func.sum(column), 0)))
    return int(total or 0)


ROUTES: list[ControllerRouterHandler] = [Market]
