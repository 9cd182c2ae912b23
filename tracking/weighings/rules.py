"""To which trip does a ticket belong, and what do two tickets of one place weigh together?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from devices.readings import Stability
from tracking.positions.rules import FUTURE
from tracking.trips.rules import RANK, State

AFTER_DELIVERY = timedelta(hours=24)
"""The empty vehicle may be weighed this long after the driver has signed the arrival."""


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
    NOT_HEAVIER = "not_heavier"
    NOT_LIGHTER = "not_lighter"


FIRST: dict[Place, Part] = {Place.SOURCE: Part.TARE, Place.DESTINATION: Part.GROSS}
"""A vehicle comes empty to the source and loaded to the destination."""
OTHER: dict[Part, Part] = {Part.TARE: Part.GROSS, Part.GROSS: Part.TARE}
WEIGHS_AT: dict[Place, frozenset[State]] = {
    Place.SOURCE: frozenset({State.PLANNED, State.AT_ORIGIN}),
    Place.DESTINATION: frozenset({State.LOADED, State.UNDER_WAY, State.AT_DESTINATION, State.DELIVERED}),
}
"""The load is signed for once it is weighed (M4); a late signature of the departure loses no ticket."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the binding needs of one weighing: whole kilograms, the scale's division, its site and time."""

    id: UUID
    site_id: UUID | None
    at: datetime
    number: int
    kg: int
    division_kg: int
    stability: Stability
    shadow: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trip of the vehicle with the tickets that it has already."""

    trip_id: UUID
    state: State
    origin_site_id: UUID
    destination_site_id: UUID
    planned_at: datetime
    loaded_at: datetime | None
    done_at: datetime | None
    source: tuple[Ticket, ...] = ()
    destination: tuple[Ticket, ...] = ()

    def tickets(self, place: Place) -> tuple[Ticket, ...]:
        """Return the tickets of one end."""
        return self.source if place is Place.SOURCE else self.destination


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a ticket belongs; `parts` names every ticket of that end, `net_kg` is there once both are."""

    trip_id: UUID
    place: Place
    parts: tuple[tuple[UUID, Part], ...]
    net_kg: int | None


def bind(ticket: Ticket, received_at: datetime, candidates: Sequence[Candidate]) -> Binding | Unbound:
    """Return the trip and the part of a ticket, or why it has none.

    At the source the first ticket is the empty vehicle and the second the loaded one, at the destination
    the other way round; "first" is by the scale's own time, whatever came in first here. Net = gross - tare,
    and both of one instrument.
    """
    if ticket.shadow:
        return Unbound.SHADOW
    if ticket.stability is Stability.UNSTABLE:
        return Unbound.UNSTABLE
    if ticket.at > received_at + FUTURE:
        return Unbound.FUTURE
    verdict: Unbound = Unbound.NO_TRIP
    for candidate, place in _ends(ticket, candidates):
        found = _pair(ticket, candidate, place)
        if isinstance(found, Binding):
            return found
        verdict = found
    return verdict


def _ends(ticket: Ticket, candidates: Iterable[Candidate]) -> list[tuple[Candidate, Place]]:
    """Return the ends of trips that a ticket's site, time and the trip's state allow, the likeliest first."""
    allowed = [
        (candidate, place)
        for candidate in candidates
        for place in Place
        if candidate.state in WEIGHS_AT[place] and _fits(ticket, candidate, place)
    ]
    return sorted(allowed, key=lambda end: (-RANK[end[0].state], end[0].planned_at, end[0].trip_id))


def _fits(ticket: Ticket, candidate: Candidate, place: Place) -> bool:
    if place is Place.SOURCE:
        return ticket.site_id == candidate.origin_site_id and ticket.at >= candidate.planned_at - FUTURE
    if ticket.site_id != candidate.destination_site_id:
        return False
    since, until = candidate.loaded_at or candidate.planned_at, candidate.done_at
    return ticket.at >= since - FUTURE and (until is None or ticket.at <= until + AFTER_DELIVERY)


def _pair(ticket: Ticket, candidate: Candidate, place: Place) -> Binding | Unbound:
    there = candidate.tickets(place)
    part = FIRST[place]
    if not there:
        return Binding(candidate.trip_id, place, ((ticket.id, part),), None)
    if len(there) > 1:
        return Unbound.PAIR_COMPLETE
    first, second = sorted((there[0], ticket), key=lambda one: (one.at, one.number))
    gain = second.kg - first.kg if place is Place.SOURCE else first.kg - second.kg
    if gain < max(first.division_kg, second.division_kg):
        return Unbound.NOT_HEAVIER if place is Place.SOURCE else Unbound.NOT_LIGHTER
    return Binding(candidate.trip_id, place, ((first.id, part), (second.id, OTHER[part])), gain)


def chained(previous_hash: str, ticket_hash: str, number: int, before: str | None, after: str | None) -> bool:
    """Tell whether a ticket fits its neighbours in its scale's chain (telemetry.md 1.10).

    `before` is the hash of the ticket before it and `after` the previous hash that the ticket after it
    names; None where that one is not here yet. The first ticket of a scale names no ticket before it.
    """
    if number == 1 and previous_hash:
        return False
    return before in {None, previous_hash} and after in {None, ticket_hash}
