"""Where can waste have come back to whom it left, in the order of time, and how much of it?

A ring is two to six companies. Each leg must leave after the one before has arrived, within a window; the
search drops whoever only gives or only takes, looks no further than can still come home, and is bounded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from compliance.oversight.rules import Found, Load, Sign
from compliance.record.clock import SHANGHAI

MOST_PARTIES = 6
NEAR = MOST_PARTIES // 2
"""So many legs are looked back from a company: the search out and the way home meet in the middle."""
MOST_RINGS = 500
RING_STEPS = 250
"""To weigh a ring takes as long as to look at so many loads."""
MOST_SHOWN = 20
"""So many loads of each leg are named."""
FULL_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a ring is worth a question, and how long it is looked for.

    `steps` bounds the loads that are looked at (some six seconds of a core), so that a dense year ends.
    """

    window: timedelta = timedelta(days=90)
    least_percent: int = 10
    """Less than this share of the first leg is no ring: a few drums sent on among tonnes."""
    steps: int = 3_000_000


@dataclass(frozen=True, slots=True)
class Rings:
    """The rings that were found, the heaviest first, and whether they are all there are."""

    found: list[Found]
    complete: bool = True


@dataclass(slots=True)
class _Leg:
    """Everything of one kind that one company gave another, in the order in which it left."""

    loads: list[Load]
    left: list[float] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loads.sort(key=lambda one: (leaves(one), one.id))
        self.left = [leaves(one).timestamp() for one in self.loads]
        self.arrived = [arrives(one).timestamp() for one in self.loads]


_Flows = Mapping[UUID, Mapping[UUID, _Leg]]


def leaves(load: Load) -> datetime:
    """Return when a load left: when it departed, else the beginning of the day it was drawn up."""
    return load.left_at or _morning(load.drawn_up)


def arrives(load: Load) -> datetime:
    """Return when a load was there: when it was accepted, else the beginning of that day."""
    return load.accepted_at or _morning(load.accepted_on or load.drawn_up)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def circles_of_year(loads: Iterable[Load], year: int, bounds: Bounds | None = None) -> Rings:
    """Say what came home in a year; what left in the window before it may have begun a ring."""
    limits = bounds or Bounds()
    start = _morning(date(year, 1, 1))
    end = _morning(date(year + 1, 1, 1))
    within = [one for one in loads if leaves(one) >= start - limits.window and arrives(one) < end]
    return circles(within, limits, start)


def circles(loads: Iterable[Load], bounds: Bounds | None = None, since: datetime | None = None) -> Rings:
    """Say where waste of one category goes round among two to six companies (M10), home from `since` on.

    What was called off, did not arrive, or was refused and sent home or on is no leg.
    """
    limits = bounds or Bounds()
    best: dict[tuple[UUID, ...], tuple[int, Found]] = {}
    steps = limits.steps
    for flows in _flows(loads).values():
        search = _Search(flows, limits.window.total_seconds(), steps)
        for parties in search.rings():
            legs = [flows[a][b] for a, b in zip(parties, (*parties[1:], parties[0]), strict=True)]
            ring, key = _ring(parties, legs, limits, since), _turned(parties)
            if ring is not None and (key not in best or best[key][0] < ring[0]):
                best[key] = ring
        steps = search.steps
    ordered = sorted(best.items(), key=lambda one: (-one[1][0], one[0]))
    return Rings([found for _, (_, found) in ordered[:MOST_RINGS]], steps > 0 and len(ordered) <= MOST_RINGS)


def _flows(loads: Iterable[Load]) -> dict[str, _Flows]:
    """Return what went from whom to whom, by category; without whoever nothing comes to, or goes from."""
    given: dict[str, dict[tuple[UUID, UUID], list[Load]]] = defaultdict(lambda: defaultdict(list))
    for one in loads:
        moved = one.accepted_kg and one.accepted_on and not (one.cancelled or one.refused_before)
        if moved and not one.comes_home:
            given[one.code[-3:]][one.mover, one.receiver].append(one)
    found: dict[str, _Flows] = {}
    for kind, every in given.items():
        pairs = _between(every)
        flows: dict[UUID, dict[UUID, _Leg]] = defaultdict(dict)
        for (a, b), own in pairs.items():
            flows[a][b] = _Leg(own)
        if flows:
            found[kind] = flows
    return found


def _between(pairs: Mapping[tuple[UUID, UUID], list[Load]]) -> Mapping[tuple[UUID, UUID], list[Load]]:
    """Return the pairs of which each end gives and takes among what is left."""
    while True:
        both = {a for a, _ in pairs} & {b for _, b in pairs}
        kept = {pair: own for pair, own in pairs.items() if both.issuperset(pair)}
        if len(kept) == len(pairs):
            return kept
        pairs = kept


def _turned(parties: tuple[UUID, ...]) -> tuple[UUID, ...]:
    first = parties.index(min(parties))
    return (*parties[first:], *parties[:first])


class _Search:
    """Every ring of companies whose legs can follow each other in time, from each of them that can begin."""

    def __init__(self, flows: _Flows, window: float, steps: int) -> None:
        self.flows, self.window, self.steps = flows, window, steps
        self.before: dict[UUID, list[UUID]] = defaultdict(list)
        for source, targets in flows.items():
            for target in targets:
                self.before[target].append(source)
        self.near: dict[UUID, int] = {}
        self.found: list[tuple[UUID, ...]] = []

    def rings(self) -> list[tuple[UUID, ...]]:
        """Return the companies of each ring, first the one that its goods left first.

        Who gives most is looked at first, so that a search that is cut short has seen the heaviest.
        """
        for start in sorted(self.flows, key=lambda one: (-self._gives(one), one)):
            if self.steps <= 0:
                break
            self.near = self._home(start)
            self._walk((start,), None)
        return self.found

    def _home(self, start: UUID) -> dict[UUID, int]:
        """Return from whom `start` is reached in how many legs, as far as `NEAR`."""
        near, edge = {start: 0}, [start]
        for legs in range(1, NEAR + 1):
            edge = [one for here in edge for one in self.before[here] if near.setdefault(one, legs) == legs]
            edge = list(dict.fromkeys(edge))
            self.steps -= len(edge)
        return near

    def _walk(self, path: tuple[UUID, ...], there: Sequence[float] | None) -> None:
        """Go on from where goods arrived at these moments, as long as they can still come home."""
        ahead = MOST_PARTIES - len(path)
        for target, leg in self.flows[path[-1]].items():
            home = target == path[0]
            if self.steps <= 0 or (not home and (target in path or self._far(target) > ahead)):
                continue
            self.steps -= len(leg.left)
            arrived = sorted(leg.arrived) if there is None else self._after(there, leg)
            if arrived and home:
                self.steps -= RING_STEPS
                self.found.append(path)
            elif arrived:
                self._walk((*path, target), arrived)

    def _gives(self, one: UUID) -> int:
        return sum(load.accepted_kg or 0 for leg in self.flows[one].values() for load in leg.loads)

    def _far(self, one: UUID) -> int:
        return self.near.get(one, NEAR + 1)

    def _after(self, there: Sequence[float], leg: _Leg) -> list[float]:
        """Return when loads arrive that left within the window after something had come."""
        found = []
        for left, arrived in zip(leg.left, leg.arrived, strict=True):
            place = bisect_right(there, left)
            if place and left - there[place - 1] <= self.window:
                found.append(arrived)
        return sorted(found)


def _ring(
    parties: tuple[UUID, ...], legs: Sequence[_Leg], bounds: Bounds, since: datetime | None
) -> tuple[int, Found] | None:
    """Return a ring with what can have gone round, or None where that is too little of the first leg."""
    shares = came_round(legs, bounds.window.total_seconds())
    took = [
        [(leg.loads[at], kg) for at, kg in sorted(own.items())] for leg, own in zip(legs, shares, strict=True)
    ]
    masses = [sum(load.accepted_kg or 0 for load, _ in leg) for leg in took]
    round_kg = sum(shares[-1].values())
    percent = round_kg * FULL_PERCENT // max(1, masses[0])
    if percent < bounds.least_percent or not round_kg:
        return None
    every = [load for leg in took for load, _ in leg]
    last = max(map(arrives, every))
    if since is not None and last < since:
        return None
    figures = {
        "code": ", ".join(sorted({one.code for one in every})),
        "legs_kg": masses,
        "round_kg": round_kg,
        "round_percent": percent,
        "loads": len(every),
        "first_at": min(map(leaves, every)),
        "last_at": last,
        "legs": [[_evidence(load, kg) for load, kg in leg[:MOST_SHOWN]] for leg in took],
    }
    return round_kg, Found(Sign.CIRCULAR, parties, tuple(one.id for one in every), figures)


def _evidence(load: Load, kg: int) -> dict[str, object]:
    return {
        "manifest": load.id,
        "number": load.number,
        "code": load.code,
        "left": leaves(load),
        "arrived": arrives(load),
        "kg": load.accepted_kg,
        "round_kg": kg,
    }


def came_round(legs: Sequence[_Leg], window: float) -> list[dict[int, int]]:
    """Return how much of each load of each leg can have gone all the way, kilograms by the load's place.

    What came first goes on first: with one window for all of it nothing else lets more of a leg go on.
    """
    first, steps = legs[0], []
    there = sorted(
        (arrived, load.accepted_kg or 0, at)
        for at, (load, arrived) in enumerate(zip(first.loads, first.arrived, strict=True))
    )
    for leg in legs[1:]:
        passed = _pass(there, leg, window)
        steps.append(passed)
        came: dict[int, int] = defaultdict(int)
        for _, to, kg in passed:
            came[to] += kg
        there = sorted((leg.arrived[at], kg, at) for at, kg in came.items())
    shares = [{at: kg for _, kg, at in there}]
    for passed in reversed(steps):
        shares.append(_traced(passed, shares[-1]))
    return shares[::-1]


def _traced(passed: Sequence[tuple[int, int, int]], wanted: Mapping[int, int]) -> dict[int, int]:
    """Return how much of each load of a leg is what the next leg's loads are `wanted` for."""
    left: dict[int, int] = dict(wanted)
    before: dict[int, int] = defaultdict(int)
    for source, to, kg in passed:
        some = min(kg, left.get(to, 0))
        if some:
            left[to] -= some
            before[source] += some
    return dict(before)


def _pass(there: Sequence[tuple[float, int, int]], leg: _Leg, window: float) -> list[tuple[int, int, int]]:
    """Return which arrived load goes on in which load of the next leg, and how much of it."""
    rest = [kg for _, kg, _ in there]
    found, first = [], 0
    for to, (load, left) in enumerate(zip(leg.loads, leg.left, strict=True)):
        room = load.accepted_kg or 0
        while room and first < len(there) and there[first][0] <= left:
            arrived, _, source = there[first]
            some = min(room, rest[first]) if left - arrived <= window else 0
            if some:
                found.append((source, to, some))
                room, rest[first] = room - some, rest[first] - some
            if room:
                first += 1
    return found
