"""What is a simulated truck sent to do, and what comes after what?"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from devices.readings import Load
from devices.simulator.roads import Point


class Phase(StrEnum):
    """Where a mission stands."""

    QUEUED = "queued"
    TO_ORIGIN = "to_origin"
    WEIGH_TARE = "weigh_tare"
    WAIT_LOADING = "wait_loading"
    WEIGH_GROSS = "weigh_gross"
    WAIT_DEPARTURE = "wait_departure"
    TO_DESTINATION = "to_destination"
    WEIGH_GROSS_AT_DESTINATION = "weigh_gross_at_destination"
    WAIT_UNLOADING = "wait_unloading"
    WEIGH_TARE_AT_DESTINATION = "weigh_tare_at_destination"
    DONE = "done"


ORDER = tuple(Phase)
NEXT = dict(pairwise(ORDER))
DRIVES = frozenset({Phase.TO_ORIGIN, Phase.TO_DESTINATION})
WAITS = frozenset({Phase.WAIT_LOADING, Phase.WAIT_DEPARTURE, Phase.WAIT_UNLOADING})
WEIGHS_AT_ORIGIN = frozenset({Phase.WEIGH_TARE, Phase.WEIGH_GROSS})
WEIGHS_AT_DESTINATION = frozenset({Phase.WEIGH_GROSS_AT_DESTINATION, Phase.WEIGH_TARE_AT_DESTINATION})
WEIGHS = WEIGHS_AT_ORIGIN | WEIGHS_AT_DESTINATION
LOADED = frozenset(
    {
        Phase.WEIGH_GROSS,
        Phase.WAIT_DEPARTURE,
        Phase.TO_DESTINATION,
        Phase.WEIGH_GROSS_AT_DESTINATION,
        Phase.WAIT_UNLOADING,
    }
)


@dataclass(frozen=True, slots=True)
class Mission:
    """One load to carry: masses in kilograms; a scale of None means that end has none.

    The truck stays in a wait phase until it is released, or for `dwell_s` of the demo clock when the phase
    is in `auto_release`. `start` takes a mission up again in the middle.
    """

    id: str
    vehicle_id: str
    origin: Point
    destination: Point
    tare_kg: int
    gross_kg: int
    origin_scale: str | None = None
    destination_scale: str | None = None
    auto_release: frozenset[Phase] = frozenset()
    dwell_s: int = 900
    start: Phase = Phase.TO_ORIGIN

    def scale_in(self, phase: Phase) -> str | None:
        """Name the scale that a weigh phase needs."""
        return self.origin_scale if phase in WEIGHS_AT_ORIGIN else self.destination_scale

    def load_in(self, phase: Phase) -> Load:
        """Tell how full the truck is in a phase."""
        return Load.FULL if phase in LOADED else Load.EMPTY


@dataclass(frozen=True, slots=True)
class MissionStatus:
    """Where a mission's truck is now; `waiting` means that somebody has to release it."""

    mission_id: str
    vehicle_id: str
    phase: Phase
    since: datetime | None
    waiting: bool
    lat: float
    lon: float
    speed_kmh: float
    load: Load
    arrives: datetime | None


def weight_in(mission: Mission, phase: Phase, seed: int) -> int:
    """Tell what truly stands on the deck in a weigh phase, in kilograms.

    The destination's net differs by a small seeded share: within 3 per mille, and in about 3 of 100
    missions up to 12 per mille, so that disputes happen.
    """
    chance = random.Random(f"{seed}:{mission.id}")  # noqa: S311 -- a demonstration, not a secret
    share = max(-0.003, min(0.003, chance.gauss(0, 0.0008)))
    if chance.random() < 0.03:
        share = chance.choice((-1, 1)) * chance.uniform(0.004, 0.012)
    fuel = chance.randrange(0, 20)
    net = mission.gross_kg - mission.tare_kg
    return {
        Phase.WEIGH_TARE: mission.tare_kg,
        Phase.WEIGH_GROSS: mission.gross_kg,
        Phase.WEIGH_GROSS_AT_DESTINATION: mission.tare_kg - fuel + round(net * (1 + share)),
        Phase.WEIGH_TARE_AT_DESTINATION: mission.tare_kg - fuel,
    }[phase]
