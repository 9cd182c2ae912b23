"""Does the book answer as of a day: in force or not, by which article, under which fine?"""

from __future__ import annotations

from datetime import date

import pytest

from compliance.record.errors import NotFound
from compliance.rulebook.basis import CODE_IN_FORCE, Statute, subjects
from compliance.rulebook.book.not_asked import CLAUSES, NOT_ASKED
from compliance.rulebook.explain import book_on, explain_id, kept_otherwise
from compliance.rulebook.penalties import detailed, penalties_on
from compliance.rulebook.penalties import subjects as fined
from compliance.rulebook.rule import Gate
from compliance.rulebook.rules import rule, rules
from marketplace.web.case_words import DUTIES

LAST_OLD = date(2026, 8, 14)


def test_a_rule_is_explained_by_the_law_of_the_day() -> None:
    """An act of 14 August would be measured by the Code of the 15th."""
    (before,), (since,) = explain_id("M11", LAST_OLD), explain_id("M11", CODE_IN_FORCE)
    assert before.rule.id == since.rule.id == "M11.confirm_in_time"
    assert not before.under_review
    assert since.under_review
    (manifest,) = explain_id("M1", CODE_IN_FORCE)
    assert manifest.article.startswith("生态环境法典 第536条第1款")
    assert [(fine.least_yuan, fine.most_yuan) for fine in manifest.penalties] == [(50_000, 200_000)]


def test_no_fine_of_the_code_is_held_against_an_earlier_act() -> None:
    """A company would be threatened with a sum that was not the law then."""
    for one in rules():
        assert penalties_on(one, LAST_OLD) == ()
    assert fined() <= subjects()


def test_every_duty_that_has_a_fine_threatens_somewhere() -> None:
    """A fine would stand in the table and be told to nobody."""
    named = {one.subject for each in rules() for one in each.basis if isinstance(one, Statute)}
    of_cases = {subject for duties in DUTIES.values() for subject in duties}
    named |= of_cases | {subject for duties in detailed().values() for subject in duties}
    assert fined() <= named
    numbers = {each.id for each in rules()} | {each.id.partition(".")[0] for each in rules()}
    assert set(detailed()) <= numbers


def test_a_rule_below_the_law_carries_the_fine_of_the_duty_it_details() -> None:
    """An inspector would read that a manifest may be confirmed late for nothing (M11, M12, L9)."""
    sums = {
        each: [(fine.least_yuan, fine.most_yuan) for fine in penalties_on(rule(each), CODE_IN_FORCE)]
        for each in ("M11.confirm_in_time", "M12.rest_open", "L9.driver_not_permitted", "S6.unbalanced")
    }
    assert sums == {
        "M11.confirm_in_time": [(50_000, 200_000)],
        "M12.rest_open": [(50_000, 200_000), (100_000, 1_000_000), (200_000, 2_000_000)],
        "L9.driver_not_permitted": [(None, None)],
        "S6.unbalanced": [],
    }


def test_all_cases_of_a_rule_are_told_at_once() -> None:
    """A reader would fix one case and meet the next."""
    cases = explain_id("L3", CODE_IN_FORCE)
    assert {one.rule.id for one in cases} == {
        "L3.data_missing",
        "L3.not_yet_valid",
        "L3.expired",
        "L3.expires_soon",
    }
    assert [one.rule for one in explain_id("L3.expired", CODE_IN_FORCE)] == [rule("L3.expired")]


@pytest.mark.parametrize("text", ["", "M", "M99", "L3.", "m11"])
def test_what_is_no_rule_is_said_to_be_none(text: str) -> None:
    """A typing error would read like freedom."""
    with pytest.raises(NotFound):
        explain_id(text, CODE_IN_FORCE)


def test_the_book_of_a_day_holds_only_what_was_in_force() -> None:
    """The transfer rule of 2022 would be held against a load of 2021."""
    early = {one.rule.id for one in book_on(date(2021, 6, 1))}
    assert "M2.number" not in early
    assert "L1.no_licence" in early
    assert {one.rule.id for one in book_on(date(2019, 1, 1))}.isdisjoint(
        {"L1.no_licence", "X1.approval_missing"}
    )
    loading = book_on(CODE_IN_FORCE, Gate.LOADING)
    assert loading
    assert all(Gate.LOADING in one.rule.gates for one in loading)


STATED = (
    *(f"M{number}" for number in range(1, 19)),
    *(f"X{number}" for number in range(1, 9)),
    *(f"L{number}" for number in range(1, 15)),
    *(f"G{number}" for number in range(1, 11)),
)
"""The rules of manifests, of moves between provinces, of licences and of units."""


@pytest.mark.parametrize("rule_id", STATED)
def test_every_rule_of_the_law_is_asked_or_told_how_it_is_kept(rule_id: str) -> None:
    """Who looks a rule up would read that there is none."""
    cases = explain_id(rule_id, date(2026, 8, 15))
    assert cases or kept_otherwise(rule_id)
    assert bool(cases) != (rule_id in NOT_ASKED)


@pytest.mark.parametrize("rule_id", CLAUSES)
def test_a_clause_that_no_gate_asks_says_how_it_is_kept(rule_id: str) -> None:
    """Who looks up M4 would believe that the market has read the contract."""
    assert explain_id(rule_id, date(2026, 8, 15))
    assert kept_otherwise(rule_id) == kept_otherwise(f"{rule_id}.any_case") == CLAUSES[rule_id]


def test_the_fines_of_the_earlier_act_are_said_to_be_missing() -> None:
    """A fine of nothing would be read for an act of before the Code."""
    before, since = (explain_id("M11", day)[0] for day in (date(2026, 8, 14), date(2026, 8, 15)))
    assert (before.fines_on_file, before.penalties) == (False, ())
    assert since.fines_on_file
