"""What does the weight of a stay on the deck tell of how it came about?

A vehicle comes on axle by axle: every axle is a step of the curve, with a rolling wheel's ramp and the
springs' bounce after it. A box in the load cells' line makes steps without either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

EVERY_MS = 100
LEVEL_MS = 400
"""A weight that holds this long is a level."""
AXLE_MS = 200
"""Between two axles the mean of a few samples holds at least this long."""
SMOOTH = 4
LEAST_CURVES = 5
STOOD_MS = 1_000
INSTANT_MS = 250
"""No wheel rolls onto a deck as quickly as this."""
CALM_MS = 600
AXLE_KG = 800
AXLE_DIVISIONS = 25


@dataclass(frozen=True, slots=True)
class Sample:
    """One displayed weight, kilograms, so many milliseconds into the stay."""

    ms: int
    kg: int


@dataclass(frozen=True, slots=True)
class Level:
    """A stretch over which the weight held: from, to (milliseconds), and its mean weight."""

    since_ms: int
    until_ms: int
    kg: int
    spread_kg: int

    @property
    def stood(self) -> bool:
        """Tell whether it held as long as a vehicle that stands."""
        return self.until_ms - self.since_ms >= STOOD_MS


@dataclass(frozen=True, slots=True)
class Jump:
    """A step between two standing weights that no wheel made: when, from and to which kilograms."""

    ms: int
    before_kg: int
    after_kg: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What a curve shows: axles on and off, jumps, how far the weight sagged, both zeros; kilograms.

    `bare` says that the whole weight came in one step without ramp and bounce.
    """

    axles_on: int
    axles_off: int
    top_kg: int
    jumps: tuple[Jump, ...]
    sag_kg: int
    zero_before_kg: int | None
    zero_after_kg: int | None
    bare: bool


def axle_kg(division_kg: int) -> int:
    """Return from which step on a step is an axle's."""
    return max(AXLE_KG, AXLE_DIVISIONS * division_kg)


def shape(samples: Sequence[Sample], division_kg: int) -> Shape | None:
    """Read a curve; None where it holds no level above an axle's weight."""
    told, samples = samples, even(samples)
    least = axle_kg(division_kg)
    found = levels(samples, max(2 * division_kg, 60))
    heavy = [one for one in found if one.kg >= least]
    if not heavy:
        return None
    top = max(heavy, key=lambda one: one.kg)
    place = found.index(top)
    calm = levels(_smoothed(samples), max(2 * division_kg, 60), AXLE_MS)
    ups = _axle_steps([one for one in calm if one.until_ms <= top.until_ms + SMOOTH * LEVEL_MS], least)
    downs = _axle_steps([one for one in reversed(calm) if one.since_ms >= top.since_ms], least)
    zeros = [one for one in found if abs(one.kg) < least // 2]
    jumps = tuple(_jumps(samples, found, division_kg))
    return Shape(
        axles_on=ups,
        axles_off=downs,
        top_kg=top.kg,
        jumps=jumps,
        sag_kg=_sag(found[: place + 1], division_kg, least),
        zero_before_kg=zeros[0].kg if zeros and zeros[0].since_ms < top.since_ms else None,
        zero_after_kg=zeros[-1].kg if zeros and zeros[-1].since_ms > top.until_ms else None,
        bare=ups == 1 and _is_bare(told, samples, top, division_kg),
    )


def even(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """Return a curve with a sample every tenth of a second, straight between those that were kept.

    Scales keep the points at which the weight changes. Where they kept few, a step becomes a slope: what is
    not known to be instant is not called so.
    """
    found: list[Sample] = []
    for before, after in pairwise(samples):
        span = max(1, after.ms - before.ms)
        first = -(-before.ms // EVERY_MS) * EVERY_MS
        for ms in range(first, after.ms, EVERY_MS):
            share = (ms - before.ms) / span
            found.append(Sample(ms, round(before.kg + share * (after.kg - before.kg))))
    return (*found, *samples[-1:])


def _smoothed(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """Return the means of a few samples in a row, in which the springs' bounce cancels out."""
    windows = (samples[start : start + SMOOTH] for start in range(len(samples) - SMOOTH + 1))
    return tuple(Sample(few[0].ms, round(sum(one.kg for one in few) / SMOOTH)) for few in windows)


def levels(samples: Sequence[Sample], within_kg: int, least_ms: int = LEVEL_MS) -> tuple[Level, ...]:
    """Return the stretches over which the weight stayed within a band long enough, in order."""
    found: list[Level] = []
    start = 0
    while start < len(samples):
        end, low, high = start, samples[start].kg, samples[start].kg
        while end + 1 < len(samples):
            kg = samples[end + 1].kg
            if max(high, kg) - min(low, kg) > within_kg:
                break
            low, high, end = min(low, kg), max(high, kg), end + 1
        if samples[end].ms - samples[start].ms >= least_ms:
            held = [one.kg for one in samples[start : end + 1]]
            level = Level(samples[start].ms, samples[end].ms, sorted(held)[len(held) // 2], high - low)
            found.append(level)
            start = end + 1
        else:
            start += 1
    return tuple(found)


def _axle_steps(climb: Sequence[Level], least: int) -> int:
    """Count the rises of an axle or more on the way up; axles that roll back and come again count once."""
    steps, height = 0, 0
    for one in climb:
        if one.kg - height >= least:
            steps += 1
            height = one.kg
        elif one.kg > height:
            height = one.kg
    return steps


def _sag(climb: Sequence[Level], division_kg: int, least: int) -> int:
    """Return the deepest fall between two axles that is no axle's: something carries part of the load."""
    falls = [before.kg - after.kg for before, after in pairwise(climb)]
    sagged = [fall for fall in falls if max(4 * division_kg, 100) < fall < least]
    return max(sagged, default=0)


def _jumps(samples: Sequence[Sample], found: Sequence[Level], division_kg: int) -> Iterable[Jump]:
    """Yield the steps between two standing weights that came at once and without a bounce."""
    least = max(8 * division_kg, 200)
    for before, after in pairwise(found):
        near = min(abs(before.kg), abs(after.kg)) < axle_kg(division_kg)
        instant = after.since_ms - before.until_ms <= INSTANT_MS
        if near or not instant or not (before.stood and after.stood):
            continue
        calm = _spread(samples, after.since_ms, after.since_ms + CALM_MS) <= 2 * division_kg
        if abs(after.kg - before.kg) >= least and calm:
            yield Jump(after.since_ms, before.kg, after.kg)


def _is_bare(told: Sequence[Sample], samples: Sequence[Sample], top: Level, division_kg: int) -> bool:
    """Tell whether the whole weight came with no bounce over its final value; a peak shows as it was told."""
    before = [one.kg for one in told if one.ms < top.since_ms]
    over = max(before, default=0) - top.kg
    return over <= division_kg and _spread(samples, top.since_ms, top.since_ms + CALM_MS) <= 2 * division_kg


def _spread(samples: Iterable[Sample], since_ms: int, until_ms: int) -> int:
    held = [one.kg for one in samples if since_ms <= one.ms <= until_ms]
    return max(held, default=0) - min(held, default=0)


def usual(counts: Sequence[int]) -> tuple[int, int] | None:
    """Return the least and the most axles that curves of one vehicle show, an odd one left out at either end.

    None where there are too few. Close axles are counted apart one time and together another.
    """
    if len(counts) < LEAST_CURVES:
        return None
    ordered = sorted(counts)
    return ordered[len(ordered) // 10 + 1], ordered[-len(ordered) // 10 - 1]
