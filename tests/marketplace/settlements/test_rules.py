"""How much is owed for a load, to the fen, and by whom?"""

from __future__ import annotations

import json
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.settlements.rules import (
    FEE_CAP_FEN,
    FEE_MINIMUM_FEN,
    AccountKind,
    Line,
    LineKind,
    Parties,
    amount_fen,
    balances,
    due_postings,
    entry_faults,
    fee_fen,
    funding_postings,
    lines_for,
    paid_postings,
)

CASES = json.loads((Path(__file__).parents[1] / "data" / "cases.json").read_text(encoding="utf-8"))
HOLDER, TAKER, CARRIER = UUID(int=1), UUID(int=2), UUID(int=3)
PARTIES = Parties(HOLDER, TAKER, CARRIER)
PRICES = st.integers(-100_000_000, 100_000_000).map(lambda fen: Decimal(fen) / 100)
MASSES = st.integers(0, 100_000_000)
LINES = st.builds(
    Line,
    st.sampled_from(LineKind),
    st.just(HOLDER),
    st.sampled_from([None, TAKER, CARRIER]),
    st.integers(1, 10**12),
)


def by_kind(price: Decimal, kg: int, freight: int = 100) -> dict[LineKind, Line]:
    """Return the lines of a load by what they are for."""
    return {line.kind: line for line in lines_for(PARTIES, price, freight, kg)}


def test_the_worked_example_of_the_rules() -> None:
    """The rule book and the invoice would disagree: -2300 CNY/t on 30,060 kg is 69,138.00 (S4)."""
    assert amount_fen(Decimal(-2300), 30_060) == -6_913_800
    line = by_kind(Decimal(-2300), 30_060)[LineKind.WASTE]
    assert (line.payer, line.payee, line.fen) == (HOLDER, TAKER, 6_913_800)


@pytest.mark.parametrize(
    "case", [one for one in CASES["signed_english"]["cases"] if one["winner"]], ids=lambda case: case["name"]
)
def test_ten_tonnes_at_a_signed_price(case: dict[str, int]) -> None:
    """The side that pays would receive, as soon as a price crosses zero (P1)."""
    assert amount_fen(Decimal(case["price"]), 10_000) == case["holder_receives_for_10_t"] * 100


@pytest.mark.parametrize(
    ("price", "kg", "fen"),
    [("0.01", 499, 0), ("0.01", 500, 1), ("-0.01", 500, -1), ("-0.01", 499, 0), ("0", 9, 0)],
)
def test_half_a_fen_is_rounded_away_from_zero(price: str, kg: int, fen: int) -> None:
    """One side would win every half fen (S1)."""
    assert amount_fen(Decimal(price), kg) == fen


@given(PRICES, MASSES)
def test_an_amount_is_the_product_rounded_half_up(price: Decimal, kg: int) -> None:
    """A load would be settled on an amount that no calculator confirms (S1)."""
    exact = abs(price) * 100 * kg / 1000
    rounded = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert abs(amount_fen(price, kg)) == rounded
    assert abs(rounded - exact) <= Decimal("0.5")


@given(PRICES, MASSES)
def test_both_signs_are_worth_the_same(price: Decimal, kg: int) -> None:
    """A holder who pays would be rounded otherwise than one who is paid."""
    assert amount_fen(-price, kg) == -amount_fen(price, kg)


@given(PRICES, MASSES, MASSES)
def test_more_mass_is_never_less_money(price: Decimal, one: int, other: int) -> None:
    """A heavier load would cost less than a lighter one."""
    less, more = sorted((one, other))
    assert abs(amount_fen(price, less)) <= abs(amount_fen(price, more))


@given(st.integers(-(10**12), 10**12))
def test_the_fee_has_a_floor_and_a_cap_and_no_sign(waste_fen: int) -> None:
    """A producer who pays for disposal would be paid a fee, or one who gives away pay none (P7)."""
    fee = fee_fen(waste_fen)
    assert FEE_MINIMUM_FEN <= fee <= FEE_CAP_FEN
    assert fee == fee_fen(-waste_fen)


def test_the_fee_is_five_per_mille_between_floor_and_cap() -> None:
    """The platform would take another share than it says (P7)."""
    assert [fee_fen(fen) for fen in (0, 200_000, 200_100, 6_913_800, 200_000_000)] == [
        1_000,
        1_000,
        1_001,
        34_569,
        500_000,
    ]


@given(PRICES.filter(lambda price: abs(price) >= 1), st.integers(1_000, 100_000))
def test_the_sign_says_who_pays_for_the_waste(price: Decimal, kg: int) -> None:
    """The wrong side would get the invoice (S4)."""
    waste = by_kind(price, kg)[LineKind.WASTE]
    assert (waste.payer, waste.payee) == ((TAKER, HOLDER) if price > 0 else (HOLDER, TAKER))
    assert waste.fen == abs(amount_fen(price, kg))


def test_at_price_zero_only_freight_and_the_least_fee_are_owed() -> None:
    """A line over nothing would wait for ever to be paid."""
    owed = by_kind(Decimal(0), 10_000, freight=77)
    assert {kind: line.fen for kind, line in owed.items()} == {LineKind.FREIGHT: 77, LineKind.FEE: 1_000}
    assert (owed[LineKind.FREIGHT].payee, owed[LineKind.FEE].payee) == (CARRIER, None)


def test_nothing_is_owed_for_nothing() -> None:
    """A producer would pay freight and fee for a load of which nothing was accepted."""
    assert lines_for(PARTIES, Decimal(-2300), 100, 0) == ()


@given(LINES)
def test_every_entry_sums_to_zero(line: Line) -> None:
    """Money would appear or vanish in the books (S6)."""
    for postings in (due_postings(line), paid_postings(line), funding_postings(HOLDER, line.fen)):
        assert entry_faults(postings, date(2026, 11, 20)) == []


@given(LINES)
def test_a_paid_line_leaves_no_debt(line: Line) -> None:
    """A payer would still owe what was paid, or the payee still wait for it."""
    after = balances((*due_postings(line), *paid_postings(line)))
    assert after[line.payer, AccountKind.PAYABLE] == 0
    assert after[line.payer, AccountKind.AVAILABLE] == -line.fen
    if line.payee is None:
        assert after[None, AccountKind.FEE_INCOME] == line.fen
    else:
        assert after[line.payee, AccountKind.RECEIVABLE] == 0
        assert after[line.payee, AccountKind.AVAILABLE] == line.fen
