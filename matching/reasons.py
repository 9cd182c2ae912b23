"""Why was something not matched, not carried, or matched the way it was? Codes and figures, never prose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

ParamValue = str | int | Decimal | bool
Params = dict[str, ParamValue]


class ReasonCode(StrEnum):
    """Every answer this package can give to "why?". `NUMBERS` gives each its number."""

    # 1xx: this lot and this taker may not meet.
    CODE_NOT_LICENSED = "code_not_licensed"
    QUOTA_EXHAUSTED = "quota_exhausted"
    TOTAL_EXHAUSTED = "total_exhausted"
    APPROVAL_NEEDED = "approval_needed"
    MODE_NOT_LICENSED = "mode_not_licensed"
    RECEIVING_CLOSED = "receiving_closed"
    EXCLUDED = "excluded"
    OUT_OF_REACH = "out_of_reach"
    READY_PASSED = "ready_passed"
    NO_TAKER = "no_taker"
    OUTSIDE_LIMITS = "outside_limits"
    FIGURE_UNKNOWN = "figure_unknown"
    GATE_DAY_CLOSED = "gate_day_closed"
    APPROVAL_EXHAUSTED = "approval_exhausted"
    NO_ROAD = "no_road"
    # 2xx: this lot and this vehicle may not meet.
    NO_VEHICLE = "no_vehicle"
    VEHICLE_NOT_HAZARDOUS = "vehicle_not_hazardous"
    VEHICLE_DG_CLASS = "vehicle_dg_class"
    VEHICLE_TOO_SMALL = "vehicle_too_small"
    # 3xx: they may meet, but the market did not bring them together.
    NO_GAIN = "no_gain"
    OUTBID = "outbid"
    # 4xx: a load is left out of a route.
    LOAD_TOO_HEAVY = "load_too_heavy"
    PICKUP_WINDOW_MISSED = "pickup_window_missed"
    DELIVERY_WINDOW_MISSED = "delivery_window_missed"
    NO_ROOM_IN_ROUTE = "no_room_in_route"
    LOCKED_ELSEWHERE = "locked_elsewhere"
    VEHICLE_TYPE = "vehicle_type"
    LICENCE_MISSING = "licence_missing"
    NO_COMPARTMENT = "no_compartment"
    RIDE_LIMIT = "ride_limit"
    NOT_CLEAN = "not_clean"
    HOURS_EXCEEDED = "hours_exceeded"
    COSTS_MORE = "costs_more"
    # 5xx: what speaks for or against a match that was made.
    ABOVE_EXPECTATION = "above_expectation"
    BELOW_EXPECTATION = "below_expectation"
    EXPECTATION_OPEN = "expectation_open"
    BEST_PRICE = "best_price"
    NEAREST = "nearest"
    SAME_PROVINCE = "same_province"
    OTHER_PROVINCE = "other_province"
    PART_ONLY = "part_only"
    LICENCE_NEARLY_FULL = "licence_nearly_full"
    DISTANCE_ESTIMATED = "distance_estimated"
    FREIGHT_BY_TARIFF = "freight_by_tariff"


NUMBERS: Mapping[ReasonCode, int] = {
    ReasonCode.CODE_NOT_LICENSED: 101,
    ReasonCode.QUOTA_EXHAUSTED: 102,
    ReasonCode.TOTAL_EXHAUSTED: 103,
    ReasonCode.APPROVAL_NEEDED: 104,
    ReasonCode.MODE_NOT_LICENSED: 105,
    ReasonCode.RECEIVING_CLOSED: 106,
    ReasonCode.EXCLUDED: 107,
    ReasonCode.OUT_OF_REACH: 108,
    ReasonCode.READY_PASSED: 109,
    ReasonCode.NO_TAKER: 110,
    ReasonCode.OUTSIDE_LIMITS: 111,
    ReasonCode.FIGURE_UNKNOWN: 112,
    ReasonCode.GATE_DAY_CLOSED: 113,
    ReasonCode.APPROVAL_EXHAUSTED: 114,
    ReasonCode.NO_ROAD: 115,
    ReasonCode.NO_VEHICLE: 201,
    ReasonCode.VEHICLE_NOT_HAZARDOUS: 202,
    ReasonCode.VEHICLE_DG_CLASS: 203,
    ReasonCode.VEHICLE_TOO_SMALL: 204,
    ReasonCode.NO_GAIN: 301,
    ReasonCode.OUTBID: 302,
    ReasonCode.LOAD_TOO_HEAVY: 401,
    ReasonCode.PICKUP_WINDOW_MISSED: 402,
    ReasonCode.DELIVERY_WINDOW_MISSED: 403,
    ReasonCode.NO_ROOM_IN_ROUTE: 404,
    ReasonCode.LOCKED_ELSEWHERE: 405,
    ReasonCode.VEHICLE_TYPE: 406,
    ReasonCode.LICENCE_MISSING: 407,
    ReasonCode.NO_COMPARTMENT: 408,
    ReasonCode.RIDE_LIMIT: 409,
    ReasonCode.NOT_CLEAN: 410,
    ReasonCode.HOURS_EXCEEDED: 411,
    ReasonCode.COSTS_MORE: 412,
    ReasonCode.ABOVE_EXPECTATION: 501,
    ReasonCode.BELOW_EXPECTATION: 502,
    ReasonCode.EXPECTATION_OPEN: 503,
    ReasonCode.BEST_PRICE: 504,
    ReasonCode.NEAREST: 505,
    ReasonCode.SAME_PROVINCE: 506,
    ReasonCode.OTHER_PROVINCE: 507,
    ReasonCode.PART_ONLY: 508,
    ReasonCode.LICENCE_NEARLY_FULL: 509,
    ReasonCode.DISTANCE_ESTIMATED: 510,
    ReasonCode.FREIGHT_BY_TARIFF: 511,
}

# How hard it is to move each obstacle out of the way, cheapest first. An order, not a price: talk about
# money comes before paper, paper before a new licence (compliance.md L4, X1).
EFFORT: Mapping[ReasonCode, int] = {
    ReasonCode.NO_GAIN: 1,
    ReasonCode.READY_PASSED: 1,
    ReasonCode.OUTBID: 2,
    ReasonCode.RECEIVING_CLOSED: 2,
    ReasonCode.GATE_DAY_CLOSED: 2,
    ReasonCode.FIGURE_UNKNOWN: 2,
    ReasonCode.OUT_OF_REACH: 2,
    ReasonCode.NO_VEHICLE: 4,
    ReasonCode.VEHICLE_NOT_HAZARDOUS: 4,
    ReasonCode.VEHICLE_DG_CLASS: 4,
    ReasonCode.VEHICLE_TOO_SMALL: 4,
    ReasonCode.QUOTA_EXHAUSTED: 8,
    ReasonCode.TOTAL_EXHAUSTED: 8,
    ReasonCode.APPROVAL_NEEDED: 16,
    ReasonCode.APPROVAL_EXHAUSTED: 16,
    ReasonCode.OUTSIDE_LIMITS: 16,
    ReasonCode.EXCLUDED: 32,
    ReasonCode.MODE_NOT_LICENSED: 64,
    ReasonCode.CODE_NOT_LICENSED: 128,
    ReasonCode.NO_ROAD: 256,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One numbered reason and the figures that fill its sentence."""

    code: ReasonCode
    params: Mapping[str, ParamValue] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """Give the number people quote."""
        return NUMBERS[self.code]
