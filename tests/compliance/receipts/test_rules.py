"""Do the scales of both ends agree, and which mass may be paid?"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from compliance.receipts.rules import TOLERANCE_PERMILLE, Comparison, payable_kg

masses = st.integers(1, 60_000)


def test_the_tolerance_is_three_per_mille_and_holds_at_its_edge() -> None:
    """A load exactly at the edge would be in dispute on one screen and paid on the other (S2)."""
    assert Fraction(3) == TOLERANCE_PERMILLE
    for sender_kg, within in ((10_030, True), (9_970, True), (10_031, False), (9_969, False), (10_000, True)):
        assert Comparison(sender_kg, 10_000).within is within
    assert Comparison(10_030, 10_000).gap_permille == 3
    assert Comparison(10_031, 10_000).gap_permille == Fraction(31, 10)


@given(masses, masses)
def test_the_edge_is_exact_for_every_mass(sender_kg: int, receiver_kg: int) -> None:
    """A rounding error would put a load in dispute that is not."""
    compared = Comparison(sender_kg, receiver_kg)
    assert compared.within == (abs(sender_kg - receiver_kg) * 1000 <= 3 * receiver_kg)


@given(masses, masses, st.integers(0, 60_000))
def test_never_more_is_payable_than_was_accepted_or_agreed(
    sender_kg: int, receiver_kg: int, accepted_kg: int
) -> None:
    """A producer would be paid for a mass that the other end disputes."""
    compared = Comparison(sender_kg, receiver_kg)
    payable = payable_kg(compared, accepted_kg)
    assert 0 <= payable <= min(accepted_kg, receiver_kg)
    if compared.within:
        assert payable == min(accepted_kg, receiver_kg)
    else:
        assert payable == min(accepted_kg, sender_kg, receiver_kg)


@given(st.integers(0, 60_000), st.integers(0, 1))
def test_an_empty_arrival_is_far_outside_and_no_error(sender_kg: int, accepted_kg: int) -> None:
    """A truck that came empty would end in a division by zero, and the dispute be told to nobody."""
    compared = Comparison(sender_kg, 0)
    assert compared.within is (sender_kg == 0)
    assert compared.undisputed_kg == 0
    assert payable_kg(compared, accepted_kg) == 0


def test_a_contract_may_set_its_own_tolerance() -> None:
    """Two parties who agreed on five per mille would be sent into a dispute at four."""
    assert not Comparison(10_040, 10_000).within
    assert Comparison(10_040, 10_000, 50).within
    assert not Comparison(10_001, 10_000, 0).within
