"""What speaks for and against a match that is lawful?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from matching.pairs import Pair
from matching.problem import Lot, Problem, Taker
from matching.reasons import Reason, ReasonCode


def notes(problem: Problem, pair: Pair, rivals: Sequence[Pair]) -> tuple[Reason, ...]:
    """Name what a person would want to know before choosing this pair among `rivals` (itself included)."""
    lot, taker = pair.lot, pair.taker
    found = [_price(lot, taker)]
    if len(rivals) > 1 and taker.price == max(one.taker.price for one in rivals):
        found.append(Reason(ReasonCode.BEST_PRICE, {"price": taker.price}))
    if len(rivals) > 1 and pair.metres == min(one.metres for one in rivals):
        found.append(Reason(ReasonCode.NEAREST, {"metres": pair.metres}))
    found.append(_province(lot, taker))
    room = taker.room_kg(lot.code)
    if room < lot.kg:
        found.append(Reason(ReasonCode.PART_ONLY, {"room_kg": room, "lot_kg": lot.kg}))
    if taker.licence_slack < problem.weights.licence_warn:
        found.append(Reason(ReasonCode.LICENCE_NEARLY_FULL, {"share_left": taker.licence_slack}))
    if pair.haul.vehicle_id is None:
        found.append(Reason(ReasonCode.FREIGHT_BY_TARIFF, {"per_tonne_km": problem.tariff or Decimal(0)}))
    if problem.distances.source == "estimate":
        found.append(Reason(ReasonCode.DISTANCE_ESTIMATED, {"version": problem.distances.version}))
    return tuple(found)


def _price(lot: Lot, taker: Taker) -> Reason:
    if lot.price_expectation is None:
        return Reason(ReasonCode.EXPECTATION_OPEN, {"price": taker.price})
    gap = taker.price - lot.price_expectation
    code = ReasonCode.ABOVE_EXPECTATION if gap >= 0 else ReasonCode.BELOW_EXPECTATION
    return Reason(code, {"gap": abs(gap), "expectation": lot.price_expectation})


def _province(lot: Lot, taker: Taker) -> Reason:
    if lot.province == taker.province:
        return Reason(ReasonCode.SAME_PROVINCE, {"province": lot.province})
    return Reason(ReasonCode.OTHER_PROVINCE, {"origin": lot.province, "target": taker.province})
