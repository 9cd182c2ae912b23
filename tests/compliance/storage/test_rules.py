"""Is it told of each site and waste what lies there, and who stores more than may?"""

from __future__ import annotations

from uuid import UUID

import pytest

from compliance.storage.rules import Limit, Line, Stock, covers, held, placed, read_code

EAST, WEST, OTHER = (UUID(int=number) for number in range(1, 4))
OIL, SLAG = "900-214-08", "900-001-S17"


def test_everything_of_a_unit_lies_at_its_only_site() -> None:
    """A producer with one yard would have to say of every line where it lies."""
    stock = placed([Line(OIL, 9_000), Line(OIL, -4_000, OTHER), Line(SLAG, 700)], [EAST], {})
    assert stock.sites == {EAST: {SLAG: 700, OIL: 5_000}}
    assert stock.unplaced == {}


def test_of_several_sites_only_what_is_known_counts_against_one() -> None:
    """A yard would be accused of what lies in another, or of what left nobody knows from where."""
    stock = placed([Line(OIL, 9_000, EAST), Line(OIL, 5_000, WEST), Line(SLAG, 700)], [EAST, WEST], {})
    assert (stock.sites[EAST], stock.sites[WEST], stock.unplaced) == (
        {OIL: 9_000},
        {OIL: 5_000},
        {SLAG: 700},
    )
    left = placed([Line(OIL, 9_000, EAST), Line(OIL, 5_000, WEST), Line(OIL, -6_000)], [EAST, WEST], {})
    assert (left.sites[EAST], left.sites[WEST]) == ({OIL: 3_000}, {})


def test_limits_are_by_waste_category_facility_and_in_all() -> None:
    """A store within its total would hide one that is full of what it may hardly hold."""
    stock = Stock({EAST: {OIL: 9_000, SLAG: 2_000}}, {(EAST, "TS1"): {OIL: 4_000}})
    limits = [
        Limit(EAST, "", "", 11_000),
        Limit(EAST, "", OIL, 8_999),
        Limit(EAST, "", "HW08", 9_000),
        Limit(EAST, "TS1", "", 3_000),
        Limit(EAST, "TS2", "", 1),
        Limit(WEST, "", "SW17", 1),
        Limit(WEST, "TS1", "", 1),
    ]
    found = held(limits, stock)
    assert [one.stock_kg for one in found] == [11_000, 9_000, 9_000, 4_000, 0, 0, 0]
    assert [one.is_over for one in found] == [False, True, False, True, False, False, False]
    assert found[3].percent == 133


@pytest.mark.parametrize(
    ("limit", "code", "covered"),
    [
        ("", SLAG, True),
        (OIL, OIL, True),
        ("HW08", OIL, True),
        ("HW08", "251-001-08", True),
        ("HW09", OIL, False),
        ("SW17", SLAG, True),
        ("HW17", SLAG, False),
    ],
)
def test_a_category_covers_its_codes_alone(limit: str, code: str, covered: bool) -> None:
    """Hazardous waste 17 and solid waste 17 would be one."""
    assert covers(limit, code) is covered


def test_a_code_is_read_as_people_write_it() -> None:
    """A limit of nothing at all would be noted for a slip of the pen."""
    assert [read_code(text) for text in ("", " hw08 ", "90021408", "oil", "HW99", "sw08")] == [
        "",
        "HW08",
        OIL,
        None,
        None,
        None,
    ]
