"""What threatens whoever breaks a rule, in the reader's language?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from compliance.record.clock import local_date
from compliance.record.errors import N_, NotFound
from compliance.rulebook.basis import CODE_IN_FORCE, House
from compliance.rulebook.explain import Explained, explain_id
from compliance.rulebook.penalties import Penalty, of_subjects
from marketplace.web.translation import Language, reading_language, translate

EARLIER = N_("What threatened before 15 August 2026 is not on file here.")
UNSTATED = N_("No fine for this is stated in the texts on file here.")
SUM_UNKNOWN = N_("the sum is not on file here")


def fine_words(fine: Penalty, language: Language) -> str:
    """Return one fine as a person reads it: the sum, the article, and what may come on top."""
    if fine.least_yuan is None or fine.most_yuan is None:
        told = "" if fine.note else translate(language, SUM_UNKNOWN)
    else:
        told = f"¥{fine.least_yuan:,}–{fine.most_yuan:,}"
    return " · ".join(part for part in (told, fine.article, fine.note) if part)


def of_rule(rule_id: str, on: date | datetime) -> list[str]:
    """Return, for a page, what threatens for a rule (`M11`) or one case of it (`L3.expired`) on a day.

    Nothing for a rule of this market and for what is no rule of the book; where a law stands behind it and
    no fine is known, that is said.
    """
    day = local_date(on) if isinstance(on, datetime) else on
    try:
        cases = explain_id(rule_id, day)
    except NotFound:
        return []
    language = reading_language.get()
    found = list(dict.fromkeys(fine for one in cases for fine in one.penalties))
    if found:
        return [fine_words(fine, language) for fine in found]
    return [translate(language, EARLIER if day < CODE_IN_FORCE else UNSTATED)] if _by_law(cases) else []


def of_duties(subjects: Iterable[str], on: date | datetime) -> list[str]:
    """Return, for a page, what threatens whoever fails in these duties of the law on a day."""
    day = local_date(on) if isinstance(on, datetime) else on
    return [fine_words(fine, reading_language.get()) for fine in of_subjects(subjects, day)]


def _by_law(cases: Iterable[Explained]) -> bool:
    return any(not isinstance(source, House) for one in cases for source in one.rule.basis)
