"""To which trip does a ticket belong, and what do two tickets of one place weigh together?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from devices.readings import Stability
from tracking.positions.rules import FUTURE
from tracking.weighings.shares import deal, split

AFTER_DELIVERY = timedelta(hours=24)
"""The empty vehicle may be weighed this long after the driver has signed the arrival."""
AROUND = timedelta(hours=48)
"""A ticket that comes in has the tickets of its vehicle within this time judged anew."""
NEVER = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)


class Place(StrEnum):
    """Which end of a trip a ticket was written at."""

    SOURCE = "source"
    DESTINATION = "destination"


class Part(StrEnum):
    """What a ticket's weight is: the empty or the loaded vehicle, or one with other loads aboard (M3)."""

    TARE = "tare"
    GROSS = "gross"
    PARTLY = "partly"


class Unbound(StrEnum):
    """Why a ticket belongs to no trip; it stays visible with this reason."""

    SHADOW = "shadow"
    VOID = "void"
    """It says that another ticket is void, and weighs nothing."""
    VOIDED = "voided"
    UNSTABLE = "unstable"
    FUTURE = "future"
    NO_TRIP = "no_trip"
    PAIR_COMPLETE = "pair_complete"
    OTHER_SCALE = "other_scale"
    NOT_HEAVIER = "not_heavier"
    NOT_LIGHTER = "not_lighter"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the pairing needs of one weighing: whole kilograms, the scale with its division, site, times."""

    id: UUID
    device_id: str
    site_id: UUID | None
    at: datetime
    received_at: datetime
    number: int
    kg: int
    division_kg: int
    stability: Stability
    shadow: bool
    preset: bool = False
    """An empty weight that was typed or taken from an earlier ticket, and says so."""
    voids: bool = False
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trip that the tickets of its vehicle may belong to.

    Trips of one `run_id` are on the vehicle together (M3); None: this one is alone. `sealed` names the
    tickets of an end that somebody has signed for: they stay its pair.
    """

    trip_id: UUID
    origin_site_id: UUID
    destination_site_id: UUID
    planned_at: datetime
    at_origin_at: datetime | None = None
    loaded_at: datetime | None = None
    done_at: datetime | None = None
    sealed: Mapping[Place, tuple[UUID, UUID]] = field(default_factory=dict)
    run_id: UUID | None = None
    planned_kg: int = 0

    def site_of(self, place: Place) -> UUID:
        """Return the site of one end."""
        return self.origin_site_id if place is Place.SOURCE else self.destination_site_id

    def aboard(self, at: datetime) -> bool:
        """Tell whether its load was on the vehicle at a moment, as far as somebody has signed."""
        return self.loaded_at is not None and self.loaded_at <= at <= (self.done_at or NEVER)


@dataclass(frozen=True, slots=True)
class Binding:
    """To which end of which trip a ticket belongs, as what; `also`: trips of other loads that it weighs."""

    trip_id: UUID
    place: Place
    part: Part
    also: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Pairing:
    """Where every ticket belongs, or why nowhere; and the net of every end that has both, in kilograms.

    `shared` are the ends whose net is a share of what several loads weighed together.
    """

    tickets: Mapping[UUID, Binding | Unbound]
    nets: Mapping[tuple[UUID, Place], int]
    shared: frozenset[tuple[UUID, Place]] = frozenset()


@dataclass(slots=True)
class _End:
    """One site at which a run is loaded or unloaded, with its tickets by time."""

    place: Place
    site_id: UUID
    loads: tuple[Candidate, ...]
    others: tuple[Candidate, ...]
    tickets: list[Ticket] = field(default_factory=list)

    @property
    def weighed(self) -> tuple[Candidate, ...]:
        """Return the loads that its tickets can weigh: nothing is unloaded that was not loaded."""
        if self.place is Place.SOURCE:
            return self.loads
        return tuple(one for one in self.loads if one.loaded_at is not None)


def pair(tickets: Iterable[Ticket], candidates: Sequence[Candidate]) -> Pairing:
    """Return to which trips the tickets of one vehicle belong, whatever order they came in.

    At the source the first ticket is the empty vehicle and the next heavier one the loaded vehicle, at the
    destination the other way round; "first" is by the scale's own time. Net = gross - tare, both of one
    instrument. The end of a trip that is loaded goes before one that is not, the trip loaded last before
    earlier ones. Where a run has several loads at one site, each further ticket weighs the next load; loads
    that were weighed together share the difference in proportion to what each should weigh.
    """
    ordered = sorted(tickets, key=_by_time)
    ends = _ends({one.id: one for one in ordered}, candidates)
    found: dict[UUID, Binding | Unbound] = {}
    for ticket in ordered:
        if not any(ticket in end.tickets for end in ends):
            refused = _unfit(ticket) or _place(ticket, ends)
            if refused is not None:
                found[ticket.id] = refused
    nets: dict[tuple[UUID, Place], int] = {}
    shared: set[tuple[UUID, Place]] = set()
    for end in sorted(ends, key=lambda one: one.place is Place.DESTINATION):
        moved = _moved(end, nets)
        for _, kgs in moved:
            nets |= {(trip_id, end.place): kg for trip_id, kg in kgs.items()}
            shared |= {(trip_id, end.place) for trip_id in kgs if len(kgs) > 1}
        found |= _bindings(end, moved)
    return Pairing(found, nets, frozenset(shared))


def _by_time(one: Ticket) -> tuple[datetime, str, int]:
    return one.at, one.device_id, one.number


def _ends(tickets: Mapping[UUID, Ticket], candidates: Iterable[Candidate]) -> list[_End]:
    """Return the sites at which the vehicle's runs load and unload, each with the tickets signed for."""
    runs: dict[UUID, list[Candidate]] = {}
    for one in candidates:
        runs.setdefault(one.run_id or one.trip_id, []).append(one)
    found = []
    for run in runs.values():
        for place in Place:
            for site_id in dict.fromkeys(one.site_of(place) for one in run):
                loads = tuple(one for one in run if one.site_of(place) == site_id)
                others = tuple(one for one in run if one not in loads)
                signed = {key for one in loads for key in one.sealed.get(place, ()) if key in tickets}
                own = sorted((tickets[key] for key in signed), key=_by_time)
                found.append(_End(place, site_id, loads, others, own))
    return found


def _unfit(ticket: Ticket) -> Unbound | None:
    if ticket.voids or ticket.voided:
        return Unbound.VOID if ticket.voids else Unbound.VOIDED
    if ticket.shadow:
        return Unbound.SHADOW
    if ticket.stability is Stability.UNSTABLE and not ticket.preset:
        return Unbound.UNSTABLE
    if ticket.at > ticket.received_at + FUTURE:
        return Unbound.FUTURE
    return None


def _place(ticket: Ticket, ends: Sequence[_End]) -> Unbound | None:
    """Put a ticket where it belongs, or tell why nowhere."""
    verdict: Unbound | None = Unbound.NO_TRIP
    for end in _options(ticket, ends):
        verdict = _join(ticket, end)
        if verdict is None:
            return None
    return verdict


def _options(ticket: Ticket, ends: Sequence[_End]) -> Iterator[_End]:
    """Yield the ends that a ticket's site and time allow, the likeliest first."""
    here = [end for end in ends if end.site_id == ticket.site_id]
    loaded = [end for end in here if end.place is Place.DESTINATION and _arrives(ticket.at, end, ends)]
    yield from sorted(loaded, key=_last_loaded, reverse=True)
    empty = [end for end in here if end.place is Place.SOURCE and _loads(ticket.at, end)]
    yield from sorted(empty, key=lambda end: min(_next_to_load(one) for one in end.loads))


def _loads(at: datetime, end: _End) -> bool:
    return any(one.planned_at - FUTURE <= at <= (one.loaded_at or NEVER) + FUTURE for one in end.loads)


def _next_to_load(one: Candidate) -> tuple[datetime, bool, datetime, UUID]:
    return one.loaded_at or NEVER, one.at_origin_at is None, one.planned_at, one.trip_id


def _last_loaded(end: _End) -> tuple[datetime, UUID]:
    return max((one.loaded_at or NEVER, one.trip_id) for one in end.weighed)


def _arrives(at: datetime, end: _End, ends: Sequence[_End]) -> bool:
    """Tell whether a loaded vehicle may be at the destination: a late signature loses no ticket."""
    for one in end.weighed:
        source = next(other for other in ends if other.place is Place.SOURCE and one in other.loads)
        assert one.loaded_at is not None
        since = min([one.loaded_at, *(ticket.at for ticket in source.tickets[1:])])
        if since - FUTURE <= at <= (one.done_at or NEVER) + AFTER_DELIVERY:
            return True
    return False


def _join(ticket: Ticket, end: _End) -> Unbound | None:
    """Put a ticket behind those that are here, or tell why it cannot follow them."""
    if len(end.tickets) > len(end.weighed):
        return Unbound.PAIR_COMPLETE
    if end.tickets:
        last = end.tickets[-1]
        if last.device_id != ticket.device_id:
            return Unbound.OTHER_SCALE
        if _step(end, last, ticket) < max(last.division_kg, ticket.division_kg):
            return Unbound.NOT_HEAVIER if end.place is Place.SOURCE else Unbound.NOT_LIGHTER
    end.tickets.append(ticket)
    return None


def _step(end: _End, before: Ticket, after: Ticket) -> int:
    return after.kg - before.kg if end.place is Place.SOURCE else before.kg - after.kg


_Moved = list[tuple[tuple[Ticket, Ticket], dict[UUID, int]]]
"""Two tickets, and the nets of the loads that were moved between them."""


def _moved(end: _End, nets: Mapping[tuple[UUID, Place], int]) -> _Moved:
    """Return which loads were moved between which tickets of an end: the signed ones as they were signed."""
    expected = {one.trip_id: nets.get((one.trip_id, Place.SOURCE), one.planned_kg) for one in end.weighed}
    spans = _signed(end)
    free = expected.keys() - {key for _, keys in spans for key in keys}
    steps = [two for two in pairwise(end.tickets) if not any(_inside(two, span) for span, _ in spans)]
    moved = {one.trip_id for one in end.weighed if _is_moved(end, one)}
    dealt = deal([_step(end, *two) for two in steps], {key: expected[key] for key in free}, moved)
    spans += [(two, keys) for two, keys in zip(steps, dealt, strict=True) if keys]
    return [(two, split(_step(end, *two), {key: expected[key] for key in keys})) for two, keys in spans]


def _is_moved(end: _End, one: Candidate) -> bool:
    """Tell whether somebody has signed that the load was put on, or taken off, here."""
    return (one.loaded_at if end.place is Place.SOURCE else one.done_at) is not None


def _signed(end: _End) -> list[tuple[tuple[Ticket, Ticket], tuple[UUID, ...]]]:
    """Return the loads that were signed for, by their two tickets, as far as both are here."""
    by_id = {one.id: one for one in end.tickets}
    found: dict[tuple[UUID, UUID], list[UUID]] = {}
    for one in end.weighed:
        two = one.sealed.get(end.place)
        if two is not None and by_id.keys() >= set(two):
            found.setdefault(two, []).append(one.trip_id)
    return [((by_id[first], by_id[last]), tuple(keys)) for (first, last), keys in found.items()]


def _inside(two: tuple[Ticket, Ticket], span: tuple[Ticket, Ticket]) -> bool:
    return _by_time(span[0]) <= _by_time(two[0]) and _by_time(two[1]) <= _by_time(span[1])


def _bindings(end: _End, moved: _Moved) -> dict[UUID, Binding | Unbound]:
    """Return for each ticket of an end which loads it weighs; a first one waits for all that may come."""
    waiting = [one.trip_id for one in sorted(end.weighed, key=_next_to_load)]
    left = set(waiting)
    found: dict[UUID, Binding | Unbound] = {}
    for ticket in end.tickets:
        done = [key for (_, last), kgs in moved if last is ticket for key in kgs]
        begun = [key for (first, _), kgs in moved if first is ticket for key in kgs]
        left -= set(done)
        keys = [*done, *begun] or (waiting if ticket is end.tickets[0] else [])
        if keys:
            part = _part(end, ticket, rest=bool(left))
            found[ticket.id] = Binding(keys[0], end.place, part, tuple(keys[1:]))
        else:
            found[ticket.id] = Unbound.PAIR_COMPLETE
    return found


def _part(end: _End, ticket: Ticket, *, rest: bool) -> Part:
    """Tell what was weighed; `rest`: some of the end's loads were still aboard."""
    first = ticket is end.tickets[0]
    if first is (end.place is Place.DESTINATION):
        return Part.GROSS
    others = any(one.aboard(ticket.at) for one in end.others)
    return Part.PARTLY if others or (rest and end.place is Place.DESTINATION) else Part.TARE


def chained(previous_hash: str, ticket_hash: str, number: int, before: str | None, after: str | None) -> bool:
    """Tell whether a ticket fits its neighbours in its scale's chain (telemetry.md 1.10).

    `before` is the hash of the ticket before it and `after` the previous hash that the ticket after it
    names; None where that one is not here yet. The first ticket of a scale names no ticket before it.
    """
    if number == 1 and previous_hash:
        return False
    return before in {None, previous_hash} and after in {None, ticket_hash}
