"""On which text does a rule rest, and how is that text cited on a given day?"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

CODE_IN_FORCE = date(2026, 8, 15)
"""The day 生态环境法典 replaced 固废法 (its art. 1242): citations change, and what was issued under the
repealed act is under review."""
ACT_IN_FORCE = date(2020, 9, 1)
"""The day on which 固废法 came into force in the form whose articles the table cites."""

_TABLE = Path(__file__).parent / "data" / "legal_basis.csv"
_LAWS = {"固废法": "固废法", "法典": "生态环境法典"}
_CITATION = re.compile(r"(固废法|法典)(\d+(?:-\d+)?)(?:\((\d+)\))?")


@dataclass(frozen=True, slots=True)
class Citation:
    """One text with the article in it that counts; `under_review` where a new issue is expected."""

    text: str
    article: str = ""
    under_review: bool = False


@dataclass(frozen=True, slots=True)
class Statute:
    """A duty of the law itself, named by its subject in `data/legal_basis.csv`."""

    subject: str

    def on(self, day: date) -> Citation | None:
        """Return the article that carries the duty on a day: 固废法, or 法典 from 2026-08-15.

        None before 2020-09-01: the articles of the earlier forms of 固废法 are not in the table.
        """
        if day < ACT_IN_FORCE:
            return None
        before, since = _articles()[self.subject]
        return _citation(since if day >= CODE_IN_FORCE else before)


@dataclass(frozen=True, slots=True)
class Regulation:
    """A rule or standard below the law, by title, article and the days on which it is in force.

    `under_repealed_act`: it was issued under 固废法, so a new issue under the Code is to be expected.
    """

    title: str
    article: str = ""
    valid_from: date = date.min
    valid_to: date = date.max
    under_repealed_act: bool = True

    def on(self, day: date) -> Citation | None:
        """Return the citation, or None outside the days in force."""
        if not self.valid_from <= day <= self.valid_to:
            return None
        return Citation(
            self.title, self.article, under_review=self.under_repealed_act and day >= CODE_IN_FORCE
        )


@dataclass(frozen=True, slots=True)
class House:
    """A rule of this market, which no law prescribes."""

    rule: str

    def on(self, day: date) -> Citation | None:
        """Return the market rule's own number."""
        return Citation(f"平台规则 {self.rule}")


Source = Statute | Regulation | House


def cite(sources: tuple[Source, ...], day: date) -> str:
    """Return the citations of a day as one text: `固废法 第36条、第78条；…（部令第23号）第15条`."""
    by_text: dict[str, list[str]] = {}
    for citation in citations(sources, day):
        by_text.setdefault(citation.text, []).append(citation.article)
    return "；".join(text + "、".join(filter(None, articles)) for text, articles in by_text.items())


def citations(sources: tuple[Source, ...], day: date) -> tuple[Citation, ...]:
    """Return what is in force on a day among a rule's sources."""
    return tuple(citation for source in sources if (citation := source.on(day)) is not None)


def subjects() -> frozenset[str]:
    """Return every subject of the legal table."""
    return frozenset(_articles())


def _citation(short: str) -> Citation | None:
    """Write `固废法82(1)` out as 固废法 第82条第1款; None for an empty cell (no such duty yet)."""
    found = _CITATION.fullmatch(short)
    if found is None:
        return None
    law, article, paragraph = found.groups()
    return Citation(f"{_LAWS[law]} ", f"第{article}条" + (f"第{paragraph}款" if paragraph else ""))


@cache
def _articles() -> dict[str, tuple[str, str]]:
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return {
            row["subject"]: (row["until_2026_08_14"], row["from_2026_08_15"]) for row in csv.DictReader(lines)
        }
