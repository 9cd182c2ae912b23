"""Do the arrays say of every pair what the rules say of it one by one?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Calendar, Limit, Mode, Point, Problem, Weights, Window
from matching.candidates import measured
from matching.compatibility import pair_reasons, vehicle_reason
from matching.facts import facts_of, ints
from matching.freight import Offer, cheapest_haul
from matching.masks import BITS, codes_in, efforts, refusals
from matching.misses import effort
from matching.pairs import lawful_pairs, score_of
from matching.reasons import ReasonCode
from tests.matching.builders import AT, HUNAN, drawn_market, lot, market, markets, taker, vehicle

MANY = settings(max_examples=300, deadline=None, derandomize=True)
PAST = Window(AT - timedelta(days=2), AT - timedelta(days=1))


def reasons_by_rule(problem: Problem) -> list[frozenset[ReasonCode]]:
    """Ask the rules about every lot and taker, row by row."""
    found = []
    for one, other in product(problem.lots, problem.takers):
        legs = problem.distances.legs([one.point], [other.point])
        rows = pair_reasons(problem, one, other, int(legs.metres[0]), int(legs.seconds[0]))
        found.append(frozenset(reason.code for reason in rows))
    return found


def reasons_by_mask(problem: Problem) -> list[frozenset[ReasonCode]]:
    """Ask the masks about every lot and taker, all at a time."""
    facts = facts_of(problem)
    lots, takers = np.divmod(np.arange(len(problem.lots) * len(problem.takers)), max(1, len(problem.takers)))
    pairs = measured(facts, lots, takers)
    bits = refusals(facts, pairs.lot, pairs.taker, pairs.metres, pairs.seconds)
    return [codes_in(one) for one in bits.tolist()]


def best_by_rule(problem: Problem) -> dict[tuple[str, str], tuple[str | None, Decimal]]:
    """Give vehicle and welfare of every lawful pair, each vehicle asked by the rule for one."""
    rates = facts_of(problem).rates
    worth = {}
    pairs = lawful_pairs(problem)
    for n in range(len(pairs)):
        pair = pairs.row(n)
        able = [v for v in problem.vehicles if vehicle_reason(pair.lot, v) is None]
        roads = problem.distances.legs([v.point for v in able], [pair.lot.point for _ in able])
        choice = [Offer(v, m) for v, m in zip(able, roads.metres.tolist(), strict=True)]
        haul = cheapest_haul(problem, choice, pair.lot.kg, pair.metres)
        assert haul is not None
        exact = score_of(problem, replace(pair, haul=haul), rates).total
        worth[pair.lot.id, pair.taker.id] = (haul.vehicle_id, exact)
    return worth


@MANY
@given(markets())
def test_masks_name_the_same_reasons_as_the_rules(problem: Problem) -> None:
    """Otherwise the market would be cleared under other rules than those people are told."""
    assert reasons_by_mask(problem) == reasons_by_rule(problem)


@MANY
@given(markets())
def test_arrays_choose_the_vehicle_and_the_fen_of_the_rules(problem: Problem) -> None:
    """Otherwise an answer would name a carrier that is not the cheapest, or a worth that is off by a fen."""
    pairs = lawful_pairs(problem)
    rows = [pairs.row(n) for n in range(len(pairs))]
    found = {(r.lot.id, r.taker.id): (r.haul.vehicle_id, Decimal(r.fen) / 100) for r in rows}
    assert found == best_by_rule(problem)


@MANY
@given(st.integers(0, 2**32))
def test_amounts_on_the_edge_of_a_fen_are_rounded_by_the_rule(seed: int) -> None:
    """Otherwise a float would tip a half fen the other way, and the check would refuse the whole answer."""
    rnd = Random(seed)
    vehicles = [
        vehicle(f"V{n}", freight=Decimal(rnd.randint(1, 9)) / 200, fixed=Decimal(rnd.randint(0, 9)) / 8)
        for n in range(3)
    ]
    weights = Weights(carbon_price=Decimal(rnd.choice((50, 100))), carbon_kg_per_tkm=Decimal("0.1"))
    lots = [lot(f"L{n}", kg=rnd.choice((1000, 2000, 8000)), point=Point(30, 114 + n)) for n in range(4)]
    takers = [taker(f"T{n}", point=Point(30, 114 + n / 2)) for n in range(4)]
    problem = market(lots, takers, vehicles, weights=weights)
    pairs = lawful_pairs(problem)
    rows = [pairs.row(n) for n in range(len(pairs))]
    found = {(r.lot.id, r.taker.id): (r.haul.vehicle_id, Decimal(r.fen) / 100) for r in rows}
    assert found == best_by_rule(problem)


@MANY
@given(markets())
def test_the_effort_of_a_mask_is_the_effort_of_its_reasons(problem: Problem) -> None:
    """Otherwise a lot would be told of a taker that is harder to win over than another."""
    facts = facts_of(problem)
    for one in facts.lots.rows[:1]:
        for n, other in enumerate(problem.takers):
            pair = measured(facts, ints([0]), ints([n]))
            bits = refusals(facts, pair.lot, pair.taker, pair.metres, pair.seconds)
            rows = pair_reasons(problem, one, other, int(pair.metres[0]), int(pair.seconds[0]))
            assert efforts(bits)[0] == effort(rows)


def only(code: ReasonCode, problem: Problem) -> None:
    """Assert that the first pair is refused for one reason alone, by both ways of asking."""
    assert reasons_by_rule(problem) == reasons_by_mask(problem) == [frozenset({code})]


WET = {"moisture": Decimal("40.5")}


@pytest.mark.parametrize(
    ("changes", "limit", "refused"),
    [
        ({"composition": WET}, Limit("moisture", most=Decimal(40)), True),
        ({"composition": WET}, Limit("moisture", most=Decimal("40.50")), False),
        ({"composition": WET}, Limit("moisture", least=Decimal("40.5"), most=Decimal(60)), False),
        ({"composition": WET}, Limit("moisture", least=Decimal(41)), True),
        ({"composition": WET}, Limit("moisture", most=Decimal(1), codes=frozenset({"HW08"})), False),
        ({"composition": WET}, Limit("moisture", most=Decimal(1), codes=frozenset({"SW17"})), True),
    ],
)
def test_a_figure_is_held_to_its_bounds(changes: dict[str, object], limit: Limit, refused: bool) -> None:
    """Otherwise a kiln would be sent sludge that puts it out, or be denied what it could burn."""
    problem = market([lot(**changes)], [taker(limits=(limit,))])  # type: ignore[arg-type]
    expected = frozenset({ReasonCode.OUTSIDE_LIMITS}) if refused else frozenset()
    assert reasons_by_rule(problem) == reasons_by_mask(problem) == [expected]


def test_a_figure_that_nobody_stated_is_asked_for() -> None:
    """Otherwise a load would be turned back at the gate for want of an analysis."""
    problem = market(takers=[taker(limits=(Limit("chlorine", most=Decimal("0.5")),))])
    only(ReasonCode.FIGURE_UNKNOWN, problem)


def test_bounds_of_several_limits_hold_together() -> None:
    """Otherwise the laxer of two limits would undo the stricter one."""
    limits = (Limit("ash", most=Decimal(50)), Limit("ash", most=Decimal(20), codes=frozenset({"SW17"})))
    problem = market([lot(composition={"ash": Decimal(30)})], [taker(limits=limits)])
    only(ReasonCode.OUTSIDE_LIMITS, problem)


def test_a_gate_that_is_shut_whenever_the_load_could_come_is_refused() -> None:
    """Otherwise a lorry would stand before a locked gate: AT is a Friday, 16:00 in Wuhan, for three days."""
    only(ReasonCode.GATE_DAY_CLOSED, market(takers=[taker(days=Calendar(frozenset({3})))]))
    friday_late = market(takers=[taker(days=Calendar(frozenset({5})))])
    assert reasons_by_rule(friday_late) == reasons_by_mask(friday_late) == [frozenset()]
    holiday = Calendar(frozenset({5}), closed=frozenset({AT.date()}))
    only(ReasonCode.GATE_DAY_CLOSED, market(takers=[taker(days=holiday)]))


def test_an_approval_counts_only_while_it_covers_the_lot() -> None:
    """Otherwise hazardous waste would cross a province on an approval that has run out (X1)."""
    able = [vehicle(hazardous_ok=True)]
    abroad = market([lot(hazardous=True)], [taker(province=HUNAN)], able)
    only(ReasonCode.APPROVAL_NEEDED, abroad)
    short = replace(abroad, approved_kg={("L1", "T1"): 9_999})
    only(ReasonCode.APPROVAL_EXHAUSTED, short)
    assert reasons_by_mask(replace(abroad, approved_kg={("L1", "T1"): 10_000})) == [frozenset()]
    assert reasons_by_mask(replace(abroad, approvals=frozenset({("L1", "T1")}))) == [frozenset()]


def test_all_reasons_are_named_at_once() -> None:
    """Otherwise a holder would mend one thing only to hear of the next."""
    problem = market(
        [lot(hazardous=True, ready=PAST, modes=frozenset({Mode.USE}), kg=30_000, min_kg=20_000)],
        [
            taker(
                province=HUNAN,
                codes={"SW17": 10_000},
                total_kg=5000,
                modes=frozenset({Mode.STORE}),
                windows=(PAST,),
                days=Calendar(frozenset({3}), closed=frozenset()),
                limits=(Limit("moisture", most=Decimal(10)),),
            )
        ],
        weights=Weights(reach_km=10),
        excluded=frozenset({("L1", "T1")}),
    )
    never = {
        ReasonCode.CODE_NOT_LICENSED,
        ReasonCode.APPROVAL_EXHAUSTED,
        ReasonCode.NO_ROAD,
        ReasonCode.OUTSIDE_LIMITS,
    }
    assert reasons_by_rule(problem) == reasons_by_mask(problem) == [frozenset(set(BITS) - never)]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_each_lot_sees_its_nearest_takers_and_more_when_they_refuse(seed: int) -> None:
    """Otherwise a lot among takers that may not have it would never find the lawful one behind them."""
    rnd = Random(seed)
    problem = replace(drawn_market(rnd, divisible=True), weights=Weights(nearest_takers=1))
    everything = lawful_pairs(replace(problem, weights=Weights()))
    short = lawful_pairs(problem)
    assert set(short.lot.tolist()) == set(everything.lot.tolist())
