"""Has a container's label the right size and code, and is what is asked for refused with its reason?"""

from __future__ import annotations

from datetime import date

import pytest

from compliance.papers.rules import (
    BOTH_SIDES,
    LARGE,
    MIDDLE,
    SMALL,
    LabelSize,
    digital_code,
    label_faults,
    label_size,
    spaced,
)

UNIT = "91420100MA4K00001X"
ON = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("litres", "size"),
    [(1, SMALL), (50, SMALL), (51, MIDDLE), (449, MIDDLE), (450, LARGE), (451, BOTH_SIDES)],
)
def test_the_volume_decides_the_size(litres: int, size: LabelSize) -> None:
    """An inspector would find a label that is too small for its drum (G6)."""
    assert label_size(litres) == size


def test_the_digital_code_has_37_digits_in_four_segments() -> None:
    """A scanner of the authority would not read it (G7)."""
    code = digital_code(UNIT, "900-214-08", ON, 7)
    assert code == "91420100MA4K00001X" + "90021408" + "20261120" + "007"
    assert len(code) == 37
    assert spaced(code) == "91420100MA4K00001X 90021408 20261120 007"


@pytest.mark.parametrize(
    ("unit", "waste"), [(UNIT[:-1], "900-214-08"), (UNIT, "900-001-S17"), (UNIT, "SW10")]
)
def test_no_code_is_made_of_something_else(unit: str, waste: str) -> None:
    """A wrong code would stand on a drum as if it were right."""
    with pytest.raises(ValueError, match="no digital code"):
        digital_code(unit, waste, ON, 1)


@pytest.mark.parametrize(
    ("asked", "rules"),
    [
        ({}, []),
        ({"litres": 0}, ["G6.volume"]),
        ({"litres": 100_001}, ["G6.volume"]),
        ({"kg": 0}, ["G5.weight"]),
        ({"first": 0}, ["G7.serial"]),
        ({"first": 999, "count": 2}, ["G7.serial"]),
        ({"count": 201}, ["G7.serial"]),
        ({"litres": -1, "kg": -1, "count": 0}, ["G6.volume", "G5.weight", "G7.serial"]),
    ],
)
def test_labels_that_cannot_be_are_refused_with_all_reasons(asked: dict[str, int], rules: list[str]) -> None:
    """A person would correct one field after another."""
    told = {"litres": 200, "kg": 180, "first": 1, "count": 1} | asked
    found = label_faults(on=ON, **told)
    assert [getattr(one, "rule", "") for one in found] == rules
    assert all(one.field for one in found)
