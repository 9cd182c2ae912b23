"""What do measured roads teach the estimate, and how much better is it on roads it has not seen?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.distances.barriers import geodesic
from matching.distances.estimate import Estimate, Knots, columns, rises
from matching.distances.model import Floats, Legs, Point, degrees
from matching.distances.profiles import LORRY, Profile

SHORTEST_M = 500.0
"""Below this the geodesic says nothing about the road: a gate's side of the street decides."""
STANDING_M_S = 1.0
NEARLY = 0.95
"""No road is shorter than the geodesic; devices and rounding may be off by this much."""
FEWEST = 40
PER_BAND = 20
MOST_BANDS = 10
SLOWEST, QUICKEST = 3.0, 120.0
REPAIRS = 1000

Track = Sequence[tuple[float, Point]]
"""One drive: seconds on any clock, rising, and where the vehicle was."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Measured roads: (latitude, longitude) of shape (n, 2), metres and driving seconds of shape (n,).

    `name` says whose measurements they are; it becomes part of the version of what is fitted.
    """

    origins: Floats
    targets: Floats
    metres: Floats
    seconds: Floats
    name: str

    def __post_init__(self) -> None:
        n = len(self.metres)
        shapes = (self.origins.shape, self.targets.shape, self.metres.shape, self.seconds.shape)
        if shapes != ((n, 2), (n, 2), (n,), (n,)):
            raise ValueError(f"samples {self.name}: shapes {shapes} do not fit each other")
        figures = [self.origins, self.targets, self.metres, self.seconds]
        if not all(np.all(np.isfinite(one)) for one in figures) or min(self.metres.min(initial=0), 0) < 0:
            raise ValueError(f"samples {self.name}: a figure is negative or no number")

    @classmethod
    def of_matrix(cls, points: Sequence[Point], legs: Legs) -> Samples:
        """Take every pair of a matrix that has a road."""
        row, column = np.nonzero(legs.reachable & ~np.eye(len(points), dtype=bool))
        places = degrees(points)
        metres, seconds = (table[row, column].astype(np.float64) for table in (legs.metres, legs.seconds))
        return cls(places[row], places[column], metres, seconds, f"{legs.source} {legs.version}".strip())

    @classmethod
    def of_tracks(cls, tracks: Sequence[Track], name: str) -> Samples:
        """Take first to last fix of each drive; what is slower than 1 m/s is neither road nor driving."""
        ends, driven = [], []
        for track in tracks:
            clock, places = np.array([t for t, _ in track]), degrees([p for _, p in track])
            if len(track) < 2 or np.any(np.diff(clock) <= 0):
                raise ValueError(f"tracks {name}: a track needs two fixes or more at rising times")
            hops, spans = geodesic(places[:-1], places[1:]), np.diff(clock)
            moving = hops >= STANDING_M_S * spans
            ends.append((places[0], places[-1]))
            driven.append((hops[moving].sum(), spans[moving].sum()))
        table = np.array(ends, dtype=np.float64).reshape(-1, 2, 2)
        figures = np.array(driven, dtype=np.float64).reshape(-1, 2)
        return cls(table[:, 0], table[:, 1], figures[:, 0], figures[:, 1], name)

    def some(self, rows: np.ndarray) -> Samples:
        """Return a part of them."""
        parts = (self.origins[rows], self.targets[rows], self.metres[rows], self.seconds[rows])
        return Samples(*parts, self.name)


@dataclass(frozen=True, slots=True)
class Errors:
    """How far an estimate is from measured roads, in percent of the road."""

    pairs: int
    metres_median: float
    metres_p90: float
    metres_bias: float
    seconds_median: float
    seconds_p90: float
    seconds_bias: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted estimate, and the errors before and after on pairs that were held back from the fit."""

    estimate: Estimate
    fitted_on: int
    before: Errors
    after: Errors

    @property
    def better(self) -> bool:
        """Tell whether neither metres nor seconds got worse on the pairs held back."""
        return (
            self.after.metres_median <= self.before.metres_median
            and self.after.seconds_median <= self.before.seconds_median
        )


def calibrate(
    samples: Samples,
    base: Estimate | None = None,
    profile: Profile = LORRY,
    *,
    held_back: float = 0.25,
    seed: int = 1,
) -> Calibration:
    """Fit the detour and the speed by bands of distance to measured roads.

    Bands hold equally many pairs; each takes the median of its factors, so that a few broken
    measurements change nothing, and then as little more as is needed for further never to be shorter or
    quicker. Raises `ValueError` with fewer than 40 usable pairs.
    """
    base = base or Estimate()
    way = base.way(samples.origins, samples.targets, profile)
    straight = geodesic(samples.origins, samples.targets)
    usable = (way >= SHORTEST_M) & (samples.metres >= NEARLY * straight) & (samples.seconds > 0)
    if usable.sum() < FEWEST:
        raise ValueError(f"samples {samples.name}: {usable.sum()} usable pairs, {FEWEST} are needed")
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(usable))
    held = int(len(rows) * held_back)
    train, test = np.sort(rows[held:]), np.sort(rows[:held])
    detour, speed = _bands(way[train], samples.some(train), profile)
    version = f"fitted {samples.name} {_digest(samples)}"
    fitted = replace(base, detour=detour, speed=_quickening(detour, speed), version=version)
    unseen = samples.some(test)
    return Calibration(fitted, len(train), errors(base, unseen, profile), errors(fitted, unseen, profile))


def errors(estimate: Estimate, samples: Samples, profile: Profile = LORRY) -> Errors:
    """Measure an estimate against roads."""
    way = estimate.way(samples.origins, samples.targets, profile)
    figures: list[float] = []
    for guess, truth in zip(estimate.road(way, profile), (samples.metres, samples.seconds), strict=True):
        off = 100 * (guess - truth) / np.maximum(truth, 1)
        size = np.abs(off)
        middle = [float(np.median(one)) if len(one) else 0.0 for one in (size, off)]
        figures += [middle[0], float(np.quantile(size, 0.9)) if len(size) else 0.0, middle[1]]
    return Errors(len(samples.metres), *(round(one, 2) for one in figures))


def _bands(way: Floats, samples: Samples, profile: Profile) -> tuple[Knots, Knots]:
    """Return the median factors at the median distance of each band."""
    count = int(np.clip(len(way) // PER_BAND, 1, MOST_BANDS))
    parts = np.array_split(np.argsort(way, kind="stable"), count)
    km = [float(np.median(way[part])) / 1000 for part in parts]
    ratio = [float(np.median(samples.metres[part] / way[part])) / profile.detour for part in parts]
    pace = [float(np.median(samples.metres[part] / samples.seconds[part])) * 3.6 for part in parts]
    detour, speed = [(0.0, max(ratio[0], 1.0))], [(0.0, _between(pace[0] / profile.speed))]
    for at, factor, kmh in zip(km, ratio, pace, strict=True):
        before, last = detour[-1]
        if at - before < SHORTEST_M / 1000:
            continue
        detour.append((at, max(factor, 1.0, _least(before, last, at))))
        speed.append((at, _between(kmh / profile.speed)))
    return tuple(detour), tuple(speed)


def _between(kmh: float) -> float:
    return float(np.clip(kmh, SLOWEST, QUICKEST))


def _least(before: float, last: float, at: float) -> float:
    """Return the least factor at `at` km with which the road grows all the way from `before` km.

    On the straight line from (before, last) to (at, f) the road g * factor(g) is a parabola; it grows
    throughout if it does at both ends, which gives one bound from each.
    """
    span = at - before
    far_end = last * at / (at + span)
    near_end = last * (1 - span / before) if before else 0.0
    return max(far_end, near_end) + 1e-6


def _quickening(detour: Knots, speed: Knots) -> Knots:
    """Flatten the rise of the speed where more kilometres would take less time."""
    km, kmh = (one.tolist() for one in columns(speed))
    for _ in range(REPAIRS):
        wrong = np.flatnonzero(rises(detour, speed)[1] <= 0)
        if not len(wrong):
            break
        knot = int(wrong[0]) + 1
        kmh[knot] = kmh[knot - 1] + 0.8 * (kmh[knot] - kmh[knot - 1])
        speed = tuple(zip(km, kmh, strict=True))
    return speed


def _digest(samples: Samples) -> str:
    digest = hashlib.sha256()
    for part in (samples.origins, samples.targets, samples.metres, samples.seconds):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:8]
