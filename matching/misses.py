"""Which takers refuse a lot, for which reasons, and which of them would be the easiest to win over?"""

from __future__ import annotations

from matching.candidates import Candidate, measured
from matching.compatibility import pair_reasons, transport_reason
from matching.problem import Lot, Problem
from matching.reasons import EFFORT, Reason
from matching.solution import Refusal


def misses(problem: Problem, lot: Lot, k: int) -> tuple[Refusal, ...]:
    """List the `k` takers that hard rules keep from the lot and that least effort would bring in.

    Takers without a licence for the code are looked at only where no taker at all has one, since a new
    licence is the longest way of all.
    """
    licensed = [taker for taker in problem.takers if lot.code in taker.codes]
    found = _refusals(problem, lot, measured(problem, [(lot, taker) for taker in licensed]))
    if not licensed:
        found = _refusals(problem, lot, measured(problem, [(lot, taker) for taker in problem.takers]))
    found.sort(key=lambda one: (effort(one[1]), one[0].metres, one[0].taker.id))
    return tuple(Refusal(one.taker.id, tuple(reasons)) for one, reasons in found[:k])


def effort(reasons: list[Reason]) -> int:
    """Add up how hard these obstacles are to move; an order and not a price."""
    return sum(EFFORT[reason.code] for reason in reasons)


def _refusals(
    problem: Problem, lot: Lot, found: tuple[Candidate, ...]
) -> list[tuple[Candidate, list[Reason]]]:
    transport = transport_reason(problem, lot)
    refusals: list[tuple[Candidate, list[Reason]]] = []
    for one in found:
        reasons = pair_reasons(problem, lot, one.taker, one.metres, one.seconds)
        if transport is not None:
            reasons.append(transport)
        if reasons:
            refusals.append((one, reasons))
    return refusals
