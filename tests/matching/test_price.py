"""Is a shadow price what one more kilogram really changes?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings

from matching import Problem, clear, shadow_prices
from tests.matching.builders import lot, market, markets, taker

FEW = settings(max_examples=60, deadline=None, derandomize=True)


@FEW
@given(markets(divisible=True))
def test_bid_is_what_one_more_kilogram_of_licence_earns(problem: Problem) -> None:
    """Otherwise a processor would be misled on what an extension of its licence is worth."""
    before = clear(problem).welfare
    for (taker_id, code), bid in shadow_prices(problem).bid.items():
        more = tuple(
            replace(one, codes={**one.codes, code: one.codes[code] + 1}, total_kg=one.total_kg + 1)
            if one.id == taker_id
            else one
            for one in problem.takers
        )
        assert clear(replace(problem, takers=more)).welfare - before == bid / 1000


@FEW
@given(markets(divisible=True))
def test_ask_is_what_one_kilogram_less_of_room_costs(problem: Problem) -> None:
    """Otherwise a new lot would be quoted a price that pushes out a better one."""
    before = clear(problem).welfare
    for (taker_id, code), ask in shadow_prices(problem).ask.items():
        less = tuple(
            replace(one, codes={**one.codes, code: one.codes[code] - 1}, total_kg=one.total_kg - 1)
            if one.id == taker_id
            else one
            for one in problem.takers
        )
        assert before - clear(replace(problem, takers=less)).welfare == ask / 1000


@FEW
@given(markets(divisible=True))
def test_a_quote_is_the_highest_price_that_still_finds_a_taker(problem: Problem) -> None:
    """Otherwise the hint on the listing form would be too dear or too cheap."""
    for unit in (lot("new", kg=1), lot("new", kg=1, price_expectation=None)):
        quote = shadow_prices(problem).quote(unit)
        if quote is None:
            continue
        for change, taken in ((Decimal("-0.02"), True), (Decimal("0.02"), False)):
            asking = replace(unit, price_expectation=quote.price + change)
            solution = clear(replace(problem, lots=(*problem.lots, asking)))
            assert any(one.lot_id == "new" for one in solution.assignments) is taken


def test_a_quote_beside_a_full_licence_is_the_price_of_the_lot_it_would_displace() -> None:
    """Otherwise a newcomer would not see that the room is taken."""
    problem = market([lot(price_expectation=Decimal(100))], [taker(codes={"SW17": 10_000})])
    quote = shadow_prices(problem).quote(lot("new", kg=1000, price_expectation=None))
    assert quote is not None
    assert quote.price == Decimal(100)


def test_nobody_to_take_it_gives_no_quote() -> None:
    """Otherwise a price would be shown for waste that nobody may lawfully take."""
    assert shadow_prices(market([])).quote(lot(code="HW99")) is None
