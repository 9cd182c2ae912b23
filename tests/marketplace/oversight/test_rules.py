"""Is what a person types into a filter looked up where it is meant?"""

from __future__ import annotations

import pytest

from marketplace.oversight.rules import Reads, code_pattern, division_prefix, reads


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("20264201000001", Reads.NUMBER),
        ("000001", Reads.DIGITS),
        ("900-214-08", Reads.CODE),
        ("900", Reads.CODE),
        ("hw08", Reads.CODE),
        ("鄂A70000", Reads.WORDS),
        ("Wuhan Steel", Reads.WORDS),
        ("SAW", Reads.WORDS),
    ],
)
def test_words_are_told_from_numbers_and_codes(text: str, how: Reads) -> None:
    """A search would look at every manifest of ten years, or at the wrong column."""
    assert reads(text) is how


def test_a_code_is_found_by_its_beginning_and_its_category() -> None:
    """An inspector of waste oil would have to name each of its codes."""
    assert code_pattern("900-214-08") == "900-214-08"
    assert code_pattern("900-2") == "900-2%"
    assert code_pattern(" hw08 ") == "%-08"
    assert code_pattern("SW17") == code_pattern("s17") == "%-S17"
    assert code_pattern("100%") is code_pattern("_") is None


def test_a_division_holds_what_lies_within_it() -> None:
    """A province's inspector would see none of its counties' loads."""
    assert [division_prefix(code) for code in ("420000", "42", "420100", "4201", "420102")] == [
        "42",
        "42",
        "4201",
        "4201",
        "420102",
    ]
    assert division_prefix("4%") == division_prefix("123") == ""
