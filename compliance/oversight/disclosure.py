"""What of a year is made public: who handed over, took in and treated how much of which waste?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from compliance.oversight.rules import Load
from compliance.record.clock import local_date


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One company's year with one waste, kilograms; never to whom it went or from whom it came."""

    organisation: UUID
    code: str
    hazardous: bool
    handed_over_kg: int = 0
    taken_in_kg: int = 0
    treated_kg: int = 0
    loads: int = 0


def disclosed(loads: Iterable[Load], year: int) -> list[Disclosed]:
    """Return what every company handed over, took in and treated in a year, by waste code.

    Each counts in the year of its day, whichever year the manifest was drawn up in; not what was called off.

    What a receiver refused was handed over once: its way back takes it off, its way onward adds nothing.
    """
    sums: dict[tuple[UUID, str, bool], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in loads:
        if one.cancelled or one.loaded_kg is None:
            continue
        left_in = (local_date(one.left_at) if one.left_at is not None else one.drawn_up).year
        if one.comes_home:
            if left_in == year:
                sums[one.mover, one.code, one.hazardous][0] -= one.accepted_kg or one.loaded_kg
            continue
        if left_in == year and not one.refused_before:
            gave = sums[one.mover, one.code, one.hazardous]
            gave[0] += one.loaded_kg
            gave[3] += 1
        if one.accepted_kg:
            _take_in(sums[one.receiver, one.code, one.hazardous], one, year)
    return [
        Disclosed(key[0], key[1], key[2], *masses)
        for key, masses in sorted(sums.items(), key=lambda pair: (pair[0][0].int, pair[0][1]))
        if any(masses)
    ]


def _take_in(took: list[int], one: Load, year: int) -> None:
    """Count what a receiver took in and treated, each in the year of its own day."""
    if (one.accepted_on or one.drawn_up).year == year:
        took[1] += one.accepted_kg or 0
        took[3] += 1
    if one.treated_on is not None and one.treated_on.year == year:
        took[2] += one.accepted_kg or 0
