"""Does a person find the waste that is meant?"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.catalogue import queries
from compliance.catalogue.rules import Kind
from compliance.catalogue.search import Card, card, initials, pinyin, terms
from compliance.record.work import Work

TODAY = date(2026, 11, 20)


def first(work: Work, text: str) -> str:
    """Return the code of the best hit."""
    return queries.search(work.session, text, TODAY)[0].code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("900-214-08", "900-214-08"), ("90021408", "900-214-08"), ("HW 900-214-08", "900-214-08")),
        *(("900—214—08", "900-214-08"), ("900-214", "900-214-08"), ("900214", "900-214-08")),
        *(("废矿物油", "900-214-08"), ("feikuangwuyou", "900-214-08"), ("fkwy", "900-214-08")),
        *(("废机油", "900-214-08"), ("FeiJiYou", "900-214-08"), ("维修 润滑油", "900-214-08")),
        *(("润滑油 维修", "900-214-08"), ("维修废油", "900-214-08"), ("hw08维修", "900-214-08")),
        *(("磷石膏", "SW10"), ("lsg", "SW10"), ("linshigao", "SW10"), ("lin shi gao", "SW10")),
        *(("磷shigao", "SW10"), ("sw10", "SW10"), ("s10", "SW10")),
        *(("飞灰", "772-002-18"), ("废电瓶", "900-052-31"), ("lvhuizha", "321-026-48")),
        *(("电镀污泥", "336-064-17"), ("废钢", "SW17"), ("jg", "SW80")),
    ],
)
def test_the_waste_that_is_meant_comes_first(work: Work, text: str, code: str) -> None:
    """A producer who has to know the eight digits by heart will not list the lot."""
    assert first(work, text) == code


def test_a_category_lists_its_codes_and_respects_the_limit(work: Work) -> None:
    """The list under the field shows ten lines, not the whole catalogue."""
    hits = queries.search(work.session, "HW08", TODAY)
    assert len(hits) == 10
    assert {hit.category for hit in hits} == {"HW08"}
    assert len(queries.search(work.session, "HW08", TODAY, limit=100)) == 32


@pytest.mark.parametrize("text", ["", "  ", "、", "%", "_", "100%", "qqxx", "不存在的垃圾山", "\x00"])
def test_nothing_is_found_for_nothing(work: Work, text: str) -> None:
    """A wildcard typed by chance must not list everything, nor odd input fail."""
    assert queries.search(work.session, text, TODAY) == []


def test_kinds_and_days_narrow_the_search(work: Work) -> None:
    """A processor of construction waste must not be offered hazardous codes, nor old editions."""
    solid = queries.search(work.session, "污泥", TODAY, limit=50, kinds=[Kind.SOLID])
    assert {hit.kind for hit in solid} == {Kind.SOLID}
    assert solid[0].code == "SW07"
    of_2022 = queries.search(work.session, "污泥", date(2022, 6, 1), limit=50)
    assert {hit.edition for hit in of_2022} == {"HW2021"}
    assert queries.search(work.session, "污泥", date(2020, 6, 1)) == []


def test_pinyin_is_written_as_it_is_typed() -> None:
    """Input methods write ü as v; letters and digits inside a name stay."""
    assert (pinyin("铝灰渣"), initials("铝灰渣")) == ("lvhuizha", "lhz")
    assert pinyin("pvc废料") == "pvcfeiliao"


@given(st.text(max_size=20))
def test_any_query_splits_into_clean_terms(text: str) -> None:
    """A term with a blank or a line end in it could span two fields of a card."""
    for term in terms(text):
        assert term
        assert not any(sign.isspace() for sign in term)


@given(*[st.text(st.characters(exclude_categories=["Cs"]), max_size=12)] * 2)
def test_a_card_survives_its_storage(name: str, description: str) -> None:
    """A card that cannot be read back breaks every search that hits it."""
    made = card("900-214-08", "HW08", name, "非特定行业", description, ["废机油"])
    assert Card.read(made.text) == made
