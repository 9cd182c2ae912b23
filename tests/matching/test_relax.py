"""Is the cheapest way out of a refusal true: does the lot find a taker once it is done?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings

from matching import (
    Calendar,
    Division,
    Limit,
    Mode,
    Problem,
    Weights,
    Window,
    cheapest_relaxation,
    clear,
    explain_lot,
    relaxed,
)
from matching.changes import Step
from matching.explain import Outcome, figures
from matching.reasons import NUMBERS, ReasonCode
from tests.matching.builders import AT, HUNAN, lot, market, markets, taker, vehicle

PAST = Window(AT - timedelta(days=2), AT - timedelta(days=1))
HAZARDOUS = {"hazardous": True, "dg_class": "8"}
TANKER = vehicle(hazardous_ok=True, dg_classes=frozenset({"8"}))


@pytest.mark.parametrize(
    ("problem", "code", "step"),
    [
        (market(takers=[taker(codes={"SW18": 9000})]), ReasonCode.CODE_NOT_LICENSED, Step.ADD_CODE),
        (market(takers=[taker(codes={"SW17": 0})]), ReasonCode.QUOTA_EXHAUSTED, Step.ADD_QUOTA),
        (
            market([lot(division=Division.WHOLE)], [taker(total_kg=9000)]),
            ReasonCode.TOTAL_EXHAUSTED,
            Step.ADD_TOTAL,
        ),
        (
            market([lot(**HAZARDOUS)], [taker(province=HUNAN)], [TANKER]),
            ReasonCode.APPROVAL_NEEDED,
            Step.GET_APPROVAL,
        ),
        (
            market([lot(modes=frozenset({Mode.USE}))], [taker(modes=frozenset({Mode.STORE}))]),
            ReasonCode.MODE_NOT_LICENSED,
            Step.ALLOW_MODE,
        ),
        (market(takers=[taker(windows=(PAST,))]), ReasonCode.RECEIVING_CLOSED, Step.OPEN_RECEIVING),
        (market(excluded=frozenset({("L1", "T1")})), ReasonCode.EXCLUDED, Step.LIFT_EXCLUSION),
        (market(weights=Weights(reach_km=49)), ReasonCode.OUT_OF_REACH, Step.WIDEN_REACH),
        (market([lot(ready=PAST)]), ReasonCode.READY_PASSED, Step.RENEW_READY),
        (market(vehicles=[]), ReasonCode.NO_VEHICLE, Step.FIND_VEHICLE),
        (market([lot(**HAZARDOUS)]), ReasonCode.VEHICLE_NOT_HAZARDOUS, Step.FIND_VEHICLE),
        (
            market([lot(**HAZARDOUS)], vehicles=[vehicle(hazardous_ok=True)]),
            ReasonCode.VEHICLE_DG_CLASS,
            Step.FIND_VEHICLE,
        ),
        (market([lot(kg=10_001, one_trip=True)]), ReasonCode.VEHICLE_TOO_SMALL, Step.FIND_VEHICLE),
        (
            market(
                [lot(composition={"ash": Decimal(30)})], [taker(limits=(Limit("ash", most=Decimal(20)),))]
            ),
            ReasonCode.OUTSIDE_LIMITS,
            Step.MEET_LIMIT,
        ),
        (
            market(takers=[taker(limits=(Limit("heat", least=Decimal(12)),))]),
            ReasonCode.FIGURE_UNKNOWN,
            Step.STATE_FIGURE,
        ),
        (
            market(takers=[taker(days=Calendar(frozenset({3})))]),
            ReasonCode.GATE_DAY_CLOSED,
            Step.OPEN_GATE,
        ),
        (
            market([lot(**HAZARDOUS)], [taker(province=HUNAN)], [TANKER], approved_kg={("L1", "T1"): 9_000}),
            ReasonCode.APPROVAL_EXHAUSTED,
            Step.RAISE_APPROVAL,
        ),
        (market([lot(price_expectation=Decimal(900))]), ReasonCode.NO_GAIN, Step.LOWER_EXPECTATION),
    ],
)
def test_each_obstacle_is_named_and_its_remedy_helps(problem: Problem, code: ReasonCode, step: Step) -> None:
    """Otherwise a holder would be sent to mend what does not help her."""
    solution = clear(problem)
    (rest,) = solution.unmatched
    assert code in [reason.code for reason in rest.reasons]
    way_out = cheapest_relaxation(problem, "L1", solution)
    assert way_out is not None
    assert step in [change.step for change in way_out.changes]
    after = clear(relaxed(problem, way_out))
    assert after.kg - solution.kg == way_out.gained_kg > 0


def test_an_outbid_lot_is_told_by_how_much() -> None:
    """Otherwise a holder could not see that a little less would have brought her a taker."""
    problem = market([lot("L1"), lot("L2", price_expectation=Decimal(60))], [taker(codes={"SW17": 10_000})])
    way_out = cheapest_relaxation(problem, "L1")
    assert way_out is not None
    assert [(c.step, c.amount) for c in way_out.changes] == [(Step.LOWER_EXPECTATION, Decimal("40.01"))]
    short = replace(way_out, changes=(replace(way_out.changes[0], amount=Decimal("39.99")),))
    assert clear(relaxed(problem, short)).assignments[0].lot_id == "L2"


def test_money_comes_before_paper() -> None:
    """Otherwise a holder would be told to win an approval where a lower price would do."""
    abroad = taker("T2", province=HUNAN, price=Decimal(900))
    problem = market([lot(price_expectation=Decimal(400), **HAZARDOUS)], [taker(), abroad], [TANKER])
    way_out = cheapest_relaxation(problem, "L1")
    assert way_out is not None
    assert (way_out.taker_id, [change.step for change in way_out.changes]) == ("T1", [Step.LOWER_EXPECTATION])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(markets())
def test_every_way_out_is_true(problem: Problem) -> None:
    """Otherwise advice would be a guess."""
    solution = clear(problem)
    for rest in solution.unmatched:
        assert all(reason.number in NUMBERS.values() for reason in rest.reasons)
        way_out = cheapest_relaxation(problem, rest.lot_id, solution)
        if way_out is None:
            assert not problem.takers or rest.kg < problem.lot(rest.lot_id).kg
            continue
        after = clear(relaxed(problem, way_out))
        left = {one.lot_id: one.kg for one in after.unmatched}
        assert left.get(rest.lot_id, 0) == rest.kg - way_out.gained_kg


def test_a_served_lot_needs_no_way_out() -> None:
    """Otherwise a contented holder would be given advice."""
    assert cheapest_relaxation(market(), "L1") is None


def test_a_lot_is_explained_in_codes_and_figures() -> None:
    """Otherwise promise 4, that every match says why, would not be kept."""
    served = explain_lot(market(), "L1")
    assert (served.outcome, served.rest_kg, served.relaxation) == (Outcome.SERVED, 0, None)
    weights = figures(served.assignments[0].score)
    assert weights[0].part == "gate_price"
    part = explain_lot(market(takers=[taker(total_kg=4000)]), "L1")
    assert (part.outcome, part.rest_kg) == (Outcome.SERVED_IN_PART, 6000)
    none = explain_lot(market(takers=[]), "L1")
    assert (none.outcome, none.relaxation) == (Outcome.UNMATCHED, None)


def test_every_reason_has_its_own_number() -> None:
    """Otherwise two different refusals would be quoted by one number."""
    assert set(NUMBERS) == set(ReasonCode)
    assert len(set(NUMBERS.values())) == len(NUMBERS)
