"""Does the checker find every lie that could be planted in an answer?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from matching import Assignment, Division, Problem, Solution, clear
from matching.score import Part, Score
from matching.solution import Breach, Unmatched
from tests.matching.builders import HUNAN, lot, market, taker, vehicle


def honest() -> tuple[Problem, Solution]:
    """Give a cleared market of two lots and two takers."""
    problem = market(
        [lot("L1"), lot("L2", kg=5000, price_expectation=None)],
        [taker("T1", codes={"SW17": 8000}), taker("T2", price=Decimal(250))],
    )
    return problem, clear(problem)


def breaches(solution: Solution, problem: Problem) -> set[Breach]:
    """Name the kinds of broken rules."""
    return {violation.breach for violation in solution.check(problem)}


def with_first(solution: Solution, **changes: object) -> Solution:
    """Change the first assignment of an answer."""
    first, *others = solution.assignments
    return replace(solution, assignments=(replace(first, **changes), *others))  # type: ignore[arg-type]


def test_an_honest_answer_has_no_violation() -> None:
    """Otherwise good answers would be thrown away."""
    problem, solution = honest()
    assert len(solution.assignments) == 3
    assert solution.check(problem) == []


@pytest.mark.parametrize(
    ("changes", "breach"),
    [
        ({"lot_id": "L9"}, Breach.UNKNOWN_LOT),
        ({"taker_id": "T9"}, Breach.UNKNOWN_TAKER),
        ({"vehicle_id": "V9"}, Breach.UNKNOWN_VEHICLE),
        ({"vehicle_id": None}, Breach.NO_TARIFF),
        ({"kg": 0}, Breach.MASS_NOT_POSITIVE),
        ({"kg": 11_000}, Breach.LOT_OVERDRAWN),
        ({"kg": 8001}, Breach.CODE_OVERFULL),
        ({"kg": 1}, Breach.REST_UNEXPLAINED),
        ({"kg": 1}, Breach.WELFARE_SUM),
        ({"score": Score({Part.VALUE: Decimal(1)}, Decimal(2))}, Breach.SCORE_SUM),
        ({"score": Score({Part.VALUE: Decimal(1)}, Decimal(1))}, Breach.SCORE_WRONG),
    ],
)
def test_a_lie_in_one_assignment_is_found(changes: dict[str, object], breach: Breach) -> None:
    """Otherwise a solver's mistake would become somebody's contract."""
    problem, solution = honest()
    assert breach in breaches(with_first(solution, **changes), problem)


def test_a_pair_told_twice_is_found() -> None:
    """Otherwise one load would be settled twice."""
    problem, solution = honest()
    doubled = replace(solution, assignments=(*solution.assignments, solution.assignments[0]))
    assert Breach.PAIR_TWICE in breaches(doubled, problem)


def test_a_welfare_above_the_bound_is_found() -> None:
    """Otherwise the stated gap would be a lie."""
    problem, solution = honest()
    assert breaches(replace(solution, bound=solution.welfare - 1), problem) == {Breach.ABOVE_BOUND}


def test_a_rest_without_a_reason_is_found() -> None:
    """Otherwise a lot could stay unmatched and nobody say why."""
    problem = market(takers=[])
    solution = clear(problem)
    silent = replace(solution, unmatched=(Unmatched("L1", 10_000, ()),))
    assert breaches(silent, problem) == {Breach.REST_UNEXPLAINED}


@pytest.mark.parametrize(
    ("stricter", "breach"),
    [
        ({"lots": (lot(division=Division.WHOLE, kg=20_000),)}, Breach.WHOLE_LOT_DIVIDED),
        ({"lots": (lot(kg=20_000, min_kg=12_000),)}, Breach.PART_TOO_SMALL),
        ({"takers": (taker(total_kg=9000),)}, Breach.TOTAL_OVERFULL),
        ({"takers": (taker(codes={"SW18": 90_000}),)}, Breach.PAIR_FORBIDDEN),
        ({"lots": (lot(hazardous=True),)}, Breach.VEHICLE_FORBIDDEN),
        ({"vehicles": (vehicle(freight=Decimal(1)),)}, Breach.SCORE_WRONG),
        ({"takers": (taker(province=HUNAN),)}, Breach.SCORE_WRONG),
        ({"excluded": frozenset({("L1", "T1")})}, Breach.PAIR_FORBIDDEN),
    ],
)
def test_an_answer_to_an_easier_problem_is_found(stricter: dict[str, object], breach: Breach) -> None:
    """Otherwise a stale answer could be used after a licence, a lorry or a lot has changed."""
    problem = market()
    solution = clear(problem)
    assert breach in breaches(solution, replace(problem, **stricter))  # type: ignore[arg-type]


def test_an_assignment_knows_its_welfare() -> None:
    """Otherwise totals on the operator's page would not add up."""
    score = Score({Part.VALUE: Decimal("12.34")}, Decimal("12.34"))
    assert Assignment("L1", "T1", 2500, None, 0, score).welfare == Decimal("30.85")
