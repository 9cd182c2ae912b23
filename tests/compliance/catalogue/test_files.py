"""Do the bundled files hold what their README says?"""

from __future__ import annotations

import re
from collections import Counter

from compliance.catalogue.files import (
    HW2021,
    HW2025,
    SW2024,
    common_words,
    exemption_lines,
    places,
    waste_types,
)
from compliance.catalogue.rules import Basis, Form, WasteCode

OF_2021 = [row for row in waste_types() if row.edition == HW2021.code]
OF_2024 = [row for row in waste_types() if row.edition == SW2024.code]


def test_the_edition_of_2021_is_complete_and_well_formed() -> None:
    """A lost or damaged row would make a lawful waste unlistable."""
    assert len(OF_2021) == len({row.code for row in OF_2021}) == 467
    for row in OF_2021:
        code = WasteCode.parse(row.code)
        assert (code.text, code.form, code.category) == (row.code, Form.HAZARDOUS, row.category)
        assert set(row.hazard_letters) <= {"T", "C", "I", "R", "In"}
        assert row.hazard_letters
        assert row.is_official
    missing = {41, 42, 43, 44}
    assert {row.category for row in OF_2021} == {f"HW{n:02}" for n in range(1, 51) if n not in missing}


def test_the_edition_of_2025_says_plainly_that_it_is_carried_over() -> None:
    """Old text shown as the official new edition would be a false legal statement."""
    carried = [row for row in waste_types() if row.edition == HW2025.code]
    assert [row.code for row in carried] == [row.code for row in OF_2021]
    assert {row.basis for row in carried} == {Basis.CARRIED_OVER}
    assert not any(row.is_official for row in carried)


def test_solid_waste_rows_are_placeholders_with_the_published_counts() -> None:
    """A placeholder taken for the official catalogue would decide about real loads."""
    families = [row for row in OF_2024 if row.code == row.category]
    assert (len(families), len(OF_2024)) == (35, 47)
    assert all(row.is_placeholder for row in OF_2024)
    assert sorted(Counter(row.industry for row in families).values()) == [4, 4, 5, 5, 17]
    for row in OF_2024:
        code = WasteCode.parse(row.code)
        assert (code.text, code.category) == (row.code, row.category)
        if row in families:
            assert code.class_zh == row.industry


def test_exemptions_name_only_codes_of_the_table() -> None:
    """An exemption that points nowhere could never be shown to the producer it concerns."""
    lines = exemption_lines()
    assert (len(lines), {line.item for line in lines}) == (57, set(range(1, 33)))
    known = {row.code for row in OF_2021} | {row.category for row in OF_2021}
    assert {code for line in lines for code in line.codes.split(";") if code} <= known


def test_divisions_are_a_tree_inside_china() -> None:
    """Manifest numbers are counted by prefecture; an orphan would have none."""
    rows = {place.code: place for place in places()}
    assert len(rows) == len(places()) == 3223
    assert Counter(row.level for row in rows.values()) == {"province": 34, "prefecture": 342, "county": 2847}
    above = {"county": "prefecture", "prefecture": "province"}
    for row in rows.values():
        assert re.fullmatch(r"\d{6}", row.code)
        if row.parent_code is None:
            assert row.level == "province"
        else:
            assert rows[row.parent_code].level == above[row.level]
        if row.lon is not None and row.lat is not None:
            assert 73 < row.lon < 136
            assert 3 < row.lat < 54
    assert sum(row.lon is None for row in rows.values()) == 11


def test_common_words_point_at_listed_waste() -> None:
    """A word for a code that is not there would help nobody."""
    assert set(common_words()) <= {row.code for row in waste_types()}
