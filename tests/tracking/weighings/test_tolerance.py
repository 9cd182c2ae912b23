"""Does a tolerance follow from the instruments, and from the contract where it says otherwise?"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.weighings.tolerance import Allowance, Basis, End, Instrument, Tolerance, tolerance

SCALE = Instrument("a", 20, 80_000)


@pytest.mark.parametrize(
    ("kg", "error"),
    [(0, 20), (10_000, 20), (10_020, 40), (40_000, 40), (40_020, 60), (45_000, 60), (80_000, 60)],
)
def test_the_error_in_use_is_that_of_class_three(kg: int, error: int) -> None:
    """Parties would quarrel about what any verified scale may be off (45 t at e = 20 kg: 60 kg)."""
    assert SCALE.error_kg(kg) == error
    assert SCALE.min_kg == 400


def test_beyond_its_largest_load_a_scale_promises_nothing() -> None:
    """A tolerance would be computed for a weight that no scale of that size may show."""
    assert SCALE.error_kg(80_020) is None
    assert Instrument("b", 5, 80_000).error_kg(60_000) is None


def test_two_scales_give_the_tolerance_of_a_load() -> None:
    """Two readings at either end, 60 kg each, the water and the fuel: 240 + 30 + 20."""
    end = End(SCALE, 45_000)
    assert tolerance(end, end, 30_000) == Tolerance(290, Basis.INSTRUMENTS, 120, 120, 30, 20)
    dry = Allowance(moisture_permille=Fraction(0), fuel_kg=0)
    assert tolerance(end, End(Instrument("b", 50, 100_000), 45_000), 30_000, site=dry).kg == 120 + 200


def test_who_set_a_tolerance_is_heard_in_turn() -> None:
    """A contract's own word would be overruled, or a site's guess be taken for an instrument's."""
    known, unknown = End(SCALE, 45_000), End(None, 45_000)
    fixed = Allowance(fixed_permille=Fraction(5))
    assert tolerance(known, known, 30_000, contract=fixed) == Tolerance(
        150, Basis.CONTRACT, permille=Fraction(5)
    )
    assert tolerance(known, known, 30_000, site=fixed).basis is Basis.INSTRUMENTS
    assert tolerance(known, unknown, 30_000, site=fixed).basis is Basis.SITE
    assert tolerance(unknown, known, 30_000).kg == 90
    assert tolerance(End(SCALE, 90_000), known, 30_000).basis is Basis.DEFAULT


@given(st.integers(400, 80_000), st.integers(0, 60_000), st.sampled_from([5, 10, 20, 50]))
def test_a_tolerance_never_falls_with_the_load(gross: int, net: int, division: int) -> None:
    """A heavier load would be held to a narrower measure than a lighter one."""
    scale = Instrument("a", division, 10_000 * division)
    if gross + division > scale.max_kg:
        return
    lighter, heavier = End(scale, gross), End(scale, gross + division)
    assert tolerance(lighter, lighter, net).kg <= tolerance(heavier, heavier, net + division).kg
