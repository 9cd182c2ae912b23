"""Texts, masses, money and moments read right in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from importlib import import_module

import pytest
from jinja2 import Environment

from compliance.record.errors import NotFound
from marketplace.edge.problems import reason_of
from marketplace.web import formats
from marketplace.web.translation import Language, install, preferred, reading_language, translate
from marketplace.web.words import WORDS
from tools import translations

ZH, EN = Language.ZH, Language.EN


def test_every_text_has_its_chinese() -> None:
    """A person would meet English in a Chinese page."""
    assert translations.faults(translations.found(), translations.stored()) == []


@pytest.mark.parametrize(
    ("kg", "en", "zh"),
    [
        (30_060, "30.060 t", "30.060 吨"),
        (0, "0.000 t", "0.000 吨"),
        (1_234_567, "1,234.567 t", "1,234.567 吨"),
    ],
)
def test_a_mass_is_written_in_tonnes_to_the_kilogram(kg: int, en: str, zh: str) -> None:
    """Kilograms would get lost between scale and screen."""
    assert (formats.format_kg(kg, EN), formats.format_kg(kg, ZH)) == (en, zh)


def test_money_is_written_to_the_fen() -> None:
    """A sum would be misread by a factor of a hundred."""
    assert formats.format_fen(6_913_800, EN) == "¥69,138.00"
    assert formats.format_fen(-5, ZH) == "-¥0.05"


def test_a_price_says_who_pays() -> None:
    """A minus would be overlooked, and a producer would pay what he thought to earn (P6)."""
    assert formats.format_price(Decimal("-2300"), EN) == "producer pays 2,300.00 CNY/t"
    assert formats.format_price(Decimal("-2300"), ZH) == "产废方支付 2,300.00 元/吨"
    assert formats.format_price(Decimal("180.5"), ZH) == "接收方支付 180.50 元/吨"
    assert formats.format_price(Decimal(0), EN) == "nobody pays"


def test_times_are_shanghai_time() -> None:
    """A load would arrive yesterday."""
    late = datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
    assert formats.format_moment(late, EN) == "21 Nov 2026, 01:05"
    assert formats.format_moment(late, ZH) == "2026年11月21日 01:05"
    assert formats.format_day(late, EN) == "21 Nov 2026"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-GB,en;q=0.9", EN),
        ("fr,zh;q=0.2,en;q=0.1", ZH),
        ("", ZH),
        ("de", ZH),
        ("en;q=x", ZH),
        ("en;q=0", ZH),
    ],
)
def test_a_program_is_answered_in_the_language_it_asks_for(header: str, language: Language) -> None:
    """A foreign programmer could not read the refusals."""
    assert preferred(header) is language


def test_words_of_the_product_are_translated_within_a_text_and_data_is_not() -> None:
    """A refusal would mix languages, or change a name."""
    assert reason_of(NotFound("lot", "lot"), ZH).detail == "未找到批次 lot。"
    assert translate(
        EN, "A trip that is {state} cannot be moved by: {act}.", state="at_origin", act="hand_over"
    ) == ("A trip that is at the loading site cannot be moved by: hand over.")


def test_templates_speak_the_readers_language_in_macros_too() -> None:
    """Half a page would be in another language."""
    environment = Environment(autoescape=True)
    install(environment, formats.FILTERS)
    template = environment.from_string(
        "{% macro m() %}{% trans %}Sign in{% endtrans %} {{ 1000 | kg }}{% endmacro %}{{ m() }}"
    )
    token = reading_language.set(ZH)
    zh = template.render()
    reading_language.reset(token)
    token = reading_language.set(EN)
    en = template.render()
    reading_language.reset(token)
    assert (zh, en) == ("登录 1.000 吨", "Sign in 1.000 t")


@pytest.mark.parametrize(
    "place",
    [
        "compliance.record.who:Role",
        "compliance.manifests.rules:State",
        "compliance.manifests.rules:Act",
        "compliance.manifests.rules:Party",
        "compliance.receipts.rules:State",
        "compliance.registry.rules:Mode",
        "compliance.registry.rules:LicenceKind",
        "compliance.registry.rules:OrganisationKind",
        "tracking.trips.rules:State",
        "tracking.trips.rules:Act",
        "tracking.weighings.rules:Place",
        "tracking.weighings.rules:Part",
        "tracking.weighings.rules:Unbound",
        "tracking.positions.rules:Exclusion",
        "tracking.intake.rules:Reason",
        "tracking.fleet.rules:DeviceKind",
        "tracking.fleet.rules:DeviceStatus",
        "marketplace.lots.rules:State",
        "marketplace.lots.rules:Act",
        "marketplace.lots.rules:Division",
        "marketplace.matches.rules:State",
        "marketplace.deals.rules:State",
        "marketplace.deals.rules:Act",
        "marketplace.settlements.rules:State",
        "marketplace.settlements.rules:LineKind",
        "marketplace.settlements.rules:AccountKind",
    ],
)
def test_every_code_that_a_person_meets_has_a_word(place: str) -> None:
    """A person would read `partly_accepted`."""
    module, name = place.split(":")
    codes: type[StrEnum] = getattr(import_module(module), name)
    assert [code.value for code in codes if code.value not in WORDS] == []


def test_what_speaks_for_an_alert_is_said_in_the_readers_words() -> None:
    """An inspector would read a code, a star, or a moment in another zone by which a photo is due."""
    due, limits = "2026-11-20T16:30:00+00:00", ["*: 2 t > 1 t", "TS1 HW08"]
    told = formats.format_evidence
    assert told(due, ZH, "evidence_due_at") == "2026年11月21日 00:30"
    assert told("", EN, "evidence_due_at") == "—"
    assert told("company_closed", ZH, "situation") == "接受单位关闭"
    assert told(limits, ZH, "limits") == "全部废物: 2 t > 1 t, TS1 HW08"
    assert (told(["*", "a"], EN, "seals"), told(7, EN, "kg")) == ("*, a", "7")
