"""Which drafts of a lot can be listed, and what may happen to a lot next?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.lots.rules import (
    LARGEST_KG,
    NEXT,
    Act,
    LotDraft,
    State,
    draft_faults,
    price_is_well_formed,
)
from tests.factories.trade import START

TODAY = date(2026, 11, 20)
SOUND = LotDraft(
    site_id=uuid4(),
    code="900-214-08",
    kg=20_000,
    ready_from=START,
    ready_to=START + timedelta(days=10),
    price=Decimal("-2300.00"),
)


def faults(draft: LotDraft) -> list[tuple[str, str | None]]:
    """Return rule and field of everything that is wrong with a draft."""
    return [(one.rule, one.field) for one in draft_faults(draft, START, TODAY)]


def test_a_sound_draft_has_no_fault() -> None:
    """A producer could list nothing at all."""
    assert faults(SOUND) == []
    assert faults(replace(SOUND, price=None)) == []
    assert faults(replace(SOUND, price=Decimal(0), kg=LARGEST_KG)) == []


@pytest.mark.parametrize("kg", [0, -1, -20_000, LARGEST_KG + 1, 10**18])
def test_a_mass_that_cannot_be_is_refused(kg: int) -> None:
    """A slip of the keyboard would draw a truck for nothing, or a market for a lot that is not there."""
    assert faults(replace(SOUND, kg=kg)) == [("P5.mass", "kg")]


def test_a_window_must_end_after_it_starts_and_not_be_over() -> None:
    """A carrier would be sent for a lot that can never be fetched."""
    window = [("W4.window", "ready_to")]
    assert faults(replace(SOUND, ready_to=SOUND.ready_from)) == window
    assert faults(replace(SOUND, ready_to=SOUND.ready_from - timedelta(seconds=1))) == window
    assert faults(replace(SOUND, ready_from=START - timedelta(days=2), ready_to=START)) == window
    assert faults(replace(SOUND, ready_from=START - timedelta(days=2))) == []
    assert faults(replace(SOUND, ready_to=datetime(9999, 12, 31, 23, 59, tzinfo=UTC))) == window
    assert faults(replace(SOUND, ready_from=datetime(1, 1, 1, tzinfo=UTC))) == window


@pytest.mark.parametrize(
    "text", ["1.001", "-2300.005", "NaN", "sNaN", "Infinity", "-Infinity", "1000000.01", "1E+30"]
)
def test_a_price_that_cannot_be_paid_is_refused(text: str) -> None:
    """Both sides would be bound by a price that no fen can express."""
    assert faults(replace(SOUND, price=Decimal(text))) == [("P1.price_form", "price")]


def test_every_fault_is_told_at_once() -> None:
    """A producer would correct one field after the other, and be sent back each time."""
    draft = replace(SOUND, kg=0, ready_to=START, price=Decimal("0.001"))
    assert faults(draft) == [("P5.mass", "kg"), ("W4.window", "ready_to"), ("P1.price_form", "price")]


@given(st.integers(-100_000_000, 100_000_000))
def test_every_whole_number_of_fen_is_a_price(fen: int) -> None:
    """A lawful price, positive, zero or negative, would be refused (P1)."""
    assert price_is_well_formed(Decimal(fen) / 100)


@given(st.integers(-999_999_999, 999_999_999).filter(lambda tenths: tenths % 10 != 0))
def test_no_part_of_a_fen_is_a_price(tenths: int) -> None:
    """A price that cannot be paid would be rounded behind somebody's back."""
    assert not price_is_well_formed(Decimal(tenths) / 1000)


def test_mass_that_comes_back_is_taken_back_in_every_state() -> None:
    """The mass of a refused load would vanish because its lot was withdrawn meanwhile."""
    assert {state for state, act in NEXT if act is Act.GIVE_BACK} == set(State)
    assert NEXT[State.WITHDRAWN, Act.GIVE_BACK] is State.WITHDRAWN


def test_only_a_listed_lot_leaves_the_market() -> None:
    """A lot that is sold could be withdrawn from under its buyer."""
    for act in (Act.TAKE_ALL, Act.WITHDRAW, Act.EXPIRE):
        assert {state for state, one in NEXT if one is act} == {State.LISTED}
