"""Can what was entered from a paper be right, and what does it allow?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from compliance.catalogue import queries as catalogue
from compliance.catalogue.tables import CatalogueEntry
from compliance.qualification import queries
from compliance.qualification.licences import kind_fault, number_is_usual, outside_scope, years_at_most
from compliance.qualification.rules import SHEETS, Sheet, Subject
from compliance.record.errors import N_, DomainError, Invalid, NotFound
from compliance.record.work import Work
from compliance.registry.rules import LicenceKind, Mode
from compliance.rulebook.rules import broken

if TYPE_CHECKING:
    from compliance.qualification.service import NewDocument

MOST_KG = 10_000_000_000
"""Ten million tonnes a year: more than any works takes; a slip of the unit is found."""
HAZARDOUS_KINDS = frozenset({LicenceKind.COMPREHENSIVE, LicenceKind.COLLECTION})
WITH_LINES = HAZARDOUS_KINDS | {LicenceKind.CONTRACTOR}
CLASSES = frozenset({"1", "2", "3", "4", "5", "6", "7", "8", "9"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a paper allows: modes, dangerous-goods classes, (code, kilograms a year), kilograms in all."""

    modes: tuple[Mode, ...] = ()
    classes: tuple[str, ...] = ()
    lines: tuple[tuple[str, int], ...] = ()
    total_kg: int | None = None

    def stored(self) -> dict[str, object]:
        """Return the terms as JSON keeps them."""
        return {
            "modes": [mode.value for mode in self.modes],
            "classes": list(self.classes),
            "lines": [[code, kg] for code, kg in self.lines],
            "total_kg": self.total_kg,
        }

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> Terms:
        """Return the terms that `stored` gave."""
        modes, classes, lines = stored["modes"], stored["classes"], stored["lines"]
        assert isinstance(modes, list)
        assert isinstance(classes, list)
        assert isinstance(lines, list)
        total = stored["total_kg"]
        return cls(
            tuple(Mode(mode) for mode in modes),
            tuple(str(one) for one in classes),
            tuple((str(code), int(kg)) for code, kg in lines),
            int(str(total)) if total is not None else None,
        )


def faults(work: Work, subject: Subject, new: NewDocument) -> list[DomainError]:
    """Return everything that cannot be right about a paper as entered."""
    sheet = SHEETS[new.kind]
    found: list[DomainError] = []
    if sheet.subject is not subject:
        found.append(
            Invalid(
                N_("This kind of document is not about a {kind}."),
                field="kind",
                values={"kind": subject.value},
            )
        )
    if not 2 <= len(new.number.strip()) <= 40:
        found.append(Invalid(N_("Copy the number from the document: 2 to 40 characters."), field="number"))
    found += _day_faults(work.today, sheet, new)
    found += _scan_faults(work, new.scan_sha256)
    found += _terms_faults(work, sheet, new)
    return found


def warnings(sheet: Sheet, number: str, codes: Iterable[str], on: date) -> list[DomainError]:
    """Return what a reviewer should look at twice, though it may well be right (L2, L7)."""
    found: list[DomainError] = [*outside_scope(sheet.becomes, codes, on)]
    if sheet.becomes in HAZARDOUS_KINDS and not number_is_usual(number):
        found.append(broken("L7.number_form", on, field="number", number=number))
    return found


def _day_faults(today: date, sheet: Sheet, new: NewDocument) -> list[DomainError]:
    if new.valid_to is None:
        missing = Invalid(N_("Copy the last day of validity from the document."), field="valid_to")
        return [missing] if sheet.dated else []
    if new.valid_to < new.valid_from:
        return [Invalid(N_("The last day lies before the first."), field="valid_to")]
    if new.valid_to < today:
        return [Invalid(N_("This document has ended: show the renewed one."), field="valid_to")]
    years = years_at_most(sheet.becomes, new.valid_from, new.valid_to)
    if years is None:
        return []
    return [
        broken(
            "L2.term_too_long",
            today,
            field="valid_to",
            kind=sheet.becomes.value if sheet.becomes else "",
            years=years,
            valid_from=new.valid_from.isoformat(),
            valid_to=new.valid_to.isoformat(),
        )
    ]


def _scan_faults(work: Work, sha256: str) -> list[DomainError]:
    owner = work.who.organisation_id
    assert owner is not None
    try:
        queries.scan(work.session, owner, sha256)
    except NotFound:
        return [Invalid(N_("Upload the scan of the document first."), field="scan")]
    return []


def _terms_faults(work: Work, sheet: Sheet, new: NewDocument) -> list[DomainError]:
    terms, found = new.terms, list[DomainError]()
    needs_classes = new.kind.value in {"dangerous_goods_permit", "vehicle_certificate"}
    if sheet.becomes is LicenceKind.DANGEROUS_GOODS and not terms.classes:
        found.append(broken("L9.classes_missing", work.today, field="classes"))
    if terms.classes and (not needs_classes or not {one[:1] for one in terms.classes} <= CLASSES):
        found.append(Invalid(N_("Classes of dangerous goods run from 1 to 9."), field="classes"))
    if sheet.becomes in WITH_LINES:
        missing = [name for name, given in (("modes", terms.modes), ("lines", terms.lines)) if not given]
        if missing:
            found.append(broken("L3.data_missing", work.today, field=missing[0], missing=", ".join(missing)))
    elif terms.modes or terms.lines or terms.total_kg is not None:
        found.append(Invalid(N_("Only a licence to take waste has modes and quantities."), field="lines"))
    return found + _line_faults(work, sheet, terms)


def _line_faults(work: Work, sheet: Sheet, terms: Terms) -> list[DomainError]:
    found: list[DomainError] = []
    codes = [code for code, _ in terms.lines]
    if len(codes) != len(set(codes)):
        found.append(Invalid(N_("A code stands there twice."), field="lines"))
    for code, kg in terms.lines:
        if not 0 < kg <= MOST_KG:
            found.append(
                Invalid(
                    N_("{code}: the yearly quantity must be above 0."), field="lines", values={"code": code}
                )
            )
        if sheet.becomes is not None and kind_fault(sheet.becomes, code):
            found.append(
                Invalid(
                    N_("{code} is not a waste of this kind of licence."), field="lines", values={"code": code}
                )
            )
        elif not _known(work, code):
            found.append(broken("C1.unknown_code", work.today, field="lines", code=code))
    if terms.total_kg is not None and not 0 < terms.total_kg <= MOST_KG:
        found.append(Invalid(N_("The quantity in all must be above 0."), field="total_kg"))
    return found


def _known(work: Work, code: str) -> bool:
    """Tell whether a code, a category (HW08) or a family (SW10) is in a catalogue in force today."""
    if code.startswith("HW"):
        of_category = select(CatalogueEntry.code).where(CatalogueEntry.category == code).limit(1)
        return work.session.scalar(of_category) is not None
    return catalogue.find(work.session, code, work.today) is not None
