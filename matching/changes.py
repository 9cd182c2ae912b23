"""How does a problem look after one obstacle has been moved out of a lot's way?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from matching.problem import Lot, Problem, Taker, Vehicle, Window
from matching.reasons import ParamValue, Reason, ReasonCode
from matching.score import going_rates, reserve

DAY = timedelta(days=1)
LORRY_KG = 30_000


class Step(StrEnum):
    """One thing that somebody could change; the unit of its amount behind it."""

    LOWER_EXPECTATION = "lower_expectation"  # CNY per tonne
    RENEW_READY = "renew_ready"  # once
    OPEN_RECEIVING = "open_receiving"  # once
    WIDEN_REACH = "widen_reach"  # metres
    FIND_VEHICLE = "find_vehicle"  # kg of capacity
    ADD_QUOTA = "add_quota"  # kg of the code this year
    ADD_TOTAL = "add_total"  # kg of all codes this year
    GET_APPROVAL = "get_approval"  # once
    LIFT_EXCLUSION = "lift_exclusion"  # once
    ALLOW_MODE = "allow_mode"  # once
    ADD_CODE = "add_code"  # kg of the code this year
    STATE_FIGURE = "state_figure"  # a value of the figure named that would do
    MEET_LIMIT = "meet_limit"  # the value of the figure named that would do
    OPEN_GATE = "open_gate"  # once
    RAISE_APPROVAL = "raise_approval"  # kg


@dataclass(frozen=True, slots=True)
class Change:
    """One step by so much; `figure` names what of the composition is meant, where it is."""

    step: Step
    amount: Decimal
    figure: str = ""


def change_for(lot: Lot, reason: Reason, metres: int) -> Change:
    """Give the change that answers one hard reason between a lot and a taker `metres` away."""
    step, params = STEPS[reason.code], reason.params
    if step in {Step.ADD_QUOTA, Step.ADD_TOTAL, Step.RAISE_APPROVAL}:
        return Change(step, Decimal(params["needed_kg"]) - Decimal(params["remaining_kg"]))
    if step in {Step.MEET_LIMIT, Step.STATE_FIGURE}:
        return Change(step, _within(params), str(params["figure"]))
    amounts = {
        Step.ADD_CODE: lot.kg,
        Step.WIDEN_REACH: metres,
        Step.FIND_VEHICLE: lot.kg if lot.one_trip else min(lot.kg, LORRY_KG),
    }
    return Change(step, Decimal(amounts.get(step, 1)))


def _within(bounds: Mapping[str, ParamValue]) -> Decimal:
    """Give the value inside the bounds that is nearest to the one that lies outside."""
    value = bounds.get("value")
    if "most" in bounds and (value is None or Decimal(value) > Decimal(bounds["most"])):
        return Decimal(bounds["most"])
    return Decimal(bounds["least"]) if "least" in bounds else Decimal(0)


STEPS: Mapping[ReasonCode, Step] = {
    ReasonCode.QUOTA_EXHAUSTED: Step.ADD_QUOTA,
    ReasonCode.TOTAL_EXHAUSTED: Step.ADD_TOTAL,
    ReasonCode.APPROVAL_EXHAUSTED: Step.RAISE_APPROVAL,
    ReasonCode.OUTSIDE_LIMITS: Step.MEET_LIMIT,
    ReasonCode.FIGURE_UNKNOWN: Step.STATE_FIGURE,
    ReasonCode.CODE_NOT_LICENSED: Step.ADD_CODE,
    ReasonCode.OUT_OF_REACH: Step.WIDEN_REACH,
    ReasonCode.NO_VEHICLE: Step.FIND_VEHICLE,
    ReasonCode.VEHICLE_NOT_HAZARDOUS: Step.FIND_VEHICLE,
    ReasonCode.VEHICLE_DG_CLASS: Step.FIND_VEHICLE,
    ReasonCode.VEHICLE_TOO_SMALL: Step.FIND_VEHICLE,
    ReasonCode.GATE_DAY_CLOSED: Step.OPEN_GATE,
    ReasonCode.APPROVAL_NEEDED: Step.GET_APPROVAL,
    ReasonCode.MODE_NOT_LICENSED: Step.ALLOW_MODE,
    ReasonCode.RECEIVING_CLOSED: Step.OPEN_RECEIVING,
    ReasonCode.EXCLUDED: Step.LIFT_EXCLUSION,
    ReasonCode.READY_PASSED: Step.RENEW_READY,
}


def with_changes(problem: Problem, lot_id: str, taker_id: str, changes: Iterable[Change]) -> Problem:
    """Give the problem after the changes, made in their order; the problem itself stays as it was."""
    for change in changes:
        lot, taker = problem.lot(lot_id), problem.taker(taker_id)
        if change.figure:
            problem = _with_lot(
                problem, replace(lot, composition={**lot.composition, change.figure: change.amount})
            )
        else:
            problem = _APPLY[change.step](problem, lot, taker, change.amount)
    return problem


def _with_lot(problem: Problem, new: Lot) -> Problem:
    return replace(problem, lots=tuple(new if lot.id == new.id else lot for lot in problem.lots))


def _with_taker(problem: Problem, new: Taker) -> Problem:
    return replace(problem, takers=tuple(new if one.id == new.id else one for one in problem.takers))


def _lower(problem: Problem, lot: Lot, _: Taker, amount: Decimal) -> Problem:
    rate = going_rates(problem).get(lot.code, Decimal(0))
    return _with_lot(problem, replace(lot, price_expectation=reserve(lot, rate, problem.weights) - amount))


def _renew(problem: Problem, lot: Lot, _: Taker, __: Decimal) -> Problem:
    return _with_lot(problem, replace(lot, ready=Window(problem.at, problem.at + DAY)))


def _open(problem: Problem, _: Lot, taker: Taker, __: Decimal) -> Problem:
    return _with_taker(problem, replace(taker, windows=()))


def _widen(problem: Problem, _: Lot, __: Taker, amount: Decimal) -> Problem:
    reach_km = -(-int(amount) // 1000)
    return replace(problem, weights=replace(problem.weights, reach_km=reach_km))


def _vehicle(problem: Problem, lot: Lot, _: Taker, amount: Decimal) -> Problem:
    found = Vehicle(
        id=f"found-for-{lot.id}",
        carrier_id="",
        point=lot.point,
        capacity_kg=int(amount),
        freight=max((v.freight for v in problem.vehicles), default=problem.weights.market_freight),
        hazardous_ok=True,
        dg_classes=frozenset() if lot.dg_class is None else frozenset({lot.dg_class}),
    )
    return replace(problem, vehicles=(*problem.vehicles, found))


def _quota(problem: Problem, lot: Lot, taker: Taker, amount: Decimal) -> Problem:
    codes = {**taker.codes, lot.code: taker.codes.get(lot.code, 0) + int(amount)}
    return _with_taker(problem, replace(taker, codes=codes))


def _total(problem: Problem, _: Lot, taker: Taker, amount: Decimal) -> Problem:
    return _with_taker(problem, replace(taker, total_kg=taker.total_kg + int(amount)))


def _approve(problem: Problem, lot: Lot, taker: Taker, _: Decimal) -> Problem:
    return replace(problem, approvals=problem.approvals | {(lot.id, taker.id)})


def _raise_approval(problem: Problem, lot: Lot, taker: Taker, amount: Decimal) -> Problem:
    pair = (lot.id, taker.id)
    more = problem.approved_kg.get(pair, 0) + int(amount)
    return replace(problem, approved_kg={**problem.approved_kg, pair: more})


def _open_gate(problem: Problem, _: Lot, taker: Taker, __: Decimal) -> Problem:
    return _with_taker(problem, replace(taker, days=None))


def _lift(problem: Problem, lot: Lot, taker: Taker, _: Decimal) -> Problem:
    return replace(problem, excluded=problem.excluded - {(lot.id, taker.id)})


def _allow(problem: Problem, lot: Lot, taker: Taker, _: Decimal) -> Problem:
    return _with_lot(problem, replace(lot, modes=lot.modes | taker.modes))


_APPLY: Mapping[Step, Callable[[Problem, Lot, Taker, Decimal], Problem]] = {
    Step.LOWER_EXPECTATION: _lower,
    Step.RENEW_READY: _renew,
    Step.OPEN_RECEIVING: _open,
    Step.WIDEN_REACH: _widen,
    Step.FIND_VEHICLE: _vehicle,
    Step.ADD_QUOTA: _quota,
    Step.ADD_TOTAL: _total,
    Step.GET_APPROVAL: _approve,
    Step.LIFT_EXCLUSION: _lift,
    Step.ALLOW_MODE: _allow,
    Step.ADD_CODE: _quota,
    Step.RAISE_APPROVAL: _raise_approval,
    Step.OPEN_GATE: _open_gate,
}
