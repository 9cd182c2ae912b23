"""To which trip does a ticket belong, and what do two tickets of one place weigh together?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from devices.readings import Stability
from tracking.positions.rules import FUTURE

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
    """What a ticket's weight is: the empty or the loaded vehicle."""

    TARE = "tare"
    GROSS = "gross"


class Unbound(StrEnum):
    """Why a ticket belongs to no trip; it stays visible with this reason."""

    SHADOW = "shadow"
    UNSTABLE = "unstable"
    FUTURE = "future"
    NO_TRIP = "no_trip"
    PAIR_COMPLETE = "pair_complete"
    OTHER_SCALE = "other_scale"
    NOT_HEAVIER = "not_heavier"
    NOT_LIGHTER = "not_lighter"


FIRST: dict[Place, Part] = {Place.SOURCE: Part.TARE, Place.DESTINATION: Part.GROSS}
"""A vehicle comes empty to the source and loaded to the destination."""
OTHER: dict[Part, Part] = {Part.TARE: Part.GROSS, Part.GROSS: Part.TARE}


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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trip that the tickets of its vehicle may belong to.

    `sealed` names the tickets of an end that somebody has signed for: they stay its pair.
    """

    trip_id: UUID
    origin_site_id: UUID
    destination_site_id: UUID
    planned_at: datetime
    at_origin_at: datetime | None = None
    loaded_at: datetime | None = None
    done_at: datetime | None = None
    sealed: Mapping[Place, tuple[UUID, UUID]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Binding:
    """To which end of which trip a ticket belongs, as what."""

    trip_id: UUID
    place: Place
    part: Part


@dataclass(frozen=True, slots=True)
class Pairing:
    """Where every ticket belongs, or why nowhere; and the net of every end that has both, in kilograms."""

    tickets: Mapping[UUID, Binding | Unbound]
    nets: Mapping[tuple[UUID, Place], int]


_Ends = dict[tuple[UUID, Place], list[Ticket]]


def pair(tickets: Iterable[Ticket], candidates: Sequence[Candidate]) -> Pairing:
    """Return to which trips the tickets of one vehicle belong, whatever order they came in.

    At the source the first ticket is the empty vehicle and the next heavier one the loaded vehicle, at the
    destination the other way round; "first" is by the scale's own time. Net = gross - tare, both of one
    instrument. The end of a trip that is loaded goes before one that is not, the trip loaded last before
    earlier ones.
    """
    ordered = sorted(tickets, key=lambda one: (one.at, one.device_id, one.number))
    ends = _sealed({one.id: one for one in ordered}, candidates)
    found: dict[UUID, Binding | Unbound] = {
        one.id: Binding(trip_id, place, part)
        for (trip_id, place), two in ends.items()
        for one, part in zip(two, (FIRST[place], OTHER[FIRST[place]]), strict=True)
    }
    for ticket in ordered:
        if ticket.id not in found:
            found[ticket.id] = _unfit(ticket) or _place(ticket, candidates, ends)
    nets = {key: abs(two[0].kg - two[1].kg) for key, two in ends.items() if len(two) > 1}
    return Pairing(found, nets)


def _sealed(tickets: Mapping[UUID, Ticket], candidates: Iterable[Candidate]) -> _Ends:
    return {
        (candidate.trip_id, place): [tickets[key] for key in two]
        for candidate in candidates
        for place, two in candidate.sealed.items()
        if all(key in tickets for key in two)
    }


def _unfit(ticket: Ticket) -> Unbound | None:
    if ticket.shadow:
        return Unbound.SHADOW
    if ticket.stability is Stability.UNSTABLE:
        return Unbound.UNSTABLE
    if ticket.at > ticket.received_at + FUTURE:
        return Unbound.FUTURE
    return None


def _place(ticket: Ticket, candidates: Iterable[Candidate], ends: _Ends) -> Binding | Unbound:
    verdict: Binding | Unbound = Unbound.NO_TRIP
    for trip_id, place in _options(ticket, candidates, ends):
        verdict = _join(ticket, trip_id, place, ends)
        if isinstance(verdict, Binding):
            return verdict
    return verdict


def _options(ticket: Ticket, candidates: Iterable[Candidate], ends: _Ends) -> Iterator[tuple[UUID, Place]]:
    """Yield the ends that a ticket's site and time allow, the likeliest first."""
    to, at = ticket.site_id, ticket.at
    trips = list(candidates)
    loaded = [one for one in trips if one.destination_site_id == to and _arrives(at, one, ends)]
    for one in sorted(loaded, key=lambda trip: (trip.loaded_at or NEVER, trip.trip_id), reverse=True):
        yield one.trip_id, Place.DESTINATION
    empty = [one for one in trips if one.origin_site_id == to and _loads(at, one)]
    for one in sorted(empty, key=_next_to_load):
        yield one.trip_id, Place.SOURCE


def _loads(at: datetime, one: Candidate) -> bool:
    return one.planned_at - FUTURE <= at <= (one.loaded_at or NEVER) + FUTURE


def _next_to_load(one: Candidate) -> tuple[datetime, bool, datetime, UUID]:
    return one.loaded_at or NEVER, one.at_origin_at is None, one.planned_at, one.trip_id


def _arrives(at: datetime, one: Candidate, ends: _Ends) -> bool:
    """Tell whether a loaded vehicle may be at the destination: a late signature loses no ticket."""
    if one.loaded_at is None:
        return False
    weighed = ends.get((one.trip_id, Place.SOURCE), [])
    since = min([one.loaded_at, *(ticket.at for ticket in weighed[1:])])
    return since - FUTURE <= at <= (one.done_at or NEVER) + AFTER_DELIVERY


def _join(ticket: Ticket, trip_id: UUID, place: Place, ends: _Ends) -> Binding | Unbound:
    there = ends.setdefault((trip_id, place), [])
    part = FIRST[place]
    if len(there) > 1:
        return Unbound.PAIR_COMPLETE
    if there:
        first, part = there[0], OTHER[part]
        if first.device_id != ticket.device_id:
            return Unbound.OTHER_SCALE
        gain = ticket.kg - first.kg if place is Place.SOURCE else first.kg - ticket.kg
        if gain < max(first.division_kg, ticket.division_kg):
            return Unbound.NOT_HEAVIER if place is Place.SOURCE else Unbound.NOT_LIGHTER
    there.append(ticket)
    return Binding(trip_id, place, part)


def chained(previous_hash: str, ticket_hash: str, number: int, before: str | None, after: str | None) -> bool:
    """Tell whether a ticket fits its neighbours in its scale's chain (telemetry.md 1.10).

    `before` is the hash of the ticket before it and `after` the previous hash that the ticket after it
    names; None where that one is not here yet. The first ticket of a scale names no ticket before it.
    """
    if number == 1 and previous_hash:
        return False
    return before in {None, previous_hash} and after in {None, ticket_hash}
