"""Who takes what: the best clearing of a whole market, and the best matches for one lot?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from matching.flow import solve_flow
from matching.misses import misses
from matching.notes import notes
from matching.pairs import Pair, Pairs, lawful_pairs, score_of
from matching.problem import Problem
from matching.reasons import Reason, ReasonCode
from matching.score import Part, going_rates
from matching.solution import Assignment, Match, NotSound, Ranking, Solution, Unmatched
from matching.stopping import Limits
from matching.whole import keeps_parts, markets, solve_whole

FEN_KG = Decimal(100_000)  # fen x kg per tonne in one CNY


def clear(problem: Problem, limits: Limits | None = None) -> Solution:
    """Clear the market: choose kilograms for each lawful pair so that total welfare is greatest.

    Divisible lots are cleared by min-cost flow, proven optimal. Where that flow would divide a whole lot,
    the market concerned is solved again by CP-SAT within `limits`. The answer is checked before it is
    handed out; NotSound is raised for one that breaks a rule, which no input should bring about.
    """
    pairs = lawful_pairs(problem)
    gainful = pairs.gainful
    kg, bound, proven = _kilograms(gainful, limits or Limits())
    assignments = _assignments(problem, gainful, kg)
    solution = Solution(
        assignments=assignments,
        unmatched=_unmatched(problem, pairs, assignments),
        welfare=sum((one.welfare for one in assignments), Decimal(0)),
        bound=bound,
        proven=proven,
        truncated=pairs.truncated,
        distance_source=problem.distances.source,
        distance_version=problem.distances.version,
    )
    violations = solution.check(problem)
    if violations:
        raise NotSound(violations)
    return solution


def rank(problem: Problem, lot_id: str, k: int = 5) -> Ranking:
    """Rank the takers for one lot, best first, each with its cheapest vehicle, freight and reasons.

    Other lots are not looked at, so it is quick; what they would leave over is `clear`'s answer. At most
    `k` matches and `k` refusals. Raises BadProblem for an unknown lot.
    """
    lot = problem.lot(lot_id)
    found = list(lawful_pairs(problem, [lot]).rows)
    found.sort(key=lambda pair: (-pair.fen, pair.metres, pair.taker.id))
    rates = going_rates(problem)
    matches = tuple(_match(problem, found, n, rates) for n in range(min(k, len(found))))
    return Ranking(lot.id, matches, misses(problem, lot, k))


def _kilograms(pairs: Sequence[Pair], limits: Limits) -> tuple[list[int], Decimal, bool]:
    """Give kilograms per pair, the bound in CNY, and whether the answer is proven best."""
    if not pairs:
        return [], Decimal(0), True
    flow = solve_flow(pairs)
    kg: list[int] = flow.kg[: len(pairs)].tolist()
    proven = True
    if not keeps_parts(pairs, kg):
        for market in markets(pairs):
            members = [pairs[n] for n in market]
            divided = [kg[n] for n in market]
            if keeps_parts(members, divided):
                continue
            cleared = solve_whole(members, divided, limits)
            proven = proven and cleared.proven
            for n, amount in zip(market, cleared.kg, strict=True):
                kg[n] = amount
    return kg, Decimal(flow.welfare) / FEN_KG, proven


def _assignments(problem: Problem, pairs: Sequence[Pair], kg: Sequence[int]) -> tuple[Assignment, ...]:
    rates = going_rates(problem)
    return tuple(
        Assignment(
            lot_id=pair.lot.id,
            taker_id=pair.taker.id,
            kg=amount,
            vehicle_id=pair.haul.vehicle_id,
            metres=pair.metres,
            score=score_of(problem, pair, rates),
        )
        for pair, amount in zip(pairs, kg, strict=True)
        if amount > 0
    )


def _unmatched(problem: Problem, pairs: Pairs, assignments: Sequence[Assignment]) -> tuple[Unmatched, ...]:
    """Give each lot's rest and the reasons of the taker that came closest."""
    served: Counter[str] = Counter()
    for one in assignments:
        served[one.lot_id] += one.kg
    best: dict[str, Pair] = {}
    for pair in sorted(pairs.rows, key=lambda pair: (-pair.fen, pair.taker.id)):
        best.setdefault(pair.lot.id, pair)
    rests: list[Unmatched] = []
    for lot in problem.lots:
        rest = lot.kg - served[lot.id]
        if rest == 0:
            continue
        if lot.id in best:
            reasons: tuple[Reason, ...] = (_market_reason(best[lot.id], rest),)
        else:
            nearest = misses(problem, lot, 1)
            reasons = nearest[0].reasons if nearest else (Reason(ReasonCode.NO_TAKER, {"takers": 0}),)
        rests.append(Unmatched(lot.id, rest, reasons))
    return tuple(rests)


def _market_reason(pair: Pair, rest: int) -> Reason:
    """Say why the best lawful taker of a lot did not take (all of) it: no gain, no room, or outbid."""
    gain = Decimal(pair.fen) / 100
    if pair.fen <= 0:
        return Reason(ReasonCode.NO_GAIN, {"taker_id": pair.taker.id, "per_tonne": gain})
    quota, total = pair.taker.codes[pair.lot.code], pair.taker.total_kg
    if min(quota, total) < pair.lot.kg:
        code = ReasonCode.QUOTA_EXHAUSTED if quota <= total else ReasonCode.TOTAL_EXHAUSTED
        return Reason(
            code,
            {"taker_id": pair.taker.id, "remaining_kg": min(quota, total), "needed_kg": pair.lot.kg},
        )
    return Reason(ReasonCode.OUTBID, {"taker_id": pair.taker.id, "per_tonne": gain, "rest_kg": rest})


def _match(problem: Problem, found: Sequence[Pair], n: int, rates: Mapping[str, Decimal]) -> Match:
    pair = found[n]
    worth = score_of(problem, pair, rates)
    return Match(
        rank=n + 1,
        lot_id=pair.lot.id,
        taker_id=pair.taker.id,
        kg=min(pair.lot.kg, pair.taker.room_kg(pair.lot.code)),
        vehicle_id=pair.haul.vehicle_id,
        price=pair.taker.price,
        freight=-worth.parts[Part.FREIGHT],
        metres=pair.metres,
        seconds=pair.seconds,
        distance_source=problem.distances.source,
        score=worth,
        reasons=notes(problem, pair, found),
    )
