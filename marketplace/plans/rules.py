"""What does moving loads cost a carrier, what may be planned anew, and where does a plan stand?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from compliance.manifests.rules import UNLOADED
from compliance.manifests.rules import State as ManifestState
from tracking.trips.rules import ABOARD
from tracking.trips.rules import State as TripState


class State(StrEnum):
    """Where a plan stands: what it changed holds, or was taken back."""

    ACCEPTED = "accepted"
    UNDONE = "undone"


class Act(StrEnum):
    """What changes a plan's state."""

    UNDO = "undo"


NEXT: Mapping[tuple[State, Act], State] = {(State.ACCEPTED, Act.UNDO): State.UNDONE}


class LockKind(StrEnum):
    """What is locked: a load to its vehicle, or all a vehicle carries, in its order."""

    LOAD = "load"
    VEHICLE = "vehicle"


class Urgency(StrEnum):
    """How a dispatcher marks a load: of what cannot all be carried, the more urgent goes first."""

    ORDINARY = "ordinary"
    SOON = "soon"
    URGENT = "urgent"


PRIORITY: Mapping[Urgency, int] = {Urgency.ORDINARY: 1, Urgency.SOON: 10, Urgency.URGENT: 100}
"""What leaving a load out counts: one that is to go soon weighs as much as ten ordinary ones, and so on."""


class Standing(StrEnum):
    """How far a load has come, as far as a plan depends on it."""

    PLANNED = "planned"
    AT_ORIGIN = "at_origin"
    ON_BOARD = "on_board"


@dataclass(frozen=True, slots=True)
class Costs:
    """What a driven day, a kilometre and a paid hour cost a carrier, and how many minutes a stop takes.

    The figures here are ours until a carrier states its own; no quotations. A stop: weighed in, loaded or
    unloaded, weighed out.
    """

    fixed_fen: int = 60_000
    per_km_fen: int = 320
    per_hour_fen: int = 4_500
    stop_minutes: int = 30


MOST_COST_FEN = 10_000_000
MOST_STOP_MINUTES = 480

HORIZON_S = 16 * 3600
"""A plan reaches so far ahead; a load that is ready later is listed, not planned."""
FRESH_S = 2 * 3600
"""A position older than this does not say where a vehicle is: then it is planned from its home."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who carries one load, and when the vehicle is to be at its origin."""

    manifest_id: UUID
    vehicle_id: UUID
    driver_id: UUID | None
    due_at: datetime | None


def standing_of(trip: TripState, manifest: ManifestState, at_origin: bool) -> Standing | None:
    """Return how far a load has come; None where it is over or never was.

    `at_origin`: its vehicle has been seen at the origin, whether or not the driver has said so.
    """
    if manifest in UNLOADED and trip in {TripState.PLANNED, TripState.AT_ORIGIN}:
        away = trip is TripState.PLANNED and not at_origin
        return Standing.PLANNED if away else Standing.AT_ORIGIN
    return Standing.ON_BOARD if trip in ABOARD else None
