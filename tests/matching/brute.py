"""What is the best answer of a tiny market, found by trying them all and by rules written anew?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import product

from matching.freight import Offer, haul_by, haul_by_tariff
from matching.problem import Division, Lot, Problem, Taker
from matching.score import going_rates, score

TONNE = 1000


def pair_fen(problem: Problem, lot: Lot, taker: Taker) -> int | None:
    """Give the welfare of a pair in fen per tonne; None: a hard rule forbids it."""
    metres = int(problem.distances.legs([lot.point], [taker.point]).metres[0])
    reach = problem.weights.reach_km
    abroad = lot.hazardous and lot.province != taker.province
    if (
        lot.code not in taker.codes
        or (abroad and not _approved(problem, lot, taker))
        or (lot.id, taker.id) in problem.excluded
        or (lot.modes and not lot.modes & taker.modes)
        or (reach is not None and metres > reach * 1000)
        or not _within_limits(lot, taker)
        or not _gate_opens(problem, lot, taker)
        or not _still_receives(problem, lot, taker)
    ):
        return None
    hauls = []
    for v in problem.vehicles:
        able = (v.hazardous_ok or not lot.hazardous) and (
            lot.dg_class is None or lot.dg_class in v.dg_classes
        )
        if able and (v.capacity_kg >= lot.kg or not lot.one_trip):
            approach = int(problem.distances.legs([v.point], [lot.point]).metres[0])
            hauls.append(haul_by(Offer(v, approach), lot.kg, metres, problem.weights))
    if not hauls and problem.tariff is not None:
        hauls.append(haul_by_tariff(problem.tariff, metres))
    if not hauls:
        return None
    rate = going_rates(problem).get(lot.code, Decimal(0))
    return max(score(lot, taker, haul, rate, problem.weights).fen for haul in hauls)


def _approved(problem: Problem, lot: Lot, taker: Taker) -> bool:
    pair = (lot.id, taker.id)
    if pair in problem.approved_kg:
        return problem.approved_kg[pair] >= lot.kg
    return pair in problem.approvals


def _within_limits(lot: Lot, taker: Taker) -> bool:
    for limit in taker.limits:
        if limit.codes and lot.code not in limit.codes:
            continue
        value = lot.composition.get(limit.figure)
        if value is None or (limit.least is not None and value < limit.least):
            return False
        if limit.most is not None and value > limit.most:
            return False
    return True


def _gate_opens(problem: Problem, lot: Lot, taker: Taker) -> bool:
    if taker.days is None:
        return True
    seconds = int(problem.distances.legs([lot.point], [taker.point]).seconds[0])
    moment = max(problem.at, lot.ready.start) + timedelta(seconds=seconds)
    last = max(moment, lot.ready.end + timedelta(seconds=seconds))
    while moment < last:
        if taker.days.is_open((moment + taker.days.utc_offset).date()):
            return True
        moment += timedelta(hours=1)
    return taker.days.is_open((last + taker.days.utc_offset).date())


def _still_receives(problem: Problem, lot: Lot, taker: Taker) -> bool:
    seconds = int(problem.distances.legs([lot.point], [taker.point]).seconds[0])
    first = max(problem.at, lot.ready.start) + timedelta(seconds=seconds)
    return not taker.windows or max(window.end for window in taker.windows) > first


def best_welfare(problem: Problem) -> Decimal:
    """Give the greatest welfare in CNY over every division into whole tonnes."""
    worth = {
        (a.id, b.id): fen
        for a in problem.lots
        for b in problem.takers
        if (fen := pair_fen(problem, a, b)) is not None
    }
    rooms = [
        {(b.id, code): kg // TONNE for b in problem.takers for code, kg in b.codes.items()},
        {b.id: b.total_kg // TONNE for b in problem.takers},
    ]
    return Decimal(_best(problem, worth, rooms[0], rooms[1], 0)) / 100


def _best(
    problem: Problem,
    worth: dict[tuple[str, str], int],
    quota: dict[tuple[str, str], int],
    total: dict[str, int],
    n: int,
) -> int:
    if n == len(problem.lots):
        return 0
    lot = problem.lots[n]
    best = 0
    for parts in product(*(_amounts(lot, (lot.id, b.id) in worth) for b in problem.takers)):
        if sum(parts) > lot.kg // TONNE:
            continue
        quota_left, total_left = dict(quota), dict(total)
        gain = 0
        for b, part in zip(problem.takers, parts, strict=True):
            if part:
                quota_left[b.id, lot.code] -= part
                total_left[b.id] -= part
                gain += part * worth[lot.id, b.id]
        if min([*quota_left.values(), *total_left.values()], default=0) >= 0:
            best = max(best, gain + _best(problem, worth, quota_left, total_left, n + 1))
    return best


def _amounts(lot: Lot, lawful: bool) -> list[int]:
    most = lot.kg // TONNE
    if not lawful:
        return [0]
    if lot.division is Division.WHOLE:
        return [0, most]
    return [0, *range(max(1, lot.min_kg // TONNE), most + 1)]
