"""In which ways can a routing plan break its problem?"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from matching.reasons import ParamValue
from matching.solution import Violation


class Fault(StrEnum):
    """A rule of `routing.model` that a plan breaks, or a figure it states wrongly."""

    UNKNOWN_NODE = "unknown_node"
    NODE_COUNT = "node_count"
    NODE_ORDER = "node_order"
    VEHICLE_FORBIDDEN = "vehicle_forbidden"
    WINDOW_MISSED = "window_missed"
    CLOSED = "closed"
    DOCKS_FULL = "docks_full"
    RIDE_TOO_LONG = "ride_too_long"
    SHIFT_OVERRUN = "shift_overrun"
    BREAK_MISSED = "break_missed"
    DRIVEN_TOO_LONG = "driven_too_long"
    OVERLOADED = "overloaded"
    WASTE_FORBIDDEN = "waste_forbidden"
    MUST_NOT_MEET = "must_not_meet"
    NOT_CLEANED = "not_cleaned"
    FIXED_CHANGED = "fixed_changed"
    MOVED_TOO_MANY = "moved_too_many"
    # what a plan says of itself
    TIMES_WRONG = "times_wrong"
    ROAD_WRONG = "road_wrong"
    LOAD_WRONG = "load_wrong"
    COSTS_WRONG = "costs_wrong"
    UNEXPLAINED = "unexplained"


def broken(fault: Fault, **params: ParamValue | float) -> Violation:
    """Make a violation; figures are kept to the thousandth."""
    exact = {name: figure(value) if isinstance(value, float) else value for name, value in params.items()}
    return Violation(fault, exact)


def figure(value: float) -> Decimal:
    """Give a figure to the thousandth, as it is shown to people."""
    return Decimal(f"{value:.3f}")
