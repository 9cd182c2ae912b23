"""How is a document shown, looked at by as many eyes as it needs, and turned into what the gates read?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from compliance.qualification import entering, queries
from compliance.qualification.rules import (
    SHEETS,
    Act,
    DocumentKind,
    State,
    Subject,
    act_of_acceptance,
    checklist,
    is_complete,
    next_state,
)
from compliance.qualification.scans import ScanStore, checked
from compliance.qualification.tables import Document, DocumentDecision, ScanRow
from compliance.record.errors import N_, Conflict, Forbidden, Invalid, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry import service as registry_service
from compliance.registry import standing
from compliance.registry.rules import OrganisationKind
from compliance.registry.tables import LicenceRow, Organisation, Person

PARTY_ROLES = (Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER)
LEAST_REASON = 4


@dataclass(frozen=True, slots=True)
class About:
    """Whom or what a document is about: its id, whose it is, and by which name people know it."""

    subject: Subject
    subject_id: UUID
    organisation_id: UUID
    label: str


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A paper as its party enters it; `terms` says what a licence allows."""

    kind: DocumentKind
    number: str
    valid_from: date
    valid_to: date | None
    scan_sha256: str
    issued_by: str = ""
    terms: entering.Terms = field(default_factory=entering.Terms)


def keep_scan(work: Work, store: ScanStore, data: bytes, name: str, *, photos_only: bool = False) -> ScanRow:
    """Keep a file for the person's organisation under its hash; the same file again changes nothing."""
    scan = checked(data, photos_only=photos_only)
    owner = work.who.organisation_id
    if owner is None:
        raise Forbidden(N_("Only somebody of an organisation uploads files."))
    known = work.session.get(ScanRow, (owner, scan.sha256))
    if known is not None:
        return known
    row = ScanRow(
        organisation_id=owner,
        sha256=store.put(data),
        media_type=scan.media_type,
        size=scan.size,
        name="".join(sign for sign in name if sign.isprintable())[:120],
        uploaded_by=work.who.person_id,
        uploaded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def submit(work: Work, about: About, new: NewDocument) -> Document:
    """Show a paper of the own organisation; raises every fault of what was entered at once."""
    if not work.who.has(*PARTY_ROLES) or work.who.organisation_id != about.organisation_id:
        raise Forbidden(N_("Only the organisation itself shows its papers."))
    raise_all(entering.faults(work, about.subject, new))
    if queries.same_on_file(work.session, new.kind, about.subject_id, new.number.strip()) is not None:
        raise Conflict(
            N_("Number {number} of this kind is on file already."),
            code="document_known",
            field="number",
            values={"number": new.number.strip()},
        )
    row = Document(
        id=work.new_id(),
        organisation_id=about.organisation_id,
        subject_kind=about.subject.value,
        subject_id=about.subject_id,
        label=about.label[:60],
        kind=new.kind.value,
        number=new.number.strip(),
        issued_by=new.issued_by.strip(),
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        terms=new.terms.stored(),
        scan_sha256=new.scan_sha256,
        state=State.SUBMITTED.value,
        submitted_by=work.who.person_id,
        submitted_at=work.now,
        changed_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.append("DocumentSubmitted", row.id, paper=row.kind, about=str(row.subject_id), scan=row.scan_sha256)
    return row


def accept(work: Work, document_id: UUID, reason: str = "") -> Document:
    """Accept a paper after comparing it with its scan; the second pair of eyes makes a licence count.

    Raises `Forbidden` for a colleague of the party and for the reviewer who has accepted it before.
    """
    row = _to_decide(work, document_id)
    sheet = SHEETS[DocumentKind(row.kind)]
    act = act_of_acceptance(State(row.state), sheet)
    given = queries.decisions(work.session, [row.id]).get(row.id, [])
    if any(one.person_id == work.who.person_id for one in given):
        raise Forbidden(
            N_("You have accepted this document already: it needs a second reviewer."), code="four_eyes"
        )
    by = work.signed_by().value
    _move(work, row, act)
    _write_down(work, row, act, reason)
    if act is Act.ACCEPT:
        take_effect(work, row)
        work.append(
            "DocumentAccepted",
            row.id,
            paper=row.kind,
            about=str(row.subject_id),
            reason=reason,
            credential=by,
        )
        _approve_when_complete(work, row.organisation_id)
    else:
        work.append(
            "DocumentChecked",
            row.id,
            paper=row.kind,
            about=str(row.subject_id),
            reason=reason,
            credential=by,
        )
    return row


def send_back(work: Work, document_id: UUID, reason: str) -> Document:
    """Give a paper back to its party, and say what is wrong with it."""
    row = _to_decide(work, document_id)
    _require_reason(reason)
    _move(work, row, Act.RETURN)
    _write_down(work, row, Act.RETURN, reason)
    work.append("DocumentReturned", row.id, paper=row.kind, about=str(row.subject_id), reason=reason.strip())
    return row


def withdraw(work: Work, document_id: UUID) -> Document:
    """Take back a paper of the own organisation on which nobody has decided yet."""
    row = queries.document(work.session, document_id, work.who, locked=True)
    if row.organisation_id != work.who.organisation_id or not work.who.has(*PARTY_ROLES):
        raise Forbidden(N_("Only the organisation itself shows its papers."))
    _move(work, row, Act.WITHDRAW)
    work.append("DocumentWithdrawn", row.id, paper=row.kind, about=str(row.subject_id))
    return row


def revoke(work: Work, document_id: UUID, reason: str) -> Document:
    """Let an accepted paper no longer count from today on: it was withdrawn, forged, or found wrong."""
    if not work.who.oversees:
        raise Forbidden(N_("Only who oversees the market may do this."))
    row = queries.document(work.session, document_id, work.who, locked=True)
    _require_reason(reason)
    _move(work, row, Act.REVOKE)
    _write_down(work, row, Act.REVOKE, reason)
    if row.licence_id is not None:
        work.session.get_one(LicenceRow, row.licence_id).revoked_on = work.today
    _certify_person(work, row)
    _certify_house(work, row)
    work.append("DocumentRevoked", row.id, paper=row.kind, about=str(row.subject_id), reason=reason.strip())
    return row


def _to_decide(work: Work, document_id: UUID) -> Document:
    if not work.who.has(Role.OPERATOR):
        raise Forbidden(N_("Only the market operator's reviewers decide on documents."))
    row = queries.document(work.session, document_id, work.who, locked=True)
    if row.organisation_id == work.who.organisation_id or row.submitted_by == work.who.person_id:
        raise Forbidden(N_("Nobody decides on the papers of the own organisation."), code="own_document")
    return row


def _require_reason(reason: str) -> None:
    if len(reason.strip()) < LEAST_REASON:
        raise Invalid(N_("Say why: the organisation reads it."), field="reason")


def _move(work: Work, row: Document, act: Act) -> None:
    target = next_state(State(row.state), act)
    if target is None:
        raise Conflict(
            N_("A document that is {state} cannot be moved by: {act}."),
            code="document_state",
            values={"state": row.state, "act": act.value},
        )
    row.state, row.changed_at = target.value, work.now


def _write_down(work: Work, row: Document, act: Act, reason: str) -> None:
    work.session.add(
        DocumentDecision(
            id=work.new_id(),
            document_id=row.id,
            act=act.value,
            person_id=work.who.person_id,
            person_name=work.who.name,
            reason=reason.strip()[:400],
            at=work.now,
        )
    )
    work.session.flush()


def take_effect(work: Work, row: Document) -> None:
    """Put what an accepted paper allows where the gates read it.

    What concerns vehicles is on another floor: it follows the event.
    """
    sheet = SHEETS[DocumentKind(row.kind)]
    if sheet.becomes is not None:
        assert row.valid_to is not None
        terms = entering.Terms.read(row.terms)
        licence = registry_service.NewLicence(
            number=row.number,
            kind=sheet.becomes,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            issued_by=row.issued_by,
            modes=terms.modes,
            classes=terms.classes,
            lines=terms.lines,
            total_kg=terms.total_kg,
        )
        row.licence_id = registry_service.add_licence(work, row.organisation_id, licence).id
    _certify_person(work, row)
    _certify_house(work, row)


HOUSE_PAPERS = {
    DocumentKind.LIABILITY_INSURANCE: "insured_to",
    DocumentKind.EMERGENCY_PLAN: "emergency_to",
}
"""Papers of an organisation of which the gates ask only until when they count (L14, M18)."""


def _certify_house(work: Work, row: Document) -> None:
    """Write down until when an organisation's insurance or emergency plan counts, as its papers now say."""
    name = HOUSE_PAPERS.get(DocumentKind(row.kind))
    if name is not None:
        work.session.flush()
        last = queries.longest(work.session, DocumentKind(row.kind), row.subject_id)
        house = work.session.get_one(Organisation, row.subject_id)
        setattr(house, name, last.valid_to if last is not None else None)


def _certify_person(work: Work, row: Document) -> None:
    """Write down until when a person's certificates count, as the accepted papers now say."""
    if Subject(row.subject_kind) is not Subject.PERSON:
        return
    work.session.flush()
    papers = queries.held(work.session, Subject.PERSON, [row.subject_id]).get(row.subject_id, [])
    person = work.session.get_one(Person, row.subject_id)
    counting = [one for one in papers if one.state is State.ACCEPTED]
    ends = {
        kind: max((one.valid_to for one in counting if one.kind is kind and one.valid_to), default=None)
        for kind in (DocumentKind.DRIVER_CERTIFICATE, DocumentKind.ESCORT_CERTIFICATE)
    }
    person.permit_to = ends[DocumentKind.DRIVER_CERTIFICATE]
    person.escort_to = ends[DocumentKind.ESCORT_CERTIFICATE]


def _approve_when_complete(work: Work, organisation_id: UUID) -> None:
    """Approve an organisation for every kind of business whose checklist lacks nothing any more (A1)."""
    work.session.flush()
    wanted = registry.organisation(work.session, organisation_id).wanted
    papers = queries.held(work.session, Subject.ORGANISATION, [organisation_id]).get(organisation_id, [])
    for kind in [OrganisationKind(one) for one in wanted]:
        lines = checklist(kind, papers, work.today)
        if lines and is_complete(lines):
            standing.approve(work, organisation_id, kind)
