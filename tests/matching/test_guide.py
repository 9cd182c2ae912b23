"""Is the range shown on the listing form what the market would really give?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings

from matching import Problem, clear, guidance, shadow_prices
from matching.guide import comparables
from tests.matching.builders import lot, market, markets, taker

FEW = settings(max_examples=60, deadline=None, derandomize=True)


def test_the_range_is_the_first_tonne_the_whole_mass_and_the_mass_without_the_best() -> None:
    """Otherwise a producer would take the price of one full lorry for that of a hundred."""
    takers = [
        taker("T1", codes={"SW17": 4000}, price=Decimal(400)),
        taker("T2", price=Decimal(300)),
        taker("T3", price=Decimal(200)),
    ]
    problem = market([], takers)
    found = guidance(problem, lot("new", kg=10_000), shadow_prices(problem))
    freight_and_carbon = Decimal("30.38")
    assert found.high == Decimal(400) - freight_and_carbon
    assert found.likely == Decimal(340) - freight_and_carbon
    assert found.low == Decimal(300) - freight_and_carbon
    assert [one.taker_id for one in found.offers] == ["T1", "T2", "T3"]
    assert (found.placed_kg, found.capacity_worth, found.thin) == (10_000, (Decimal(0), Decimal(0)), False)


def test_one_taker_alone_gives_no_lower_end_and_is_said_to_be_thin() -> None:
    """Otherwise a price that hangs on one plant would look as sure as any."""
    problem = market([])
    found = guidance(problem, lot("new"), shadow_prices(problem), [Decimal(250)])
    assert (found.low, found.thin, found.comparables.count) == (None, True, 1)
    assert not guidance(problem, lot("new"), shadow_prices(problem), [Decimal(250)] * 5).thin


def test_nobody_to_take_it_gives_no_price_at_all() -> None:
    """Otherwise a price would be shown for waste that nobody may lawfully take."""
    found = guidance(market([]), lot("new", code="HW99"), {})
    assert (found.low, found.likely, found.high, found.offers) == (None, None, None, ())
    assert found.capacity_worth is None


def test_prices_below_zero_are_guided_as_those_above() -> None:
    """Otherwise whoever has to pay for her waste would see no guidance, or one with the wrong sign (P2)."""
    problem = market([], [taker(price=Decimal(-900))])
    found = guidance(problem, lot("new"), shadow_prices(problem))
    assert found.likely == Decimal("-930.38")


@FEW
@given(markets(divisible=True))
def test_the_high_end_is_where_the_first_kilogram_stops_finding_a_taker(problem: Problem) -> None:
    """Otherwise the form would advise to expect what nobody would give, or less than somebody would."""
    unit = lot("new", kg=1, composition={"moisture": Decimal(10)})
    high = guidance(problem, unit, shadow_prices(problem)).high
    if high is None:
        return
    for change, taken in ((Decimal("-0.02"), True), (Decimal("0.02"), False)):
        asking = replace(unit, price_expectation=high + change)
        solution = clear(replace(problem, lots=(*problem.lots, asking)))
        assert any(one.lot_id == "new" for one in solution.assignments) is taken


@FEW
@given(markets(divisible=True))
def test_the_range_is_in_order_and_does_not_hang_on_the_order_of_takers(problem: Problem) -> None:
    """Otherwise the low end could lie above the high one, or two pages would show two ranges."""
    one = lot("new", kg=3000, composition={"moisture": Decimal(10)})
    prices = shadow_prices(problem)
    found = guidance(problem, one, prices)
    if found.high is not None and found.likely is not None:
        assert found.likely <= found.high
        assert found.low is None or found.low <= found.likely
    turned = replace(problem, takers=tuple(reversed(problem.takers)))
    assert guidance(turned, one, prices) == found


def test_comparables_are_the_tenths_at_the_ends_and_the_middle() -> None:
    """Otherwise one odd deal would be shown as the going rate."""
    found = comparables([Decimal(n) for n in range(11)])
    assert (found.low, found.middle, found.high) == (Decimal(1), Decimal(5), Decimal(9))
    assert comparables([]).middle is None
