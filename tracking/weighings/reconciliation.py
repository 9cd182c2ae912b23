"""Do the scales of both ends still tell the same story, load after load?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from statistics import median

from tracking.weighings.tares import MAD_TO_SIGMA
from tracking.weighings.tolerance import Tolerance

NEWEST = 6
"""So many loads say what a scale shows now."""
LEAST = 12
"""So many before them say what it showed."""
MOST = 60
LEAST_PERMILLE = 2.0
FLOOR_PERMILLE = 0.5
SPREADS = 4


@dataclass(frozen=True, slots=True)
class Compared:
    """One load that two scales weighed: the own net, the other's, whose that was, and when."""

    at: datetime
    own_kg: int
    other_kg: int
    other: str = ""

    @property
    def permille(self) -> float:
        """Return by how much the own scale shows more than the other, in per mille."""
        return 1000 * (self.own_kg - self.other_kg) / max(1, self.other_kg)


@dataclass(frozen=True, slots=True)
class Drift:
    """How a scale's difference to the others has moved: before, now (per mille), and since when."""

    since: datetime
    before_permille: float
    now_permille: float
    loads: int
    others: int


def drift(history: Sequence[Compared]) -> Drift | None:
    """Return the drift of one scale against the others, None where it stays as it was or little is known.

    The median of the newest loads lies farther from the median of those before than their own spread
    explains; each counterpart's usual difference is taken off first, so that a change of customers is none.
    """
    ordered = sorted(history, key=lambda one: one.at)[-MOST:]
    before, now = ordered[:-NEWEST], ordered[-NEWEST:]
    if len(before) < LEAST:
        return None
    middle = median(one.permille for one in before)
    usual = {other: _usual(before, other, middle) for other in {one.other for one in ordered}}
    old = [one.permille - usual[one.other] for one in before]
    new = [one.permille - usual[one.other] for one in now]
    sigma = max(FLOOR_PERMILLE, MAD_TO_SIGMA * median(abs(one) for one in old))
    moved = median(new)
    if abs(moved) <= max(LEAST_PERMILLE, SPREADS * sigma / sqrt(NEWEST)):
        return None
    others = len({one.other for one in now})
    return Drift(now[0].at, round(middle, 2), round(middle + moved, 2), len(ordered), others)


def _usual(before: Sequence[Compared], other: str, middle: float) -> float:
    own = [one.permille for one in before if one.other == other]
    return median(own) if len(own) > 2 else middle


def disagreement(sender_kg: int, receiver_kg: int, allowed: Tolerance) -> dict[str, object] | None:
    """Return the figures of two nets that differ by more than is allowed, None inside."""
    gap = abs(sender_kg - receiver_kg)
    if gap <= allowed.kg:
        return None
    return {
        "sender_kg": sender_kg,
        "receiver_kg": receiver_kg,
        "gap_kg": gap,
        "tolerance_kg": allowed.kg,
        "basis": allowed.basis.value,
    }
