"""What does a rule ask on a given day, on which text does it rest, and what threatens whoever breaks it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.record.errors import NotFound
from compliance.rulebook.basis import CODE_IN_FORCE, Citation, citations, cite
from compliance.rulebook.book import RULES
from compliance.rulebook.book.not_asked import CLAUSES, NOT_ASKED
from compliance.rulebook.penalties import Penalty, penalties_on
from compliance.rulebook.rule import Gate, Rule


@dataclass(frozen=True, slots=True)
class Explained:
    """One rule as of a day."""

    rule: Rule
    on: date
    article: str
    citations: tuple[Citation, ...]
    penalties: tuple[Penalty, ...]

    @property
    def in_force(self) -> bool:
        """Tell whether any of its texts was in force then."""
        return bool(self.citations)

    @property
    def fines_on_file(self) -> bool:
        """Tell whether the table knows fines of that day: those of the Code, not of the act before it."""
        return self.on >= CODE_IN_FORCE

    @property
    def under_review(self) -> bool:
        """Tell whether a new issue of one of its texts is to be expected."""
        return any(one.under_review for one in self.citations)


def explain(one: Rule, on: date) -> Explained:
    """Explain a rule as of a day."""
    return Explained(one, on, cite(one.basis, on), citations(one.basis, on), penalties_on(one, on))


def explain_id(rule_id: str, on: date) -> list[Explained]:
    """Explain one case (`L3.expired`) or all cases of a rule (`L3`), none of one that no gate asks.

    Raises `NotFound` for any other text.
    """
    found = [one for one in RULES if rule_id in {one.id, one.id.partition(".")[0]}]
    if not found and rule_id not in NOT_ASKED:
        raise NotFound("rule", rule_id)
    return [explain(one, on) for one in found]


def kept_otherwise(rule_id: str) -> str:
    """Return how a rule, or the clause of it that no gate asks, is kept instead; empty where all is asked."""
    return NOT_ASKED.get(rule_id) or CLAUSES.get(rule_id.partition(".")[0], "")


def book_on(on: date, gate: Gate | None = None) -> list[Explained]:
    """Return the rules in force on a day, of one gate or of all, in the order of the book."""
    asked = (one for one in RULES if gate is None or gate in one.gates)
    return [found for one in asked if (found := explain(one, on)).in_force]
