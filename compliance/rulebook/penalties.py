"""What does the law threaten for breaking a duty on a given day?

Known are the ranges of 生态环境法典 (in force since 2026-08-15). Those of the earlier act are not in the
table, so for an earlier day nothing is said rather than a wrong sum (compliance.md 1g).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from compliance.rulebook.basis import Statute
from compliance.rulebook.rule import Rule

_DATA = Path(__file__).parent / "data"
LAW = "生态环境法典"


@dataclass(frozen=True, slots=True)
class Penalty:
    """A fine in whole yuan, least and most, with its article and what may come on top (Chinese).

    No sum: the law threatens here, and how much is not on file; or, where the note says so, with arrest.
    """

    article: str
    least_yuan: int | None
    most_yuan: int | None
    note: str
    valid_from: date


def penalties_on(rule: Rule, day: date) -> tuple[Penalty, ...]:
    """Return what threatens on a day whoever breaks a rule: by its own basis, and by the duty it details."""
    own = (source.subject for source in rule.basis if isinstance(source, Statute))
    subjects = [*own, *_threats().get(rule.id.partition(".")[0], ()), *_threats().get(rule.id, ())]
    return of_subjects(subjects, day)


def of_subjects(subjects: Iterable[str], day: date) -> tuple[Penalty, ...]:
    """Return what threatens on a day whoever fails in these duties of the law, each named once."""
    known = [penalty for subject in dict.fromkeys(subjects) for penalty in _table().get(subject, ())]
    return tuple(penalty for penalty in known if penalty.valid_from <= day)


def least_yuan(penalties: Iterable[Penalty]) -> int | None:
    """Return the least sum that threatens, None where none is known."""
    return min((one.least_yuan for one in penalties if one.least_yuan is not None), default=None)


def subjects() -> frozenset[str]:
    """Return every subject for which the law threatens."""
    return frozenset(_table())


def detailed() -> dict[str, tuple[str, ...]]:
    """Return by rule, or case of one, the duties of the law that it details and that carry its fine."""
    return dict(_threats())


@cache
def _table() -> dict[str, Sequence[Penalty]]:
    found: dict[str, list[Penalty]] = {}
    for row in _rows("penalties.csv"):
        found.setdefault(row["subject"], []).append(
            Penalty(
                article=f"{LAW} {row['article']}",
                least_yuan=int(row["least_yuan"]) if row["least_yuan"] else None,
                most_yuan=int(row["most_yuan"]) if row["most_yuan"] else None,
                note=row["note"],
                valid_from=date.fromisoformat(row["valid_from"]),
            )
        )
    return dict(found)


@cache
def _threats() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in _rows("threats.csv"):
        found[row["rule"]] = (*found.get(row["rule"], ()), row["subject"])
    return found


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
