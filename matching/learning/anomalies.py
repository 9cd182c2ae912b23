"""Which weights and which ways are out of the ordinary, by bands of the vehicle's or lane's own past?

Plain robust rules: the median of the own past, plus or minus a multiple of its scatter (MAD), but never
tighter than what instruments and roads explain. Where the own past is short, the band is that of all pasts
together, but for tares, which are nobody else's. Nothing here accuses anybody: a finding is a reason to look.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from matching.learning.history import (
    Flags,
    Floats,
    Integers,
    Texts,
    finite,
    in_order,
    named,
    not_negative,
    positive,
    same_length,
)

LAST_TARES, LAST_OTHERS, LEAST = 12, 60, 5
"""A vehicle's past is its last 12 tares, so that a new body is normal after six; roads and senders change
more slowly, and what is driven round a closed road must not become the measure for afterwards."""
SIGMA_OF_MAD = 1.4826


class Odd(StrEnum):
    """What is out of the ordinary."""

    TARE = "tare"
    NETS_DIFFER = "nets_differ"
    DECLARED_DIFFERS = "declared_differs"
    DETOUR = "detour"
    LONG_STOP = "long_stop"


@dataclass(frozen=True, slots=True)
class Finding:
    """One odd value with the band it should lie in; `past` rows of the same key stand behind the band.

    `past` of 0: the band is that of all keys together, or of instruments and rules alone. `times` is how many
    half-bands the value lies from the middle; findings are ordered by it.
    """

    row: int
    odd: Odd
    value: float
    low: float
    high: float
    past: int

    @property
    def times(self) -> float:
        """Give the distance from the middle in half-bands, above 1 by definition."""
        half = (self.high - self.low) / 2
        return abs(self.value - (self.low + self.high) / 2) / half


@dataclass(frozen=True, slots=True)
class Limits:
    """What is never a finding: settings, each with its reason.

    `mads`: half a band in scatters; at 5, one normal value in two million lies outside. `tare_kg`: fuel, mud,
    a spare wheel and a driver more or less. `scale_kg`: twice the error in use of a class III scale with
    e = 20 kg at 45 t, for each of two readings (telemetry.md 3). `loss_permille`: the settlement's own
    tolerance (S2). `declared_share`: guesses of a loader without a scale. `detour_ratio`: closed roads.
    `stop_minutes`: a meal, or the rest after four hours with a queue for the parking place.
    """

    mads: float = 5.0
    tare_kg: float = 250.0
    scale_kg: float = 120.0
    loss_permille: float = 3.0
    declared_share: float = 0.10
    detour_ratio: float = 0.15
    stop_minutes: float = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Loads weighed at both ends, one row each, sorted by day; kilograms. Raises BadHistory."""

    vehicle: Texts
    sender: Texts
    day: Integers
    tare_kg: Floats
    sender_kg: Floats
    receiver_kg: Floats
    declared_kg: Floats

    def __post_init__(self) -> None:
        columns = {
            "tare_kg": self.tare_kg,
            "sender_kg": self.sender_kg,
            "receiver_kg": self.receiver_kg,
            "declared_kg": self.declared_kg,
        }
        same_length(len(self.day), vehicle=self.vehicle, sender=self.sender, **columns)
        in_order(self.day)
        named("vehicle", self.vehicle)
        named("sender", self.sender)
        for name, values in columns.items():
            positive(name, values)


@dataclass(frozen=True, slots=True, eq=False)
class Driven:
    """Ways driven, one row each, sorted by day; `stop_minutes` is the longest stop between the two sites."""

    lane: Texts
    vehicle: Texts
    day: Integers
    planned_km: Floats
    driven_km: Floats
    stop_minutes: Floats

    def __post_init__(self) -> None:
        same_length(
            len(self.day), lane=self.lane, vehicle=self.vehicle, planned_km=self.planned_km,
            driven_km=self.driven_km, stop_minutes=self.stop_minutes,
        )  # fmt: skip
        in_order(self.day)
        named("lane", self.lane)
        named("vehicle", self.vehicle)
        positive("planned_km", self.planned_km)
        positive("driven_km", self.driven_km)
        not_negative("stop_minutes", self.stop_minutes)


def odd_weights(weighed: Weighed, limits: Limits | None = None) -> list[Finding]:
    """Return what is odd about tares, about the nets of both ends, and about nets beside declared masses."""
    told = limits or Limits()
    share = weighed.sender_kg / weighed.declared_kg - 1
    allowed = told.scale_kg + told.loss_permille / 1_000 * weighed.receiver_kg
    differ = weighed.sender_kg - weighed.receiver_kg
    nets = (
        Finding(int(row), Odd.NETS_DIFFER, float(differ[row]), -float(allowed[row]), float(allowed[row]), 0)
        for row in np.flatnonzero(np.abs(differ) > allowed)
    )
    return _ordered(
        *_outside(Odd.TARE, weighed.vehicle, weighed.tare_kg, told.tare_kg, told.mads),
        *nets,
        *_outside(Odd.DECLARED_DIFFERS, weighed.sender, share, told.declared_share, told.mads),
    )


def odd_ways(driven: Driven, limits: Limits | None = None) -> list[Finding]:
    """Return detours beside the lane's own past, and stops longer than rests explain.

    A way round that two other vehicles took on the lane's last four ways is a closed road and no finding.
    """
    told = limits or Limits()
    ratio = driven.driven_km / driven.planned_km
    detours = _outside(Odd.DETOUR, driven.lane, ratio, told.detour_ratio, told.mads)
    stops = _outside(Odd.LONG_STOP, driven.lane, driven.stop_minutes, told.stop_minutes, told.mads)
    shared = _shared(driven, ratio, told.detour_ratio / 2)
    return _ordered(
        *(one for one in detours if one.value > one.high and not shared[one.row]),
        *(one for one in stops if one.value > one.high),
    )


def _shared(driven: Driven, ratio: Floats, near: float) -> Flags:
    """Tell of each way whether two other vehicles went as far round on the lane's last four ways."""
    lately: dict[str, deque[tuple[str, float]]] = defaultdict(lambda: deque(maxlen=4))
    found = np.zeros(len(ratio), dtype=np.bool_)
    for row, (lane, vehicle, value) in enumerate(zip(driven.lane, driven.vehicle, ratio, strict=True)):
        others = {one for one, other in lately[str(lane)] if one != vehicle and abs(other - value) <= near}
        found[row] = len(others) >= 2
        lately[str(lane)].append((str(vehicle), float(value)))
    return found


def _ordered(*findings: Finding) -> list[Finding]:
    return sorted(findings, key=lambda one: (-one.times, one.row, one.odd))


def _outside(odd: Odd, keys: Texts, values: Floats, floor: float, mads: float) -> Iterator[Finding]:
    """Yield the values outside the band of their key's past, or of all; a tare is its vehicle's alone."""
    finite(odd.value, values)
    alone = odd is Odd.TARE
    last = LAST_TARES if alone else LAST_OTHERS
    own: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=last))
    every: deque[float] = deque(maxlen=10 * last)
    for row, (key, value) in enumerate(zip(keys, values, strict=True)):
        past = own[str(key)]
        known = past if len(past) >= LEAST else every if not alone and len(every) >= last else None
        if known is not None:
            low, high = _band(np.array(known), floor, mads)
            if not low <= value <= high:
                yield Finding(row, odd, float(value), low, high, len(past) if known is past else 0)
        past.append(float(value))
        every.append(float(value))


def _band(past: Floats, floor: float, mads: float) -> tuple[float, float]:
    middle = float(np.median(past))
    half = max(floor, mads * SIGMA_OF_MAD * float(np.median(np.abs(past - middle))))
    return middle - half, middle + half
