"""What has to be carried from where to where, and when?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from matching.distances import Point
from matching.problem import BadProblem, Defect, Problem, Window
from matching.solution import Assignment

PICKUP_S = 1800
DELIVERY_S = 1800


@dataclass(frozen=True, slots=True)
class Load:
    """One pick-up and its delivery. Service must begin inside `ready`, and inside one of `receiving`.

    `pickup_s` and `delivery_s` are seconds of service. No `receiving`: delivered at any time.
    """

    id: str
    pickup: Point
    delivery: Point
    kg: int
    ready: Window
    receiving: tuple[Window, ...] = ()
    hazardous: bool = False
    dg_class: str | None = None
    pickup_s: int = PICKUP_S
    delivery_s: int = DELIVERY_S

    def __post_init__(self) -> None:
        if self.kg <= 0:
            raise BadProblem(Defect.NOT_POSITIVE, self.id, "kg", self.kg)
        if min(self.pickup_s, self.delivery_s) < 0:
            raise BadProblem(Defect.NEGATIVE, self.id, "pickup_s/delivery_s", self.pickup_s)


def load_of(problem: Problem, assignment: Assignment, kg: int | None = None) -> Load:
    """Make the load of an assignment, or of `kg` of it where a vehicle cannot take it all at once."""
    lot, taker = problem.lot(assignment.lot_id), problem.taker(assignment.taker_id)
    return Load(
        id=f"{lot.id}:{taker.id}",
        pickup=lot.point,
        delivery=taker.point,
        kg=assignment.kg if kg is None else kg,
        ready=lot.ready,
        receiving=taker.windows,
        hazardous=lot.hazardous,
        dg_class=lot.dg_class,
    )


def opening(windows: tuple[Window, ...], at: datetime) -> datetime | None:
    """Give the first moment from `at` on that lies in a window; None: they are all over."""
    if not windows:
        return at
    later = [max(at, window.start) for window in windows if window.end > at]
    return min(later, default=None)


def later(at: datetime, seconds: int) -> datetime:
    """Give the moment so many seconds after."""
    return at + timedelta(seconds=seconds)


def seconds_after(start: datetime, at: datetime) -> int:
    """Count whole seconds from `start`, rounded up, so that nothing begins before its window."""
    return math.ceil((at - start).total_seconds())
