"""What is the best answer of a tiny market, found by trying them all and by rules written anew?"""

from __future__ import annotations

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
        or (abroad and (lot.id, taker.id) not in problem.approvals)
        or (lot.id, taker.id) in problem.excluded
        or (lot.modes and not lot.modes & taker.modes)
        or (reach is not None and metres > reach * 1000)
    ):
        return None
    hauls = []
    for v in problem.vehicles:
        if (v.hazardous_ok or not lot.hazardous) and (lot.dg_class is None or lot.dg_class in v.dg_classes):
            approach = int(problem.distances.legs([v.point], [lot.point]).metres[0])
            hauls.append(haul_by(Offer(v, approach), lot.kg, metres, problem.weights))
    if not hauls and problem.tariff is not None:
        hauls.append(haul_by_tariff(problem.tariff, metres))
    if not hauls:
        return None
    rate = going_rates(problem).get(lot.code, Decimal(0))
    return max(score(lot, taker, haul, rate, problem.weights).fen for haul in hauls)


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
