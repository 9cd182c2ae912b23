"""What comes next on a trip, and which times do a vehicle's fixes give it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from compliance.catalogue.rules import WasteType
from compliance.manifests.rules import Act as ManifestAct
from compliance.record.errors import RuleBroken
from compliance.rulebook.rules import broken
from tracking.geofences.rules import Fence
from tracking.positions.rules import Fix, distance_m


class State(StrEnum):
    """Where a trip stands."""

    PLANNED = "planned"
    AT_ORIGIN = "at_origin"
    LOADED = "loaded"
    UNDER_WAY = "under_way"
    AT_DESTINATION = "at_destination"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """What moves a trip on: the driver's four steps, the telemetry's `reach`, and `cancel`."""

    ARRIVE = "arrived"
    LOAD = "loaded"
    DEPART = "departed"
    REACH = "reached"
    DELIVER = "delivered"
    CANCEL = "cancelled"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.PLANNED, Act.ARRIVE): State.AT_ORIGIN,
    (State.AT_ORIGIN, Act.ARRIVE): State.AT_ORIGIN,
    (State.AT_ORIGIN, Act.LOAD): State.LOADED,
    (State.LOADED, Act.DEPART): State.UNDER_WAY,
    (State.UNDER_WAY, Act.REACH): State.AT_DESTINATION,
    (State.UNDER_WAY, Act.DELIVER): State.DELIVERED,
    (State.AT_DESTINATION, Act.DELIVER): State.DELIVERED,
    (State.PLANNED, Act.CANCEL): State.CANCELLED,
    (State.AT_ORIGIN, Act.CANCEL): State.CANCELLED,
}
"""Telemetry may have said "arrived" before the driver does: saying it again is no mistake."""

SIGNS: Mapping[Act, ManifestAct] = {
    Act.LOAD: ManifestAct.LOAD,
    Act.DEPART: ManifestAct.DEPART,
    Act.DELIVER: ManifestAct.ARRIVE,
}
"""The driver's steps that sign the manifest; nothing else does."""

STEPS = (Act.ARRIVE, Act.LOAD, Act.DEPART, Act.DELIVER)
"""What the driver's page offers."""

OVER = frozenset({State.DELIVERED, State.CANCELLED})
ACTIVE = frozenset({State.AT_ORIGIN, State.LOADED, State.UNDER_WAY, State.AT_DESTINATION})
"""While a trip is active, its other parties may see the vehicle move."""

ABOARD = frozenset({State.LOADED, State.UNDER_WAY, State.AT_DESTINATION})
"""While a trip's load is on the vehicle."""

MOST_TOGETHER = 8
"""So many loads go on one run: every way to share what was weighed together among them is looked at."""

REACTIVE = "R"

RANK: Mapping[State, int] = {state: place for place, state in enumerate(State)}


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where it may not happen."""
    return NEXT.get((state, act))


def next_step(state: State) -> Act | None:
    """Return the driver's next step, or None when there is none."""
    return next((act for act in STEPS if NEXT.get((state, act)) not in {None, state}), None)


def meeting_fault(own: WasteType, other: WasteType, on: date) -> RuleBroken | None:
    """Return why two kinds of waste may not be on one vehicle: a reactive one goes with its own kind (M3)."""
    if own.code == other.code or REACTIVE not in {*own.hazard_letters, *other.hazard_letters}:
        return None
    return broken("M3.must_not_meet", on, field="code", code=own.code, other=other.code)


@dataclass(frozen=True, slots=True)
class Marks:
    """The times of a trip, whoever told them: a person or the satellites; the earlier word counts.

    `loaded_at` and `departed_at` are signatures, so no fix ever changes them. `last` is the newest fix
    that `distance_m` reaches.
    """

    at_origin_at: datetime | None = None
    loaded_at: datetime | None = None
    departed_at: datetime | None = None
    started_at: datetime | None = None
    arrived_at: datetime | None = None
    distance_m: float = 0.0
    last: Fix | None = None


def follow(marks: Marks, fixes: Iterable[Fix], origin: Fence, destination: Fence) -> Marks:
    """Return a trip's times after more fixes, which must be in order and newer than `marks.last`.

    At the origin: the first fix inside its fence. Started: the first fix clear of the origin after the
    load was signed for, or the signed departure. Arrived: the first fix inside the destination after
    the start. More fixes only ever make these times earlier, so that the order in which a day's fixes
    arrive does not matter: `follow` over all of them gives the same trip.
    """
    for fix in fixes:
        marks = _after(marks, fix, origin, destination)
    return marks


def _after(marks: Marks, fix: Fix, origin: Fence, destination: Fence) -> Marks:
    at_origin, started, arrived = marks.at_origin_at, marks.started_at, marks.arrived_at
    if (at_origin is None or fix.at < at_origin) and origin.holds(fix.lat, fix.lon):
        at_origin = fix.at
    begun = marks.loaded_at is not None and fix.at > marks.loaded_at
    if begun and (started is None or fix.at < started) and origin.is_left(fix.lat, fix.lon):
        started = fix.at
    under_way = started is not None and fix.at > started
    distance = marks.distance_m
    if under_way and marks.last is not None and (arrived is None or fix.at <= arrived):
        distance += distance_m(marks.last.lat, marks.last.lon, fix.lat, fix.lon)
    if under_way and (arrived is None or fix.at < arrived) and destination.holds(fix.lat, fix.lon):
        arrived = fix.at
    return Marks(at_origin, marks.loaded_at, marks.departed_at, started, arrived, distance, fix)
