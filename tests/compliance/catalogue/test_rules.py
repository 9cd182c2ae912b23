"""Are waste codes read as people write them, and refused when they cannot be codes?"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.catalogue.rules import Basis, Form, Kind, WasteCode, WasteType

industries = st.integers(0, 999).map("{:03}".format)
hazardous = st.builds(
    "{}-{:03}-{:02}".format, industries, st.integers(0, 999), st.integers(min_value=1, max_value=50)
)
family_numbers = st.integers(1, 99).filter(lambda number: number != 8)
solid = st.builds("{}-{:03}-S{:02}".format, industries, st.integers(1, 99), family_numbers)
families = family_numbers.map("SW{:02}".format)
codes = st.one_of(hazardous, solid, families)


def fullwidth(text: str) -> str:
    """Write a text as a Chinese input method may."""
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text)


@given(codes)
def test_a_canonical_code_reads_as_itself(text: str) -> None:
    """A code that changes on the way in would no longer match its licence line."""
    assert WasteCode.parse(text).text == text
    assert WasteCode.parse(text) == WasteCode.parse(WasteCode.parse(text).compact)


@given(
    codes, st.sampled_from([str.lower, str.strip, fullwidth, lambda text: f" {text.replace('-', ' - ')} "])
)
def test_writing_does_not_matter(text: str, way: object) -> None:
    """A producer who types full-width digits or blanks means the same waste."""
    assert callable(way)
    assert WasteCode.parse(way(text)).text == text


@given(st.text(max_size=14))
def test_any_other_text_is_refused_and_never_crashes(text: str) -> None:
    """A crash on odd input would lose the whole form."""
    try:
        code = WasteCode.parse(text)
    except ValueError:
        return
    assert WasteCode.parse(code.text) == code


@pytest.mark.parametrize(
    "text",
    [
        *("", "900-214", "900-214-51", "900-214-00", "900-214-8", "9002140", "900-214-088", "HW08", "SW08"),
        *("900-001-S08", "900-000-S17", "900-100-S17", "900-001-S00", "SW00", "SW100", "90O-214-08", "SW٠١"),
    ],
)
def test_impossible_codes_are_refused(text: str) -> None:
    """A code outside the grammar on a manifest is refused by the authority."""
    with pytest.raises(ValueError, match="not a waste code"):
        WasteCode.parse(text)


def test_a_code_tells_its_kind_category_and_class() -> None:
    """Licence lines may name the whole category; the gates compare these parts."""
    oil, scrap, gypsum = (WasteCode.parse(text) for text in ("hw90021408", "900001s17", "s10"))
    assert (oil.text, oil.kind, oil.category, oil.class_zh) == ("900-214-08", Kind.HAZARDOUS, "HW08", "")
    assert (scrap.text, scrap.form, scrap.category) == ("900-001-S17", Form.SOLID, "SW17")
    assert (gypsum.text, gypsum.category, gypsum.class_zh) == ("SW10", "SW10", "工业固体废物")
    assert str(WasteCode.parse("SW72")) == "SW72"
    assert WasteCode.parse("SW72").class_zh == "建筑垃圾"


def test_pseudo_codes_are_recognised() -> None:
    """Waste identified by testing has no row of its own."""
    assert WasteCode.parse("900-000-08").is_pseudo
    assert not WasteCode.parse("900-001-S17").is_pseudo
    assert not WasteCode.parse("900-214-08").is_pseudo


def test_hazards_and_days_of_a_waste() -> None:
    """`In` is infection, not ignition; both ends of the days in force count."""
    waste = WasteType(
        code="841-004-01",
        edition="HW2021",
        kind=Kind.HAZARDOUS,
        category="HW01",
        category_name="医疗废物",
        industry="卫生",
        description="化学性废物",
        hazards="In,T/C",
        basis=Basis.OFFICIAL,
        valid_from=date(2021, 1, 1),
        valid_to=date(2024, 12, 31),
    )
    assert waste.hazard_letters == ("In", "T", "C")
    assert waste.in_force(date(2021, 1, 1))
    assert waste.in_force(date(2024, 12, 31))
    assert not waste.in_force(date(2025, 1, 1))
