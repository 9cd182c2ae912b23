"""Can a sheet be set at whatever moment a clock shows?"""

from __future__ import annotations

from datetime import UTC, datetime

from compliance.papers.sheet import Part, Sheet
from compliance.papers.typesetting import sheet_pdf


def test_a_sheet_is_set_between_two_whole_seconds() -> None:
    """Typst takes whole seconds alone: on a clock that is not a test's nothing could be printed."""
    at = datetime(2026, 11, 20, 1, 0, 0, 123456, tzinfo=UTC)
    sheet = Sheet("联单", "42010020260001", "zh", at, (), (Part("移出人", ()),))
    assert sheet_pdf(sheet).startswith(b"%PDF")
