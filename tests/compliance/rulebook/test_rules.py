"""Does every rule of the book speak, show the way out and cite the article of the day?"""

from __future__ import annotations

import re
from datetime import date

import pytest

from compliance.record.errors import RuleBroken
from compliance.rulebook.basis import CODE_IN_FORCE, House, Statute, subjects
from compliance.rulebook.rules import (
    Gate,
    Rule,
    Severity,
    article_on,
    asked_at,
    broken,
    rule,
    rules,
    under_review,
)

LAST_OLD = date(2026, 8, 14)
NOW = date(2026, 11, 20)
IDS = [each.id for each in rules()]


def test_ids_are_distinct_and_well_formed() -> None:
    """Two rules of one id would show a person the wrong reason."""
    assert len(IDS) == len(set(IDS))
    assert all(re.fullmatch(r"([A-Z]\d+|GEO)\.[a-z_]+", one) for one in IDS)


@pytest.mark.parametrize("one", rules(), ids=IDS)
def test_every_rule_speaks_and_cites_on_both_sides_of_the_code(one: Rule) -> None:
    """A refusal without reason, way out or article would leave a person with nothing to do."""
    assert one.message.endswith(".")
    assert one.way_out.endswith(".")
    assert one.gates
    for day in (date(2022, 1, 1), LAST_OLD, CODE_IN_FORCE, NOW):
        assert article_on(one.id, day)


@pytest.mark.parametrize("one", rules(), ids=IDS)
def test_no_rule_cites_a_law_on_a_day_it_was_not_in_force(one: Rule) -> None:
    """Citing 固废法 after its repeal would put a wrong article into every refusal of today."""
    assert "法典" not in article_on(one.id, LAST_OLD)
    assert "固废法" not in article_on(one.id, CODE_IN_FORCE)
    if any(isinstance(source, Statute) for source in one.basis):
        assert "固废法 第" in article_on(one.id, LAST_OLD)
        assert "生态环境法典 第" in article_on(one.id, CODE_IN_FORCE)


@pytest.mark.parametrize("one", rules(), ids=IDS)
def test_statutes_named_by_rules_are_in_the_legal_table(one: Rule) -> None:
    """A misspelt subject would fail only when the rule is broken, in front of a user."""
    assert {source.subject for source in one.basis if isinstance(source, Statute)} <= subjects()


def test_citations_are_written_out() -> None:
    """An inspector looks the article up by exactly this text."""
    assert article_on("L1.no_licence", LAST_OLD) == "固废法 第80条"
    assert article_on("L1.no_licence", CODE_IN_FORCE) == "生态环境法典 第534条"
    assert article_on("M2.number", NOW) == "危险废物转移管理办法（部令第23号）第15条"
    assert article_on("X6.report_missing", LAST_OLD) == "固废法 第22条第2款"
    assert article_on("X6.report_missing", NOW) == "生态环境法典 第476条第2款"
    assert (
        article_on("M1.no_manifest", NOW)
        == "生态环境法典 第536条第1款；危险废物转移管理办法（部令第23号）第2条、第6条、第7条"
    )
    assert article_on("S2.outside_tolerance", NOW) == "平台规则 S2"


def test_the_catalogue_rule_cites_the_edition_of_the_day() -> None:
    """A code refused for a day in 2024 must not be measured by the catalogue of 2025."""
    assert "2021年版" in article_on("C1.unknown_code", date(2024, 12, 31))
    assert "2025年版" in article_on("C1.unknown_code", date(2025, 1, 1))


def test_rules_made_under_the_repealed_act_are_marked_since_the_code() -> None:
    """Without the mark the product would claim that 令23 is confirmed under the Code."""
    assert not under_review("M2.number", LAST_OLD)
    assert under_review("M2.number", CODE_IN_FORCE)
    assert not under_review("L1.no_licence", CODE_IN_FORCE)
    assert not under_review("L9.vehicle_not_permitted", CODE_IN_FORCE)


def test_a_broken_rule_carries_all_that_a_person_needs() -> None:
    """The problem document is made from these parts alone."""
    fault = broken(
        "L4.quota_exceeded", NOW, field="receiver", code="900-214-08", licence="HB-1", kg=9000, left_kg=10
    )
    assert isinstance(fault, RuleBroken)
    assert (fault.rule, fault.code, fault.field) == ("L4.quota_exceeded", "L4", "receiver")
    assert fault.article.startswith("生态环境法典 第534条")
    assert str(fault) == "9000 kg of 900-214-08 exceed what licence HB-1 leaves for this year: 10 kg."
    assert fault.way_out is not None
    assert fault.way_out.format(**fault.values) == "Take at most 10 kg, or choose another receiver."


@pytest.mark.parametrize("one", rules(), ids=IDS)
def test_a_fact_not_known_at_a_gate_reads_as_a_dash(one: Rule) -> None:
    """A gate that knows less than the message asks must refuse, not crash."""
    fault = broken(one.id, NOW)
    text = str(fault) + (fault.way_out or "").format(**fault.values)
    assert "{" not in text
    assert set(fault.values) >= one.places


def test_gates_and_severities_follow_the_matrix() -> None:
    """A rule asked at the wrong gate lets a load leave that must not."""
    assert rule("L4.quota_near").severity is Severity.WARN
    assert rule("L4.quota_exceeded").severity is Severity.BLOCK
    assert rule("M11.confirm_in_time").severity is Severity.TASK
    assert {"M4.not_weighed", "L9.driver_not_permitted"} <= {each.id for each in asked_at(Gate.LOADING)}
    assert rule("S6.unbalanced").basis == (House("S6"),)
    with pytest.raises(KeyError):
        rule("L3")
