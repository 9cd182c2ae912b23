"""What is a rule?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from string import Formatter

from compliance.rulebook.basis import Source


class Gate(StrEnum):
    """Where in a load's life a rule is asked (gate matrix of the domain rules)."""

    ADMISSION = "admission"
    """A party shows its documents."""
    LISTING = "listing"
    MATCH = "match"
    DEAL = "deal"
    ISSUE = "issue"
    LOADING = "loading"
    TRANSIT = "transit"
    RECEIPT = "receipt"
    SETTLEMENT = "settlement"
    LEDGER = "ledger"
    NIGHTLY = "nightly"


class Severity(StrEnum):
    """What follows when a rule is not kept."""

    BLOCK = "block"
    WARN = "warn"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: where it is asked, what follows, its words and the texts it rests on.

    `message` and `way_out` are English texts of the translation catalogue with `{named}` places.
    """

    id: str
    gates: frozenset[Gate]
    severity: Severity
    message: str
    way_out: str
    basis: tuple[Source, ...]
    blocks_from: date = date.min
    """A rule that blocks only since a day warned before it."""

    def severity_on(self, day: date) -> Severity:
        """Return what followed on a day when the rule was not kept."""
        eased = self.severity is Severity.BLOCK and day < self.blocks_from
        return Severity.WARN if eased else self.severity

    @property
    def places(self) -> frozenset[str]:
        """Return the names of the places in message and way out."""
        parts = [*Formatter().parse(self.message), *Formatter().parse(self.way_out)]
        return frozenset(name for _, name, _, _ in parts if name)
