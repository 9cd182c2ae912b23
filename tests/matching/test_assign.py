"""Is the clearing the best there is, does it keep every rule, and is it the same every time?"""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Division, Problem, clear, rank
from matching.problem import BadProblem, Defect
from matching.reasons import ReasonCode
from matching.score import Part
from tests.matching.brute import best_welfare, pair_fen
from tests.matching.builders import CODES, HUNAN, lot, market, markets, taker, vehicle

SMALL = settings(max_examples=300, deadline=None, derandomize=True)
FEW = settings(max_examples=60, deadline=None, derandomize=True)


@SMALL
@given(markets(divisible=True))
def test_divisible_markets_are_cleared_at_their_optimum(problem: Problem) -> None:
    """Otherwise somebody's waste travels further, or for less, than it had to."""
    solution = clear(problem)
    assert solution.welfare == best_welfare(problem) == solution.bound
    assert solution.proven


@SMALL
@given(markets())
def test_markets_with_whole_lots_and_least_parts_are_cleared_at_their_optimum(problem: Problem) -> None:
    """Otherwise a holder who will not divide her lot is served worse than she could be."""
    solution = clear(problem)
    assert solution.welfare == best_welfare(problem) <= solution.bound
    assert solution.proven
    assert solution.check(problem) == []


@FEW
@given(markets(), st.integers(-5, 5))
def test_a_shift_of_all_prices_changes_nothing_for_divisible_welfare(problem: Problem, shift: int) -> None:
    """Otherwise the sign of a price would matter, and gate fees be treated unlike payments (P2)."""
    by = Decimal(shift * 1000)
    shifted = replace(
        problem,
        takers=tuple(replace(one, price=one.price + by) for one in problem.takers),
        lots=tuple(
            one
            if one.price_expectation is None
            else replace(one, price_expectation=one.price_expectation + by)
            for one in problem.lots
        ),
    )
    assert clear(shifted).welfare == clear(problem).welfare


@FEW
@given(markets(), st.randoms(use_true_random=False))
def test_names_and_order_do_not_change_the_welfare(problem: Problem, rnd: random.Random) -> None:
    """Otherwise the first to register would be served better than the last."""
    renamed = replace(
        problem,
        lots=tuple(replace(one, id=f"x{one.id}") for one in problem.lots),
        approvals=frozenset((f"x{a}", b) for a, b in problem.approvals),
        excluded=frozenset((f"x{a}", b) for a, b in problem.excluded),
        takers=tuple(rnd.sample(problem.takers, len(problem.takers))),
        vehicles=tuple(rnd.sample(problem.vehicles, len(problem.vehicles))),
    )
    assert clear(renamed).welfare == clear(problem).welfare


@FEW
@given(markets())
def test_a_useless_vehicle_changes_nothing(problem: Problem) -> None:
    """Otherwise a carrier could move the market by listing a lorry nobody would hire."""
    dear = vehicle("dear", freight=Decimal(99_999), hazardous_ok=True, dg_classes=frozenset({"9"}))
    served = {one.lot_id for one in clear(problem).assignments}
    more = clear(replace(problem, vehicles=(*problem.vehicles, dear)))
    if problem.tariff is None:
        assert more.welfare == clear(problem).welfare
        assert {one.lot_id for one in more.assignments} == served


def test_the_same_problem_gives_the_same_answer() -> None:
    """Otherwise two people would be told different things about one market."""
    lots = [lot(f"L{n}", kg=7000 + 500 * n, division=Division.WHOLE) for n in range(8)]
    takers = [taker(f"T{n}", codes={"SW17": 15_000}, price=Decimal(300 + n)) for n in range(3)]
    problem = market(lots, takers)
    assert clear(problem) == clear(problem)


def test_an_empty_market_is_cleared() -> None:
    """Otherwise the first day of a new instance would begin with an error."""
    solution = clear(market([], [], []))
    assert (solution.assignments, solution.unmatched, solution.welfare) == ((), (), Decimal(0))
    assert solution.gap_percent == 0


def test_a_lot_without_any_taker_says_so() -> None:
    """Otherwise its holder would wait for an answer that never comes."""
    (rest,) = clear(market(takers=[])).unmatched
    assert [reason.code for reason in rest.reasons] == [ReasonCode.NO_TAKER]


def test_the_rest_of_a_lot_is_explained_by_the_market() -> None:
    """Otherwise a holder could not tell a full licence from a better rival."""
    full = clear(market(takers=[taker(codes={"SW17": 4000})]))
    assert (full.kg, full.unmatched[0].kg) == (4000, 6000)
    assert full.unmatched[0].reasons[0].code is ReasonCode.QUOTA_EXHAUSTED
    rivals = market([lot("L1"), lot("L2", price_expectation=Decimal(50))], [taker(total_kg=10_000)])
    assert clear(rivals).unmatched[0].reasons[0].code is ReasonCode.OUTBID
    dear = clear(market([lot(price_expectation=Decimal(900))]))
    assert dear.unmatched[0].reasons[0].code is ReasonCode.NO_GAIN


def test_a_whole_lot_is_never_divided_to_fill_a_gap() -> None:
    """Otherwise one consignment would arrive at two gates although its holder forbade it."""
    problem = market(
        [lot(division=Division.WHOLE)],
        [taker("T1", codes={"SW17": 6000}), taker("T2", codes={"SW17": 6000})],
    )
    assert clear(problem).assignments == ()


@FEW
@given(markets())
def test_the_ranking_of_a_lot_is_by_worth_and_complete(problem: Problem) -> None:
    """Otherwise a producer would not see the best taker first, or not see one at all."""
    for one in problem.lots:
        ranking = rank(problem, one.id, k=5)
        worth = [match.score.fen for match in ranking.matches]
        assert worth == sorted(worth, reverse=True)
        expected = [
            fen
            for other in problem.takers
            if (fen := pair_fen(problem, one, other)) is not None
            and other.room_kg(one.code) >= one.smallest_kg
        ]
        assert worth == sorted(expected, reverse=True)
        named = {match.taker_id for match in ranking.matches} | {no.taker_id for no in ranking.refusals}
        assert named >= {other.id for other in problem.takers if one.code in other.codes}


def test_a_match_names_vehicle_freight_and_why() -> None:
    """Otherwise the producer's page could not say who drives, for how much, and what speaks for it."""
    near, far = vehicle("near"), vehicle("far", point=market().takers[0].point)
    match = rank(market(vehicles=[far, near]), "L1").matches[0]
    assert (match.vehicle_id, match.freight, match.price) == ("near", Decimal("30.00"), Decimal(300))
    assert (match.metres, match.kg, match.worthwhile) == (50_000, 10_000, True)
    assert match.score.parts[Part.FREIGHT] == -match.freight
    assert [reason.code for reason in match.reasons] == [
        ReasonCode.ABOVE_EXPECTATION,
        ReasonCode.SAME_PROVINCE,
    ]


def test_another_province_and_a_full_licence_are_said() -> None:
    """Otherwise a producer would learn of an approval or a full licence too late."""
    other = taker(
        "T2",
        province=HUNAN,
        licence_slack=Decimal("0.1"),
        total_kg=2000,
        price=Decimal(50),
        point=lot().point,
    )
    ranking = rank(market(takers=[taker(), other], vehicles=[], tariff=Decimal(1)), "L1")
    codes = {reason.code for match in ranking.matches if match.taker_id == "T2" for reason in match.reasons}
    assert codes == {
        ReasonCode.BELOW_EXPECTATION,
        ReasonCode.NEAREST,
        ReasonCode.OTHER_PROVINCE,
        ReasonCode.PART_ONLY,
        ReasonCode.LICENCE_NEARLY_FULL,
        ReasonCode.FREIGHT_BY_TARIFF,
    }


def test_only_the_nearest_takers_are_looked_at_and_it_is_said() -> None:
    """Otherwise a market of thousands would need a table of everybody by everybody."""
    takers = [taker(f"T{n}", point=replace(lot().point, lon=114.3 + n / 10)) for n in range(30)]
    problem = market(takers=takers)
    solution = clear(problem)
    assert solution.truncated
    assert solution.assignments[0].taker_id == "T0"
    blocked = frozenset(("L1", f"T{n}") for n in range(25))
    assert clear(replace(problem, excluded=blocked)).assignments[0].taker_id == "T25"


def test_ranking_an_unknown_lot_is_refused() -> None:
    """Otherwise a stale page would show matches of nothing."""
    with pytest.raises(BadProblem) as caught:
        rank(market(), "nobody")
    assert caught.value.defect is Defect.UNKNOWN_ID


def test_a_middling_market_with_whole_lots_is_close_to_its_bound() -> None:
    """Otherwise the first real market would be cleared badly, though the tiny ones are cleared well."""
    rnd = random.Random(7)

    def place() -> object:
        return replace(lot().point, lat=30 + rnd.random(), lon=113 + 2 * rnd.random())

    lots = [
        lot(
            f"L{n}",
            code=rnd.choice(CODES),
            kg=rnd.randint(2, 40) * 500,
            point=place(),
            division=rnd.choice(list(Division)),
        )
        for n in range(120)
    ]
    takers = [
        taker(
            f"T{n}", codes=dict.fromkeys(CODES, 60_000), point=place(), price=Decimal(rnd.randint(150, 400))
        )
        for n in range(12)
    ]
    solution = clear(market(lots, takers))
    assert solution.gap_percent < 1
    assert {one.lot_id for one in solution.assignments}
