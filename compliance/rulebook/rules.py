"""Which rule forbids an act, in which words, and by which article on that day?"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import RuleBroken
from compliance.rulebook.basis import citations, cite
from compliance.rulebook.book import RULES
from compliance.rulebook.rule import Gate, Rule, Severity

__all__ = ["Gate", "Rule", "Severity", "article_on", "asked_at", "broken", "rule", "rules", "under_review"]

UNSAID = "—"
"""What stands in a message's place for a fact that is not known at that gate."""

_BY_ID = {each.id: each for each in RULES}


def rule(rule_id: str) -> Rule:
    """Return a rule by its id with its detail, such as `L3.expired`; `KeyError` for any other text."""
    return _BY_ID[rule_id]


def rules() -> tuple[Rule, ...]:
    """Return the whole book in its order."""
    return RULES


def asked_at(gate: Gate) -> tuple[Rule, ...]:
    """Return the rules that one gate asks."""
    return tuple(each for each in RULES if gate in each.gates)


def article_on(rule_id: str, on: date) -> str:
    """Return what a rule rests on that day: `固废法 第80条` up to 2026-08-14, then `生态环境法典 第534条`.

    Several texts are joined by `；`. A rule of this market says so: `平台规则 S2`.
    """
    return cite(rule(rule_id).basis, on)


def under_review(rule_id: str, on: date) -> bool:
    """Tell whether a rule rests on a text whose re-issue under 生态环境法典 is not established."""
    return any(citation.under_review for citation in citations(rule(rule_id).basis, on))


def broken(rule_id: str, on: date, field: str | None = None, **values: object) -> RuleBroken:
    """Return the refusal that a person reads: what is wrong, the article of the day, the way out.

    `values` fill the rule's named places (`Rule.places`); one that is not given reads as a dash, and
    the place `day` is always filled with `on`. The caller raises it or collects it with others.
    """
    found = rule(rule_id)
    known: dict[str, object] = dict.fromkeys(found.places, UNSAID) | {"day": on.isoformat()} | values
    return RuleBroken(
        found.id,
        found.message,
        article=cite(found.basis, on),
        field=field,
        way_out=found.way_out,
        values=known,
    )
