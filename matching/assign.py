"""Who takes what: the best clearing of a whole market, and the best matches for one lot?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from matching.bridge import Cleared, cleared, in_cny
from matching.distances import Ints
from matching.misses import Miss, misses_of, nearest_misses
from matching.notes import notes
from matching.pairs import Pair, Pairs, lawful_pairs, score_of
from matching.problem import Lot, Problem
from matching.reasons import Reason, ReasonCode
from matching.score import Part
from matching.solution import Assignment, Match, NotSound, Ranking, Solution, Unmatched
from matching.stopping import Limits


def clear(problem: Problem, limits: Limits | None = None) -> Solution:
    """Clear the market: choose kilograms for each lawful pair so that total welfare is greatest.

    Divisible lots are cleared by min-cost flow, proven optimal; whole lots and least parts within `limits`
    (`matching.clearing`). The answer is checked before it is handed out; NotSound is raised for one that
    breaks a rule, which no input should bring about.
    """
    return solution_of(cleared(lawful_pairs(problem), limits or Limits()))


def solution_of(answer: Cleared) -> Solution:
    """Put a cleared market into words that people and pages use, and check it against its problem."""
    pairs = answer.pairs
    problem = pairs.facts.problem
    assignments = _assignments(pairs, answer.kg)
    solution = Solution(
        assignments=assignments,
        unmatched=_unmatched(pairs, answer.kg),
        welfare=sum((one.welfare for one in assignments), Decimal(0)),
        bound=in_cny(answer.bound_fen_kg),
        proven=answer.proven,
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

    Other lots are not looked at, so it is quick; `session.LiveMarket` ranks in the light of all of them. At
    most `k` matches and `k` refusals. Raises BadProblem for an unknown lot.
    """
    return rank_all(problem, [problem.lot(lot_id)], k)[0]


def rank_all(problem: Problem, lots: Sequence[Lot], k: int = 5) -> tuple[Ranking, ...]:
    """Rank the takers of several lots of a problem, each as if it were alone; in the order of the lots."""
    found = lawful_pairs(problem, lots)
    return tuple(
        Ranking(lot.id, matches_of(found, found.of_lot(n), k), misses_of(found.facts, n, k))
        for n, lot in enumerate(lots)
    )


def matches_of(pairs: Pairs, mine: Sequence[int], k: int) -> tuple[Match, ...]:
    """Put the lawful pairs of one lot in order, best first, and say what speaks for each; at most `k`."""
    rows = [pairs.row(n) for n in mine]
    rows.sort(key=lambda pair: (-pair.fen, pair.metres, pair.taker.id))
    return tuple(_match(pairs, rows, n) for n in range(min(k, len(rows))))


def _assignments(pairs: Pairs, kg: Ints) -> tuple[Assignment, ...]:
    problem, rates = pairs.facts.problem, pairs.facts.rates
    found = []
    for n in np.flatnonzero(kg).tolist():
        pair = pairs.row(n)
        found.append(
            Assignment(
                lot_id=pair.lot.id,
                taker_id=pair.taker.id,
                kg=int(kg[n]),
                vehicle_id=pair.haul.vehicle_id,
                metres=pair.metres,
                score=score_of(problem, pair, rates),
            )
        )
    return tuple(found)


def _unmatched(pairs: Pairs, kg: Ints) -> tuple[Unmatched, ...]:
    """Give each lot's rest and the reasons of the taker that came closest."""
    facts = pairs.facts
    served = np.bincount(pairs.lot, weights=kg, minlength=len(facts.lots.kg)).astype(np.int64)
    rest = facts.lots.kg - served
    left = np.flatnonzero(rest > 0)
    best = _best_pair(pairs)
    missed = nearest_misses(facts, left[best[left] < 0], 1)
    return tuple(
        Unmatched(facts.lots.rows[n].id, int(rest[n]), _why(pairs, missed, n, int(best[n]), int(rest[n])))
        for n in left.tolist()
    )


def _why(
    pairs: Pairs, missed: Mapping[int, Sequence[Miss]], lot: int, best: int, rest: int
) -> tuple[Reason, ...]:
    if best >= 0:
        return (_market_reason(pairs.row(best), rest),)
    if lot in missed:
        return missed[lot][0].refusal.reasons
    return (Reason(ReasonCode.NO_TAKER, {"takers": 0}),)


def _best_pair(pairs: Pairs) -> Ints:
    """Give the row of each lot's best lawful pair, the lower taker id on a tie; -1: it has none."""
    order = np.lexsort((pairs.facts.takers.rank[pairs.taker], -pairs.fen, pairs.lot))
    lots, first = np.unique(pairs.lot[order], return_index=True)
    best = np.full(len(pairs.facts.lots.kg), -1, dtype=np.int64)
    best[lots] = order[first]
    return best


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


def _match(pairs: Pairs, found: Sequence[Pair], n: int) -> Match:
    pair, problem = found[n], pairs.facts.problem
    worth = score_of(problem, pair, pairs.facts.rates)
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
