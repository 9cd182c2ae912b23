"""Does every gate that refuses name a rule of the book and the facts its message wants?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from compliance.oversight.signs import SHEETS as signs  # noqa: N811
from compliance.qualification.rules import SHEETS as documents  # noqa: N811
from compliance.rulebook.rules import rule, rules
from tracking.alerts.sheets import SHEETS as alerts  # noqa: N811

ROOT = Path(__file__).parents[3]
FREE = {"rule_id", "on", "field", "day"}


def refusals() -> Iterator[tuple[str, str, set[str]]]:
    """Yield place, rule id and named values of every `broken("…", …)` in the product."""
    for package in ("compliance", "tracking", "marketplace"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                    continue
                first = node.args[0] if node.args else None
                if node.func.id == "broken" and isinstance(first, ast.Constant):
                    names = {keyword.arg or "*" for keyword in node.keywords}
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", str(first.value), names


def test_refusals_name_rules_of_the_book_and_their_facts() -> None:
    """A rule id that is not in the book, or a fact the message lacks, is met first by a user."""
    known = {each.id for each in rules()}
    found = list(refusals())
    assert found
    assert [entry for entry in found if entry[1] not in known] == []
    lacking = [
        (place, rule_id, rule(rule_id).places - names - FREE)
        for place, rule_id, names in found
        if "*" not in names and rule(rule_id).places - names - FREE
    ]
    assert lacking == []


def test_every_rule_that_a_sheet_names_can_be_explained() -> None:
    """A reader would follow a document, a sign or an alert to a rule that nobody knows."""
    known = {each.id.partition(".")[0] for each in rules()}
    sheets = [*documents.values(), *signs.values(), *alerts.values()]
    named = {sheet.rule for sheet in sheets if not sheet.rule.startswith("telemetry")}
    assert named - known == set()
