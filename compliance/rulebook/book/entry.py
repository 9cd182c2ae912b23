"""How is a rule entered in the book?"""

from __future__ import annotations

from datetime import date

from compliance.rulebook.basis import Source
from compliance.rulebook.rule import Gate, Rule, Severity

BLOCK, WARN, TASK = Severity.BLOCK, Severity.WARN, Severity.TASK

ADMISSION = {Gate.ADMISSION}
LISTING, TRADE = {Gate.LISTING}, {Gate.MATCH, Gate.DEAL}
ISSUE, LOADING, TRANSIT = {Gate.ISSUE}, {Gate.LOADING}, {Gate.TRANSIT}
RECEIPT, MONEY = {Gate.RECEIPT}, {Gate.SETTLEMENT}
LEDGER, NIGHTLY = {Gate.LEDGER}, {Gate.NIGHTLY}


def entry(
    rule_id: str,
    gates: set[Gate],
    severity: Severity,
    basis: tuple[Source, ...],
    message: str,
    way_out: str,
    blocks_from: date = date.min,
) -> Rule:
    """Return one rule, its gates frozen; `blocks_from`: it warned before that day."""
    return Rule(rule_id, frozenset(gates), severity, message, way_out, basis, blocks_from)
