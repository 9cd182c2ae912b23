"""What does an operator see of the market's trade-offs: a picture, a table, and one point opened?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Organisation
from marketplace.lots import queries as lots
from marketplace.lots.tables import Lot
from marketplace.needs import queries as needs
from marketplace.needs.tables import Need
from marketplace.solves.tables import Solve

WIDTH, HEIGHT = 300, 200
LEFT, RIGHT, TOP, BOTTOM = 14, 286, 12, 186


@dataclass(frozen=True, slots=True)
class Point:
    """One way to clear the market, with what it gives up against the one of most welfare."""

    number: int
    welfare: float
    tonne_km: float
    emissions_kg: float
    lots_share: float
    tonnes: float
    given_up: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture: welfare upwards, another goal to the right; a dot is x, y and the point's number."""

    goal: str
    least: float
    most: float
    dots: Sequence[tuple[float, float, int]]


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a point sends from a lot to a receiver; `before_kg` is what the point of most welfare sends."""

    lot: Lot | None
    holder: Organisation | None
    taker: Organisation | None
    kg: int
    before_kg: int
    metres: int


@dataclass(frozen=True, slots=True)
class Opened:
    """One point with everything it sends, and what it leaves of the shipments of most welfare."""

    point: Point
    sent: Sequence[Shipment]
    dropped: Sequence[Shipment]


@dataclass(frozen=True, slots=True)
class TradeOffs:
    """The answer of a solve: its points, most welfare first; `opened` is one of them."""

    solve: Solve
    points: Sequence[Point]
    panels: Sequence[Panel]
    found: int
    listed: int
    cleared: int
    of: int
    distances: str
    opened: Opened | None


def trade_offs(work: Work, row: Solve, chosen: int | None) -> TradeOffs:
    """Return a solve's answer for the page; the caller has made sure that it may be seen and has one."""
    told: dict[str, Any] = row.result or {}
    best = told["points"][0]["welfare_cny"] if told["points"] else 0.0
    points = [_point(number, one, best) for number, one in enumerate(told["points"], 1)]
    opened = next((one for one in points if one.number == chosen), None)
    return TradeOffs(
        solve=row,
        points=points,
        panels=[_panel(goal, points) for goal in ("tonne_km", "emissions_kg", "lots_share")],
        found=told["found"],
        listed=told["listed"],
        cleared=told["cleared"],
        of=told["of"],
        distances=told["distances"],
        opened=_opened(work, told, opened) if opened is not None else None,
    )


def _point(number: int, told: Mapping[str, Any], best: float) -> Point:
    return Point(
        number=number,
        welfare=told["welfare_cny"],
        tonne_km=told["tonne_km"],
        emissions_kg=told["emissions_kg"],
        lots_share=told["lots_share"],
        tonnes=sum(kg for _, _, kg, _ in told["shipments"]) / 1000,
        given_up=max(0.0, best - told["welfare_cny"]),
    )


def _panel(goal: str, points: Sequence[Point]) -> Panel:
    across = [float(getattr(one, goal)) for one in points]
    up = [one.welfare for one in points]
    dots = [
        (
            _placed(x, across, LEFT, RIGHT),
            HEIGHT - _placed(y, up, HEIGHT - BOTTOM, HEIGHT - TOP),
            one.number,
        )
        for x, y, one in zip(across, up, points, strict=True)
    ]
    return Panel(goal, min(across, default=0.0), max(across, default=0.0), dots)


def _placed(value: float, among: Sequence[float], start: float, end: float) -> float:
    """Return where a value stands between two ends of an axis; in the middle where all are the same."""
    least, most = min(among), max(among)
    share = (value - least) / (most - least) if most > least else 0.5
    return round(start + share * (end - start), 1)


def _opened(work: Work, told: Mapping[str, Any], point: Point) -> Opened:
    """Return a point's shipments beside those of the first, the largest change first."""
    mine, first = (_by_pair(told, one) for one in (told["points"][point.number - 1], told["points"][0]))
    names = _Names(work, told)
    sent = [
        names.shipment(pair, kg, first.get(pair, (0, 0))[0], metres) for pair, (kg, metres) in mine.items()
    ]
    gone = [names.shipment(pair, 0, kg, metres) for pair, (kg, metres) in first.items() if pair not in mine]
    ordered = [sorted(rows, key=lambda one: (-abs(one.kg - one.before_kg), -one.kg)) for rows in (sent, gone)]
    return Opened(point, ordered[0], ordered[1])


def _by_pair(told: Mapping[str, Any], point: Mapping[str, Any]) -> dict[tuple[UUID, UUID], tuple[int, int]]:
    return {
        (UUID(told["lots"][lot]), UUID(told["needs"][need])): (kg, metres)
        for lot, need, kg, metres in point["shipments"]
    }


class _Names:
    """Who stands behind the lots and needs of an answer, looked up once; a row may be gone by now."""

    def __init__(self, work: Work, told: Mapping[str, Any]) -> None:
        session = work.session
        own_lots = lots.visible_to(work.who).where(Lot.id.in_([UUID(one) for one in told["lots"]]))
        own_needs = needs.visible_to(work.who).where(Need.id.in_([UUID(one) for one in told["needs"]]))
        self.lots = {row.id: row for row in session.scalars(own_lots)}
        self.needs = {row.id: row for row in session.scalars(own_needs)}
        behind = [row.organisation_id for row in self.lots.values()]
        behind += [row.organisation_id for row in self.needs.values()]
        self.parties = registry.organisations(session, behind)

    def shipment(self, pair: tuple[UUID, UUID], kg: int, before_kg: int, metres: int) -> Shipment:
        """Return a shipment with its names."""
        lot, need = self.lots.get(pair[0]), self.needs.get(pair[1])
        return Shipment(
            lot=lot,
            holder=self.parties.get(lot.organisation_id) if lot else None,
            taker=self.parties.get(need.organisation_id) if need else None,
            kg=kg,
            before_kg=before_kg,
            metres=metres,
        )
