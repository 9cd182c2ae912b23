"""Of what does the rulebook warn when an episode was found on a vehicle's way (M7, M8)?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from compliance.record.errors import RuleBroken
from compliance.rulebook.rules import broken
from tracking.judgement.rules import RULES, Kind


def warnings(kind: Kind, facts: Mapping[str, object], plate: str, on: date) -> list[RuleBroken]:
    """Return what the rules say of an episode on the day on which it began; nothing of an ordinary one.

    What is known only at its end (seconds, metres) reads as a dash while it lasts.
    """
    rule_id = RULES.get(kind)
    if rule_id is None:
        return []
    told = {name: value for name, value in facts.items() if name != "rule"}
    return [broken(rule_id, on, field="vehicle", **(told | {"plate": plate}))]
