"""Does a market that is kept warm say the same as one that is built anew?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import BadProblem, LiveMarket, Point, Problem, clear, shadow_prices
from tests.matching.builders import drawn_market, lot, market, markets, taker

FEW = settings(max_examples=80, deadline=None, derandomize=True)


def same(warm: LiveMarket, cold: LiveMarket) -> None:
    """Assert that two markets say the same of every lot and as a whole."""
    assert warm.solution.welfare == cold.solution.welfare
    assert warm.prices.ask == cold.prices.ask
    assert warm.prices.bid == cold.prices.bid
    for one in cold.problem.lots:
        known, anew = warm.outlook(one.id), cold.outlook(one.id)
        assert known.quote == anew.quote
        assert [replace(p, kg=0) for p in known.prospects] == [replace(p, kg=0) for p in anew.prospects]


@FEW
@given(markets(), st.integers(0, 2**32))
def test_a_lot_that_comes_changes_or_goes_leaves_the_market_as_if_built_anew(
    problem: Problem, seed: int
) -> None:
    """Otherwise a producer who waits for her matches would see those of a market that is gone."""
    warm = LiveMarket(problem)
    assert warm.solution.welfare == clear(problem).welfare
    drawn = drawn_market(Random(seed), divisible=False).lots
    newcomer = replace(drawn[0], id="new") if drawn else lot("new")
    come = warm.with_lot(newcomer)
    same(come, LiveMarket(come.problem))
    changed = come.with_lot(lot("new", kg=2000, code="HW08"))
    same(changed, LiveMarket(changed.problem))
    assert changed.without_lot("new").solution.welfare == warm.solution.welfare


@FEW
@given(markets(divisible=True), st.integers(1, 8))
def test_a_quote_is_what_the_others_and_the_takers_leave_for_the_whole_mass(
    problem: Problem, tonnes: int
) -> None:
    """Otherwise a large lot would be promised the price of its first tonne."""
    mass = lot("new", kg=tonnes * 1000, composition={"moisture": Decimal(10)})
    quoted = LiveMarket(problem).quote(mass)
    forced = replace(mass, price_expectation=Decimal(-50_000))
    after = clear(replace(problem, lots=(*problem.lots, forced)))
    placed = sum(one.kg for one in after.assignments if one.lot_id == "new")
    if quoted is None or not placed:
        assert quoted is None
        assert not placed
        return
    price, kg = quoted
    gained = after.welfare - clear(problem).welfare - Decimal(50_000) * placed / 1000
    assert kg == placed
    assert abs(price - gained * 1000 / placed) <= Decimal("0.01")


def test_ranks_are_by_what_the_lot_would_fetch_beside_the_others() -> None:
    """Otherwise a producer would be sent to a taker whose room another lot is worth more in."""
    takers = [taker("T1", codes={"SW17": 10_000}, price=Decimal(400)), taker("T2", price=Decimal(300))]
    rival = lot("rival", price_expectation=Decimal(-900))
    problem = market([lot(price_expectation=Decimal(100)), rival], takers)
    outlook = LiveMarket(problem).outlook("L1")
    first, second = outlook.prospects
    assert {first.match.taker_id, second.match.taker_id} == {"T1", "T2"}
    assert (first.fetch, second.fetch) == (Decimal("269.62"), Decimal("269.62"))
    assert outlook.slack == 0
    contested = first if first.match.taker_id == "T1" else second
    assert contested.ask == Decimal(100)
    assert contested.lead == contested.match.score.total - 100


@FEW
@given(markets(divisible=True))
def test_a_lead_is_how_far_welfare_may_fall_before_a_match_gives_way(problem: Problem) -> None:
    """Otherwise a match would be called firm that breaks with the next price."""
    live = LiveMarket(problem)
    for one in problem.lots:
        for prospect in live.outlook(one.id).prospects:
            if prospect.kg:
                assert prospect.lead >= 0
            if prospect.lead < 0:
                assert prospect.kg == 0


@FEW
@given(markets(divisible=True))
def test_the_quote_of_a_lot_is_that_of_the_prices(problem: Problem) -> None:
    """Otherwise two pages would name two prices for one lot."""
    live = LiveMarket(problem)
    prices = shadow_prices(problem)
    for one in problem.lots:
        quote, other = live.outlook(one.id).quote, prices.quote(one)
        assert (quote and quote.price) == (other and other.price)


def test_goals_beside_welfare_cost_welfare_and_gain_what_they_are_for() -> None:
    """An operator who asks for less carbon would be shown a plan that is only worse."""
    far = taker("far", point=Point(30.5, 116.3), price=Decimal(600))
    near = taker("near", price=Decimal(300))
    rich, lean, nothing = LiveMarket(market(takers=[far, near])).trade_offs(steps=21)
    assert rich.welfare > lean.welfare > nothing.welfare == 0
    assert rich.emissions > lean.emissions > nothing.emissions == 0
    assert rich.tonne_km == pytest.approx(10 * 200)
    assert lean.emissions == pytest.approx(10 * 50 * 0.095)
    assert (rich.lots, lean.lots) == (1, 1)
    assert LiveMarket(market([])).trade_offs() == ()


def test_a_match_that_hangs_by_a_hair_is_told_from_one_that_stands() -> None:
    """A producer would build on a match that the next change of a price takes away."""
    twins = [taker("T1", price=Decimal(300)), taker("T2", price=Decimal("299.99"))]
    shaky = LiveMarket(market(takers=twins)).firmness()
    assert 0 < shaky["L1", "T1"] < 1
    firm = LiveMarket(market(takers=[taker("T1"), taker("T2", price=Decimal(120))])).firmness()
    assert firm == {("L1", "T1"): 1.0}
    assert LiveMarket(market([])).firmness() == {}


def test_an_unknown_lot_is_refused() -> None:
    """Otherwise a stale page would show the market beside nothing."""
    with pytest.raises(BadProblem):
        LiveMarket(market()).outlook("nobody")
    with pytest.raises(BadProblem):
        LiveMarket(market()).without_lot("nobody")
