"""What does the law threaten for breaking a duty on a given day?

Known are the ranges of 生态环境法典 (in force since 2026-08-15). Those of the earlier act are not in the
table, so for an earlier day nothing is said rather than a wrong sum (compliance.md 1g).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from compliance.rulebook.basis import Source, Statute

_TABLE = Path(__file__).parent / "data" / "penalties.csv"
LAW = "生态环境法典"


@dataclass(frozen=True, slots=True)
class Penalty:
    """A fine in whole yuan, least and most, with its article and what may come on top (Chinese)."""

    article: str
    least_yuan: int
    most_yuan: int
    note: str
    valid_from: date


def penalties_on(sources: tuple[Source, ...], day: date) -> tuple[Penalty, ...]:
    """Return the fines that threaten whoever breaks a duty with these sources on a day."""
    subjects = [source.subject for source in sources if isinstance(source, Statute)]
    known = [_table()[subject] for subject in subjects if subject in _table()]
    return tuple(penalty for penalty in known if penalty.valid_from <= day)


def subjects() -> frozenset[str]:
    """Return every subject that has a fine."""
    return frozenset(_table())


@cache
def _table() -> dict[str, Penalty]:
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return {
            row["subject"]: Penalty(
                article=f"{LAW} {row['article']}",
                least_yuan=int(row["least_yuan"]),
                most_yuan=int(row["most_yuan"]),
                note=row["note"],
                valid_from=date.fromisoformat(row["valid_from"]),
            )
            for row in csv.DictReader(lines)
        }
