"""Do facts at the edge of what can be reckoned with still give a sound answer?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import numpy as np
from hypothesis import given, settings

from matching import Division, LiveMarket, Problem, cheapest_relaxation, clear
from matching.bridge import market_of, model_of
from matching.distances import LORRY, UNREACHABLE, Legs, Point, Profile
from matching.pairs import lawful_pairs
from matching.reasons import ReasonCode
from tests.matching.builders import Grid, lot, market, markets, taker, vehicle

FEW = settings(max_examples=60, deadline=None, derandomize=True)


@dataclass(frozen=True, slots=True)
class Islands(Grid):
    """A grid in which no road crosses the meridian of 114.5 degrees."""

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Measure origin n to target n."""
        found = Grid().legs(origins, targets)
        apart = np.array([(a.lon < 114.5) != (b.lon < 114.5) for a, b in zip(origins, targets, strict=True)])
        return replace(
            found,
            metres=np.where(apart, UNREACHABLE, found.metres),
            seconds=np.where(apart, UNREACHABLE, found.seconds),
        )


def test_prices_beyond_what_is_exact_in_64_bits_are_cleared_soundly_and_not_called_proven() -> None:
    """One absurd price would stop the clearing for everybody, or be called optimal unseen."""
    absurd = Decimal(1_900_000)
    problem = market(
        [lot("L1", price_expectation=-absurd), lot("L2")],
        [taker("T1", price=absurd, codes={"SW17": 10_000}), taker("T2")],
    )
    solution = clear(problem)
    assert solution.check(problem) == []
    assert not solution.proven
    assert solution.welfare <= solution.bound
    assert solution.kg == 20_000
    assert LiveMarket(problem).solution.welfare == solution.welfare


def test_where_no_road_leads_it_is_said_and_nobody_is_sent_to_build_one() -> None:
    """A lorry would be sent round the world, or a producer be advised to do the impossible."""
    problem = market(distances=Islands())
    (rest,) = clear(problem).unmatched
    assert [reason.code for reason in rest.reasons] == [ReasonCode.NO_ROAD]
    assert cheapest_relaxation(problem, "L1") is None
    near = taker("T2", point=Point(30.5, 114.4), price=Decimal(200))
    assert clear(replace(problem, takers=(*problem.takers, near))).assignments[0].taker_id == "T2"


def test_a_vehicle_that_cannot_reach_the_lot_does_not_carry_it() -> None:
    """Freight would be reckoned over a road that is not there."""
    far = vehicle("far", point=Point(30.5, 115.0))
    near = taker("T2", point=Point(30.5, 114.4))
    solution = clear(market(takers=[near], vehicles=[far], distances=Islands()))
    assert solution.assignments == ()


@FEW
@given(markets())
def test_twice_as_much_of_everything_is_worth_twice_as_much(problem: Problem) -> None:
    """The welfare would hang on the unit of mass."""
    vehicles = tuple(replace(v, fixed=Decimal(0)) for v in problem.vehicles)
    single = replace(problem, vehicles=vehicles)
    double = replace(
        single,
        lots=tuple(replace(one, kg=2 * one.kg, min_kg=2 * one.min_kg) for one in single.lots),
        takers=tuple(
            replace(one, codes={code: 2 * kg for code, kg in one.codes.items()}, total_kg=2 * one.total_kg)
            for one in single.takers
        ),
        vehicles=tuple(replace(v, capacity_kg=2 * v.capacity_kg) for v in vehicles),
        approved_kg={pair: 2 * kg for pair, kg in single.approved_kg.items()},
    )
    assert clear(double).welfare == 2 * clear(single).welfare


@FEW
@given(markets())
def test_the_order_of_lots_changes_nothing(problem: Problem) -> None:
    """The first to list would be served better than the last."""
    turned = replace(problem, lots=tuple(reversed(problem.lots)))
    assert clear(turned).welfare == clear(problem).welfare


def test_the_arrays_hold_the_same_kilograms_and_fen() -> None:
    """A gram or a tenth of a fen lost on the way would make the check refuse the answer."""
    problem = market([lot(kg=123_457, division=Division.WHOLE), lot("L2", kg=7)], [taker(total_kg=999_999)])
    pairs = lawful_pairs(problem)
    arrays, rows = market_of(pairs)
    assert model_of(pairs) == "whole"
    assert (arrays.lots.tonnes * 1000).round().tolist() == [123_457, 7]
    assert arrays.lots.whole.tolist() == [True, False]
    assert (arrays.pairs.worth * 100).round().tolist() == pairs.fen[rows].tolist()
