"""Which of several loads on one vehicle lie between two weights, and how much is each load's share?"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from functools import cache
from uuid import UUID

from tracking.trips.rules import MOST_TOGETHER

Expected = Mapping[UUID, int]
"""What each load should weigh, in kilograms: as planned, at the destination its net at the source."""


def deal(steps: Sequence[int], loads: Expected, moved: Container[UUID] = ()) -> tuple[tuple[UUID, ...], ...]:
    """Return for each difference (kilograms, above 0) the loads that it moved; none once all were moved.

    The dealing whose sums come nearest to the differences; a load that no difference has moved (yet) counts
    nothing, but one that is known to be `moved` counts nearly in full. Of equals, the one that moves more
    loads, then the first by id. Raises `ValueError` for more than `MOST_TOGETHER` loads.
    """
    if len(loads) > MOST_TOGETHER:
        raise ValueError(len(loads))
    names = sorted(loads)
    whole = (1 << len(names)) - 1
    sums = [
        sum(loads[name] for bit, name in enumerate(names) if mask >> bit & 1) for mask in range(whole + 1)
    ]

    missed = [
        sum(loads[name] - 1 for bit, name in enumerate(names) if mask >> bit & 1 and name in moved)
        for mask in range(whole + 1)
    ]

    @cache
    def best(step: int, left: int) -> tuple[int, int, tuple[int, ...]]:
        if step == len(steps):
            return missed[left], left.bit_count(), ()
        tried = []
        for taken in _within(left) if left else (0,):
            cost, over, rest = best(step + 1, left & ~taken)
            tried.append((cost + abs(steps[step] - sums[taken]), over, (taken, *rest)))
        return min(tried)

    _, _, masks = best(0, whole)
    return tuple(tuple(name for bit, name in enumerate(names) if mask >> bit & 1) for mask in masks)


def split(kg: int, loads: Expected) -> dict[UUID, int]:
    """Share kilograms among loads in proportion to what each should weigh; the shares make up the whole."""
    total = sum(loads.values())
    weights = dict(loads) if total else dict.fromkeys(loads, 1)
    total = total or len(loads)
    shares = {name: kg * weight // total for name, weight in weights.items()}
    by_rest = sorted(weights, key=lambda name: (-(kg * weights[name] % total), name))
    for name in by_rest[: kg - sum(shares.values())]:
        shares[name] += 1
    return shares


def _within(mask: int) -> list[int]:
    """Return every subset of a set of bits but the empty one."""
    found, subset = [], mask
    while subset:
        found.append(subset)
        subset = (subset - 1) & mask
    return found
