"""What do the devices of a fault run tell, and what goes wrong meanwhile? All of it follows from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.readings import Load
from devices.simulator.vehicle import Fix
from tests.tracking.world import DESTINATION, ORIGIN, START, TRUCK

DAY = timedelta(hours=2)
JUMPS = (timedelta(days=-3 * 365), timedelta(days=2 * 365))
"""By how much a broken clock is off: what it tells is kept, and believed by nobody."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many devices tell how much, within how many seconds, and how often something goes wrong."""

    devices: int
    readings: int
    tickets: int
    seconds: float
    faults: int


SMALL = Size(devices=5, readings=120, tickets=2, seconds=10.0, faults=9)
FULL = Size(devices=50, readings=4000, tickets=25, seconds=240.0, faults=80)


def device_name(number: int) -> str:
    """Return a device's name; the first is the truck whose trip is judged."""
    return TRUCK if number == 0 else f"veh-{number + 100}"


def fixes(number: int, size: Size, seed: int) -> list[Fix]:
    """Return what one vehicle's receiver tells, in order, each at a second of its own."""
    chance = random.Random(f"{seed}:{number}")
    step = max(1, int(DAY.total_seconds()) // size.readings)
    told = []
    for count in range(size.readings):
        at = START + timedelta(seconds=step * count)
        if number % 5 == 1 and count < size.readings - 1 and chance.random() < 0.05:
            at += chance.choice(JUMPS)
        lat, lon = _place(number, count / (size.readings - 1), chance)
        told.append(Fix(at, lat, lon, 20, 40.0, 90, count * 100, 11, ignition=True, load=Load.FULL))
    return told


def _place(number: int, share: float, chance: random.Random) -> tuple[float, float]:
    """Return a place: half an hour at the origin, an hour of road, half an hour at the destination."""
    along = min(1.0, max(0.0, (share - 0.25) * 2))
    aside = 0.0 if number == 0 else number / 100 + chance.uniform(-0.001, 0.001)
    lat, lon = (start + (end - start) * along for start, end in zip(ORIGIN, DESTINATION, strict=True))
    return round(lat + aside, 6), round(lon + aside, 6)


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens after so many seconds, and for how long: `kill`, `part`, `cut` or `full`, of what."""

    after_s: float
    what: str
    whom: str
    lasts_s: float


KILLED = ("postgres", "broker", "ingest", "gateway", "scale", "worker")
CUT = ("gateway", "scale", "ingest", "terminals")
FILLED = ("gateway", "scale")


def faults(size: Size, seed: int) -> Iterator[Fault]:
    """Yield the faults of a run; every process is killed at least once where there are enough of them."""
    chance = random.Random(f"{seed}:faults")
    chosen = [("kill", name) for name in KILLED] + [
        ("full", "gateway"),
        ("cut", "ingest"),
        ("part", "ingest"),
    ]
    ways = [("kill", KILLED)] * 5 + [("cut", CUT)] * 3 + [("full", FILLED), ("part", ("ingest",))]
    while len(chosen) < size.faults:
        what, whom = chance.choice(ways)
        chosen.append((what, chance.choice(whom)))
    chance.shuffle(chosen)
    pause = size.seconds / size.faults
    for what, whom in chosen[: size.faults]:
        yield Fault(chance.uniform(0.3, 1.7) * pause, what, whom, chance.uniform(0.1, 1.5))


def expected(told: Sequence[Fix], skew: timedelta) -> dict[datetime, tuple[float, float]]:
    """Return where the vehicle is to be in the database, by the time of its own clock."""
    return {fix.at + skew: (fix.lat, fix.lon) for fix in told}
