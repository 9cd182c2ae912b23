"""Is a vehicle's empty weight known well enough to notice another vehicle?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.world import START
from tracking.weighings.tares import LEAST, Band, How, Tare, band


def tares(*weights: int, how: How = How.WEIGHED) -> list[Tare]:
    """Return one empty weight a day up to yesterday."""
    return [
        Tare(kg, START - timedelta(days=len(weights) - place), 20, how) for place, kg in enumerate(weights)
    ]


def test_a_band_is_the_median_and_what_fuel_explains() -> None:
    """A full tank would be taken for another vehicle."""
    found = band(tares(9_000, 9_020, 8_980, 9_040, 9_000, 9_000), START)
    assert found == Band(9_000, 190, 6)
    assert [found.gap_kg(kg) for kg in (8_800, 8_810, 9_190, 9_500)] == [-10, 0, 0, 310]


def test_one_swapped_vehicle_does_not_widen_the_band() -> None:
    """A cheat would make room for the next time."""
    honest = band(tares(*[9_000] * 9), START)
    cheated = band(tares(*[9_000] * 9, 12_000, 12_000), START)
    assert honest is not None
    assert cheated is not None
    assert (cheated.median_kg, cheated.half_kg) == (honest.median_kg, honest.half_kg)


def test_typed_old_and_later_tares_do_not_count() -> None:
    """Typed weights would prove themselves."""
    assert band(tares(*[9_000] * 9, how=How.TYPED), START) is None
    assert band(tares(*[9_000] * (LEAST - 1)), START) is None
    assert band(tares(*[9_000] * 9), START - timedelta(days=30)) is None
    assert band(tares(*[9_000] * 9), START + timedelta(days=400)) is None


@given(st.lists(st.integers(7_000, 15_000), min_size=LEAST, max_size=60), st.randoms())
def test_the_order_of_the_history_does_not_matter(weights: list[int], chance) -> None:  # type: ignore[no-untyped-def]
    """A ticket that came late would give the vehicle another band."""
    history = tares(*weights)
    shuffled = list(history)
    chance.shuffle(shuffled)
    found = band(history, START)
    assert found == band(shuffled, START)
    assert found is not None
    assert found.low_kg <= found.median_kg <= found.high_kg


@pytest.mark.parametrize("kg", [0, 9_000, 50_000])
def test_a_gap_has_the_side_it_lies_on(kg: int) -> None:
    """Water aboard would look like a missing wheel."""
    gap = Band(9_000, 200, 5).gap_kg(kg)
    assert (gap > 0) == (kg > 9_200)
    assert (gap < 0) == (kg < 8_800)
