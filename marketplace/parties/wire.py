"""In which shapes do documents, checklists and parties travel over the API?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from compliance.qualification import queries
from compliance.qualification.entering import Terms, warnings
from compliance.qualification.rules import (
    SHEETS,
    DocumentKind,
    Line,
    Sheet,
    Standing,
    State,
    Subject,
)
from compliance.qualification.service import NewDocument
from compliance.qualification.tables import Document, DocumentDecision
from compliance.record.numbers import LARGEST_KG
from compliance.record.work import Work
from compliance.registry.rules import Mode

Text = Annotated[str, msgspec.Meta(max_length=400)]
Short = Annotated[str, msgspec.Meta(max_length=120)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
YearlyKg = Annotated[int, msgspec.Meta(gt=0, le=LARGEST_KG, description="whole kilograms a calendar year")]


class LineWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A waste of a licence: a code, a category (HW08) or a family (SW10), and its yearly mass."""

    code: Annotated[str, msgspec.Meta(max_length=12)]
    yearly_kg: YearlyKg


class DocumentWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A paper as its party enters it. `scan` is what the upload of the scan answered.

    Modes, lines and the total are those of a licence to take waste; classes those of a permit or a
    vehicle's certificate for dangerous goods.
    """

    subject: Subject = Subject.ORGANISATION
    subject_id: UUID | None = None
    kind: DocumentKind
    number: Annotated[str, msgspec.Meta(max_length=40)]
    issued_by: Annotated[str, msgspec.Meta(max_length=80)] = ""
    valid_from: date
    valid_to: date | None = None
    scan: Sha256
    modes: list[Mode] = []
    classes: list[Annotated[str, msgspec.Meta(max_length=4)]] = []
    lines: Annotated[list[LineWanted], msgspec.Meta(max_length=500)] = []
    total_kg: YearlyKg | None = None

    def meant(self) -> NewDocument:
        """Return the paper as the service takes it."""
        return NewDocument(
            kind=self.kind,
            number=self.number,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            scan_sha256=self.scan,
            issued_by=self.issued_by,
            terms=Terms(
                tuple(dict.fromkeys(self.modes)),
                tuple(dict.fromkeys(self.classes)),
                tuple((one.code.strip().upper(), one.yearly_kg) for one in self.lines),
                self.total_kg,
            ),
        )


class Said(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why."""

    reason: Text = ""


class ScanView(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was uploaded: its SHA-256, what it is by its content, bytes."""

    sha256: str
    media_type: str
    size: int
    name: str


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    """What one reviewer decided, and why."""

    act: str
    person_name: str
    reason: str
    at: datetime


class DocumentView(msgspec.Struct, frozen=True, kw_only=True):
    """A paper with what was decided on it; `eyes` is how many different reviewers must accept it."""

    id: UUID
    organisation_id: UUID
    subject: Subject
    subject_id: UUID
    label: str
    kind: DocumentKind
    rule: str
    eyes: int
    number: str
    issued_by: str
    valid_from: date
    valid_to: date | None
    modes: list[Mode]
    classes: list[str]
    lines: list[LineWanted]
    total_kg: int | None
    scan: str
    state: State
    licence_id: UUID | None
    submitted_at: datetime
    warnings: list[str]
    decisions: list[DecisionView]


class DocumentList(msgspec.Struct, frozen=True, kw_only=True):
    """Documents."""

    items: list[DocumentView]


class RequirementView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a checklist: any of these kinds serves; what was shown for it."""

    any_of: list[DocumentKind]
    needed: bool
    standing: Standing
    document_id: UUID | None


def document_view(work: Work, row: Document) -> DocumentView:
    """Return one paper as programs read it."""
    return document_views(work, [row])[0]


def document_views(work: Work, rows: Sequence[Document]) -> list[DocumentView]:
    """Return papers as programs read them."""
    decided = queries.decisions(work.session, [row.id for row in rows])
    return [_view(work.today, row, decided) for row in rows]


def _view(today: date, row: Document, decided: Mapping[UUID, Sequence[DocumentDecision]]) -> DocumentView:
    sheet, terms = SHEETS[DocumentKind(row.kind)], Terms.read(row.terms)
    return DocumentView(
        id=row.id,
        organisation_id=row.organisation_id,
        subject=Subject(row.subject_kind),
        subject_id=row.subject_id,
        label=row.label,
        kind=sheet.kind,
        rule=sheet.rule,
        eyes=sheet.eyes,
        number=row.number,
        issued_by=row.issued_by,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        modes=list(terms.modes),
        classes=list(terms.classes),
        lines=[LineWanted(code=code, yearly_kg=kg) for code, kg in terms.lines],
        total_kg=terms.total_kg,
        scan=row.scan_sha256,
        state=State(row.state),
        licence_id=row.licence_id,
        submitted_at=row.submitted_at,
        warnings=_warned(row, sheet, terms, today),
        decisions=[
            DecisionView(act=one.act, person_name=one.person_name, reason=one.reason, at=one.at)
            for one in decided.get(row.id, [])
        ],
    )


def requirement_view(line: Line) -> RequirementView:
    """Return one line of a checklist as programs read it."""
    return RequirementView(
        any_of=list(line.requirement.any_of),
        needed=line.requirement.needed,
        standing=line.standing,
        document_id=line.document.id if line.document else None,
    )


def _warned(row: Document, sheet: Sheet, terms: Terms, today: date) -> list[str]:
    codes = [code for code, _ in terms.lines]
    return [one.code for one in warnings(sheet, row.number, codes, today)]
