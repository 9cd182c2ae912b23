"""Does each part of a score say what it should, and is the total their sum?"""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings

from matching import Problem, Weights
from matching.freight import Haul, Offer, haul_by
from matching.pairs import lawful_pairs, score_of
from matching.score import Part, going_rates, score
from tests.matching.builders import HUBEI, HUNAN, lot, market, markets, taker, vehicle

HAUL = Haul("V1", 50_000, 0, Decimal(50), Decimal(30))
RATE = Decimal(300)


def part(name: Part, **changes: object) -> Decimal:
    """Score the default pair with a changed taker and read one part."""
    return score(lot(), taker(**changes), HAUL, RATE, Weights()).parts[name]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(markets())
def test_the_total_is_the_sum_of_its_parts_in_whole_fen(problem: Problem) -> None:
    """Otherwise the bars on the page would not add up to the number beside them."""
    rates = going_rates(problem)
    pairs = lawful_pairs(problem)
    for pair in (pairs.row(n) for n in range(len(pairs))):
        worth = score_of(problem, pair, rates)
        assert set(worth.parts) == set(Part)
        assert sum(worth.parts.values()) == worth.total == Decimal(pair.fen) / 100
        assert all(value == value.quantize(Decimal("0.01")) for value in worth.parts.values())


def test_value_and_gate_price_are_the_gap_to_the_expectation_on_both_sides_of_zero() -> None:
    """Otherwise a gate fee would be reckoned as income (P1)."""
    worth = score(lot(price_expectation=Decimal(-500)), taker(price=Decimal(-420)), HAUL, RATE, Weights())
    assert worth.parts[Part.VALUE] + worth.parts[Part.GATE_PRICE] == Decimal(80)


def test_a_holder_without_expectation_takes_the_going_rate_less_a_slack() -> None:
    """Otherwise a lot without a price could be neither matched nor compared."""
    problem = market([lot(price_expectation=None)], [taker("T1", price=Decimal(-100)), taker("T2")])
    assert going_rates(problem) == {"SW17": Decimal(100)}
    worth = score(problem.lots[0], taker(), HAUL, Decimal(100), Weights())
    assert worth.parts[Part.VALUE] == Decimal(300)


def test_proximity_prefers_home_then_neighbours_and_blocks_nobody() -> None:
    """Otherwise M17 would be ignored, or be made a wall."""
    neighbours = Weights(neighbours=frozenset({frozenset({HUBEI, HUNAN})}))
    assert part(Part.PROXIMITY) == 0
    assert part(Part.PROXIMITY, province="44") == -50
    worth = score(lot(), taker(province=HUNAN), HAUL, RATE, neighbours)
    assert worth.parts[Part.PROXIMITY] == -20


def test_credit_counts_only_where_there_is_a_record() -> None:
    """Otherwise a newcomer would be punished for being new."""
    assert part(Part.CREDIT) == 0
    assert part(Part.CREDIT, credit=Decimal(80)) == Decimal(10)
    assert part(Part.CREDIT, credit=Decimal(40)) == Decimal(-10)


def test_a_nearly_full_licence_is_spared() -> None:
    """Otherwise a licence would run full early in the year while others stand idle (L4)."""
    assert part(Part.LICENCE_SLACK, licence_slack=Decimal("0.2")) == 0
    assert part(Part.LICENCE_SLACK, licence_slack=Decimal("0.05")) == Decimal("-22.50")


def test_carbon_counts_loaded_kilometres_and_half_of_the_empty_ones() -> None:
    """Otherwise a lorry from far away would look as clean as one next door."""
    haul = haul_by(Offer(vehicle(), 20_000), 10_000, 50_000, Weights())
    assert haul.charged_km == 60
    worth = score(lot(), taker(), haul, RATE, Weights())
    assert worth.parts[Part.CARBON] == Decimal("-0.46")
    assert worth.parts[Part.FREIGHT] == Decimal("-36.00")


def test_the_fixed_cost_is_paid_for_every_trip() -> None:
    """Otherwise a small lorry would look cheap for a large lot."""
    haul = haul_by(Offer(vehicle(fixed=Decimal(400)), 0), 21_000, 0, Weights())
    assert haul.per_tonne == Decimal(400) * 3 / 21
