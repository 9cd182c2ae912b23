"""Does every answer of the matching engine have words in both languages?"""

from __future__ import annotations

import string

import pytest

from marketplace.web.reasons import WORDS, tell
from marketplace.web.score_bars import HALF, bars
from marketplace.web.translation import Language
from matching.reasons import ReasonCode

FIGURES = {
    "waste_code": "900-214-08",
    "remaining_kg": "1000",
    "needed_kg": "2500",
    "rest_kg": "10",
    "room_kg": "20000",
    "lot_kg": "30000",
    "metres": "12345",
    "limit_km": "80",
    "price": "-2300",
    "expectation": "100",
    "gap": "12.5",
    "per_tonne": "-3",
    "per_tonne_km": "0.45",
    "share_left": "0.15",
    "province": "42",
    "origin": "42",
    "target": "41",
    "ready_end": "2026-11-20T01:00:00+00:00",
    "earliest": "2026-11-20T01:00:00+00:00",
    "dg_class": "3",
    "licence": "hazardous",
    "figure": "chlorine_percent",
    "most": "0.5",
    "value": "0.7",
    "latest": "2026-11-22T01:00:00+00:00",
}


@pytest.mark.parametrize("code", list(ReasonCode))
@pytest.mark.parametrize("language", list(Language))
def test_every_reason_can_be_told(code: ReasonCode, language: Language) -> None:
    """A producer would see a bare code, or a page that fails, in place of the reason."""
    wanted = {name for _, name, _, _ in string.Formatter().parse(WORDS[code].text) if name}
    wanted |= {name for _, name, _, _ in string.Formatter().parse(WORDS[code].way_out) if name}
    if "figure" in wanted:
        wanted = (wanted - {"bounds"}) | {"most"}
    told = tell(code, {name: FIGURES[name] for name in wanted}, language, {"42": "湖北省", "41": "河南省"})
    assert told.text
    assert "{" not in told.text + told.way_out
    if language is Language.ZH:
        assert any("一" <= sign <= "鿿" for sign in told.text)


def test_the_bars_add_up_and_stay_in_the_drawing() -> None:
    """A drawing that disagrees with its figures would persuade instead of explain."""
    drawn = bars({"value": "2500.00", "gate_price": "-2300.00", "freight": "-60.00", "credit": "0.00"})
    assert [str(bar.per_tonne) for bar in drawn] == ["200.00", "-60.00", "140.00"]
    assert all(0 <= bar.start <= bar.start + bar.length <= 2 * HALF for bar in drawn)
    assert [bar.helps for bar in drawn] == [True, False, True]
