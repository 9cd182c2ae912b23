"""May this lot go to this taker, and on this vehicle; and if not, for which numbered reasons?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from matching.distances import UNREACHABLE
from matching.problem import Lot, Problem, Taker, Vehicle
from matching.reasons import Params, Reason, ReasonCode

Rule = Callable[[Problem, Lot, Taker], Reason | None]


def pair_reasons(problem: Problem, lot: Lot, taker: Taker, metres: int, seconds: int) -> list[Reason]:
    """Name every hard rule that keeps the lot from the taker; empty: they may deal.

    `metres` and `seconds` are the road between them. Capacity is judged for the smallest part alone;
    what others take besides is the clearing's business.
    """
    found = [rule(problem, lot, taker) for rule in PAIR_RULES]
    found += [_reach(problem, taker, metres), _receiving(problem, lot, taker, seconds)]
    found += [_gate_days(problem, lot, taker, seconds), *_limits(lot, taker)]
    return [reason for reason in found if reason is not None]


def crosses(lot: Lot, taker: Taker) -> bool:
    """Tell whether the pair needs an approval to move hazardous waste across provinces (X1)."""
    return lot.hazardous and lot.province != taker.province


def vehicle_reason(lot: Lot, vehicle: Vehicle) -> Reason | None:
    """Name the first rule that keeps the lot off the vehicle (L9); None: it may carry it."""
    if lot.hazardous and not vehicle.hazardous_ok:
        return Reason(ReasonCode.VEHICLE_NOT_HAZARDOUS, {"vehicle_id": vehicle.id})
    if lot.dg_class is not None and lot.dg_class not in vehicle.dg_classes:
        params: Params = {"vehicle_id": vehicle.id, "dg_class": lot.dg_class}
        return Reason(ReasonCode.VEHICLE_DG_CLASS, params)
    if lot.one_trip and vehicle.capacity_kg < lot.kg:
        small: Params = {"vehicle_id": vehicle.id, "room_kg": vehicle.capacity_kg, "lot_kg": lot.kg}
        return Reason(ReasonCode.VEHICLE_TOO_SMALL, small)
    return None


def transport_reason(problem: Problem, lot: Lot) -> Reason | None:
    """Name why no vehicle of the problem can carry the lot; None: one can, or the tariff stands in."""
    if problem.tariff is not None:
        return None
    if not problem.vehicles:
        return Reason(ReasonCode.NO_VEHICLE, {"vehicles": 0})
    reasons = [vehicle_reason(lot, vehicle) for vehicle in problem.vehicles]
    blocked = [reason for reason in reasons if reason is not None]
    if len(blocked) < len(reasons):
        return None
    # One that is only too small is closer than one without the class, and that than one that may carry none.
    return max(blocked, key=lambda reason: (reason.number, reason.params.get("room_kg", 0)))


def _code(_: Problem, lot: Lot, taker: Taker) -> Reason | None:
    if lot.code in taker.codes:
        return None
    return Reason(ReasonCode.CODE_NOT_LICENSED, {"taker_id": taker.id, "waste_code": lot.code})


def _quota(_: Problem, lot: Lot, taker: Taker) -> Reason | None:
    remaining = taker.codes.get(lot.code)
    if remaining is None or remaining >= lot.smallest_kg:
        return None
    params: Params = {"taker_id": taker.id, "remaining_kg": remaining, "needed_kg": lot.smallest_kg}
    return Reason(ReasonCode.QUOTA_EXHAUSTED, params)


def _total(_: Problem, lot: Lot, taker: Taker) -> Reason | None:
    if taker.total_kg >= lot.smallest_kg:
        return None
    params: Params = {"taker_id": taker.id, "remaining_kg": taker.total_kg, "needed_kg": lot.smallest_kg}
    return Reason(ReasonCode.TOTAL_EXHAUSTED, params)


def _approval(problem: Problem, lot: Lot, taker: Taker) -> Reason | None:
    """Ask for X1 before hazardous waste leaves its province."""
    pair = (lot.id, taker.id)
    if not crosses(lot, taker):
        return None
    if pair not in problem.approvals and pair not in problem.approved_kg:
        params: Params = {"taker_id": taker.id, "origin": lot.province, "target": taker.province}
        return Reason(ReasonCode.APPROVAL_NEEDED, params)
    remaining = problem.approved_kg.get(pair, lot.kg)
    if remaining >= lot.kg:  # an approval that may run out on the way covers nothing
        return None
    short: Params = {"taker_id": taker.id, "remaining_kg": remaining, "needed_kg": lot.kg}
    return Reason(ReasonCode.APPROVAL_EXHAUSTED, short)


def _mode(_: Problem, lot: Lot, taker: Taker) -> Reason | None:
    if not lot.modes or lot.modes & taker.modes:
        return None
    params: Params = {"taker_id": taker.id, "wanted": ",".join(sorted(lot.modes))}
    return Reason(ReasonCode.MODE_NOT_LICENSED, params)


def _excluded(problem: Problem, lot: Lot, taker: Taker) -> Reason | None:
    if (lot.id, taker.id) not in problem.excluded:
        return None
    return Reason(ReasonCode.EXCLUDED, {"taker_id": taker.id})


def _ready(problem: Problem, lot: Lot, taker: Taker) -> Reason | None:
    if lot.ready.end > problem.at:
        return None
    params: Params = {"taker_id": taker.id, "ready_end": lot.ready.end.isoformat()}
    return Reason(ReasonCode.READY_PASSED, params)


PAIR_RULES: tuple[Rule, ...] = (_code, _quota, _total, _approval, _mode, _excluded, _ready)


def _reach(problem: Problem, taker: Taker, metres: int) -> Reason | None:
    """Refuse a taker without a road to it, or too far away."""
    if metres >= UNREACHABLE:
        return Reason(ReasonCode.NO_ROAD, {"taker_id": taker.id})
    limit = problem.weights.reach_km
    if limit is None or metres <= limit * 1000:
        return None
    return Reason(ReasonCode.OUT_OF_REACH, {"taker_id": taker.id, "metres": metres, "limit_km": limit})


def _receiving(problem: Problem, lot: Lot, taker: Taker, seconds: int) -> Reason | None:
    """Refuse a taker whose last receiving hour ends before the first load can be there."""
    if not taker.windows:
        return None
    earliest = _earliest(problem, lot, seconds)
    if any(window.end > earliest for window in taker.windows):
        return None
    return Reason(ReasonCode.RECEIVING_CLOSED, {"taker_id": taker.id, "earliest": earliest.isoformat()})


def _gate_days(problem: Problem, lot: Lot, taker: Taker, seconds: int) -> Reason | None:
    """Refuse a taker whose gate is shut on every day on which a load of the lot can arrive."""
    if taker.days is None:
        return None
    earliest = _earliest(problem, lot, seconds)
    latest = max(earliest, lot.ready.end + timedelta(seconds=seconds))
    first = (earliest.astimezone(UTC) + taker.days.utc_offset).date()
    last = (latest.astimezone(UTC) + taker.days.utc_offset).date()
    if any(taker.days.is_open(first + timedelta(days=n)) for n in range((last - first).days + 1)):
        return None
    params: Params = {"taker_id": taker.id, "earliest": earliest.isoformat(), "latest": latest.isoformat()}
    return Reason(ReasonCode.GATE_DAY_CLOSED, params)


def _earliest(problem: Problem, lot: Lot, seconds: int) -> datetime:
    return max(lot.ready.start, problem.at) + timedelta(seconds=seconds)


def bounds_of(taker: Taker, code: str) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    """Give the least and most that a taker accepts of each figure for a code, its limits taken together."""
    bounds: dict[str, tuple[Decimal | None, Decimal | None]] = {}
    for limit in taker.limits:
        if limit.codes and code not in limit.codes:
            continue
        least, most = bounds.get(limit.figure, (None, None))
        leasts = [value for value in (least, limit.least) if value is not None]
        mosts = [value for value in (most, limit.most) if value is not None]
        bounds[limit.figure] = (max(leasts, default=None), min(mosts, default=None))
    return bounds


def _limits(lot: Lot, taker: Taker) -> Iterator[Reason]:
    """Refuse what lies outside a taker's limits, and what is not known of a figure that it limits."""
    for figure, (least, most) in sorted(bounds_of(taker, lot.code).items()):
        value = lot.composition.get(figure)
        params: Params = {"taker_id": taker.id, "figure": figure}
        if least is not None:
            params["least"] = least
        if most is not None:
            params["most"] = most
        if value is None:
            yield Reason(ReasonCode.FIGURE_UNKNOWN, params)
        elif (least is not None and value < least) or (most is not None and value > most):
            yield Reason(ReasonCode.OUTSIDE_LIMITS, params | {"value": value})
