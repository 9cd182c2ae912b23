"""How long may a leave hold in a province, and what does it want to see? (data/period_policies.csv)"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from compliance.approvals.rules import ATTACHED, Kind, Paper, Policy, Span

_TABLE = Path(__file__).parent / "data" / "period_policies.csv"
EVERYWHERE = "*"


def policy_of(division_code: str) -> Policy:
    """Return the policy of a place: its prefecture's, else its province's, else what the rule itself says."""
    known = _table()
    for division in (division_code[:4], division_code[:2]):
        if division in known:
            return known[division]
    return known[EVERYWHERE]


def wanted_papers(kind: Kind, division_code: str) -> tuple[Paper, ...]:
    """Return what has to be attached at a place (X2, X7)."""
    extras = (Paper.LOCAL,) if policy_of(division_code).extras else ()
    return ATTACHED[kind] + extras


@cache
def _table() -> dict[str, Policy]:
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return {
            row["division"]: Policy(
                row["division"],
                Span(row["span"]),
                int(row["months"]),
                row["extras"] == "yes",
                row["basis"],
                row["note"],
            )
            for row in csv.DictReader(lines)
        }
