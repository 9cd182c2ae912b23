"""How is what was signed corrected: proposed as a diff, approved by those it affects (M16)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.manifests import (
    exceptions,
    gates,
    national,
    pinning,
    queries,
    rebooking,
    service,
    statements,
)
from compliance.manifests.gates import Signing
from compliance.manifests.rules import RESUMES, Act, Party, Purpose, State, signing_roles
from compliance.manifests.seals import (
    FACTS,
    MASSES,
    NEXT,
    STATED,
    Answer,
    Field,
    RevisionState,
    affected,
    sealed,
)
from compliance.manifests.statements import Value
from compliance.manifests.tables import (
    Manifest,
    ManifestException,
    ManifestRevision,
    ManifestRevisionAnswer,
)
from compliance.record.errors import (
    N_,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    RuleBroken,
    raise_all,
)
from compliance.record.work import Work
from compliance.registry import gates as registry_gates
from compliance.registry.rules import Mode
from compliance.rulebook.rules import broken

Changes = Mapping[Field, Value]
BOOKED = frozenset({Field.CODE, Field.MODE, Field.PLANNED_KG, Field.ACCEPTED_KG})
"""What a load's bookings say as well."""


def listed(session: Session, manifest_id: UUID) -> Sequence[ManifestRevision]:
    """Return every revision of a manifest, oldest first; the caller has made sure that it may be seen."""
    rows = select(ManifestRevision).where(ManifestRevision.manifest_id == manifest_id)
    return session.scalars(rows.order_by(ManifestRevision.ordinal)).all()


def answers(session: Session, revision_id: UUID) -> Sequence[ManifestRevisionAnswer]:
    """Return what the affected parties said to a revision, in order."""
    rows = select(ManifestRevisionAnswer).where(ManifestRevisionAnswer.revision_id == revision_id)
    return session.scalars(rows.order_by(ManifestRevisionAnswer.at)).all()


def one(session: Session, manifest_id: UUID, revision_id: UUID) -> ManifestRevision:
    """Return one revision of a manifest, locked, or raise `NotFound`."""
    found = session.scalar(
        select(ManifestRevision)
        .where(ManifestRevision.id == revision_id, ManifestRevision.manifest_id == manifest_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound("correction", revision_id)
    return found


def propose(work: Work, row: Manifest, changes: Changes, reason: str) -> ManifestRevision:
    """Propose a correction of sealed fields; what affects nobody else is in force at once.

    A manifest at rest is under correction until it is decided; one on its way goes on meanwhile.
    """
    before = State(row.state)
    ordinal = _next_ordinal(work, row)
    signed = _signed(work, row)
    stated = statements.stated(work, row)
    standing = {field: statements.value(row, stated, field) for field in changes}
    differing = {field: value for field, value in changes.items() if value != standing[field]}
    raise_all(_form_faults(work, row, differing, signed, reason))
    _require_lawful(work, row, differing, exceptions.granted(work.session, row, Act.CORRECT))
    party = service.require_party(work, row, Act.CORRECT)
    found = ManifestRevision(
        id=work.new_id(),
        manifest_id=row.id,
        ordinal=ordinal,
        state=RevisionState.PROPOSED.value,
        reason=reason.strip(),
        changes={field.value: [standing[field], value] for field, value in differing.items()},
        asked_of=_asked_of(row, affected(differing, signed) - {party}, work.who.organisation_id),
        proposed_by=work.who.name,
        organisation_id=work.who.organisation_id,
        proposed_at=work.now,
        hash_before=service.as_signed(work, row, queries.signatures(work.session, row.id)).hash(),
    )
    service.act(work, row, Act.CORRECT, Signing(reason=reason.strip()))
    row.resume_state = before.value if before in RESUMES else None
    work.session.add(found)
    work.session.flush()
    work.append(
        "CorrectionProposed",
        row.id,
        revision=str(found.id),
        ordinal=found.ordinal,
        changes=found.changes,
        reason=found.reason,
        asked_of=found.asked_of,
    )
    if not found.asked_of:
        _apply(work, row, found)
    return found


def _next_ordinal(work: Work, row: Manifest) -> int:
    """Return the number of a manifest's next correction; one may be open at a time."""
    earlier = listed(work.session, row.id)
    if any(found.state == RevisionState.PROPOSED for found in earlier):
        raise Conflict(
            N_("A correction of this manifest is waiting for answers already."),
            code="correction_open",
            way_out=N_("Answer it, or have it withdrawn, before another one is proposed."),
        )
    return len(earlier) + 1


def _signed(work: Work, row: Manifest) -> set[Act]:
    return {Act(given.act) for given in queries.signatures(work.session, row.id)}


def _asked_of(row: Manifest, parties: frozenset[Party], proposer: UUID | None) -> list[str]:
    held = exceptions.holders(row)
    return sorted({str(held[party]) for party in parties if held[party] != proposer})


def _form_faults(
    work: Work, row: Manifest, changes: Changes, signed: set[Act], reason: str
) -> list[DomainError]:
    faults: list[DomainError] = []
    if not reason.strip():
        faults.append(Invalid(N_("Say why this has to be corrected."), field="reason"))
    if not changes:
        faults.append(Invalid(N_("Nothing would change."), field="changes"))
    for field, value in changes.items():
        own = field in STATED | FACTS
        if not sealed(field, signed) or (not own and getattr(row, field.value) is None):
            faults.append(
                Invalid(
                    N_("“{name}” is not sealed yet: whoever fills it in can still change it."),
                    field=field.value,
                    values={"name": field.value},
                )
            )
        elif field in MASSES and (not isinstance(value, int) or value <= 0):
            faults.append(broken("M10.weight_missing", work.today, field=field.value))
        elif field not in MASSES and not str(value or "").strip():
            faults.append(Invalid(N_("Say what is to stand there."), field=field.value))
    told = {field: value for field, value in changes.items() if field in STATED | FACTS and value}
    return faults + statements.correction_faults(work, row, told)


def _require_lawful(work: Work, row: Manifest, changes: Changes, leaves: Sequence[ManifestException]) -> None:
    """Ask what the rules say of the manifest as it would stand, but for what an exception sets aside."""
    faults: list[DomainError] = []
    taken = changes.get(Field.ACCEPTED_KG)
    if isinstance(taken, int) and row.received_kg is not None:
        sent_on = row.refused_kg - gates.rest_kg(work, row)
        most = row.received_kg - sent_on
        if taken > most:
            faults.append(
                broken("M10.over_accepted", work.today, field="accepted_kg", kg=taken, loaded_kg=most)
            )
        faults += rebooking.closed_faults(work, row, (row.accepted_kg or 0) - taken, "accepted_kg")
    planned = changes.get(Field.PLANNED_KG)
    if isinstance(planned, int):
        faults += rebooking.rest_faults(work, row, planned)
    if Field.NATIONAL_NUMBER in changes:
        national.check(work, row, str(changes[Field.NATIONAL_NUMBER]))
    faults += exceptions.still_against(leaves, _waste_faults(work, row, changes))
    raise_all(faults)


def _waste_faults(work: Work, row: Manifest, changes: Changes) -> list[RuleBroken]:
    if not {Field.CODE, Field.MODE, Field.PLANNED_KG}.intersection(changes) or row.purpose == Purpose.RETURN:
        return []
    code, planned = changes.get(Field.CODE), changes.get(Field.PLANNED_KG)
    waste = pinning.waste_of(work.session, row) if code is None else pinning.corrected(work, row, str(code))
    try:
        mode = Mode(str(changes.get(Field.MODE, row.mode)))
    except ValueError:
        raise Invalid(N_("This is no way of treatment."), field="mode") from None
    planned_kg = planned if isinstance(planned, int) else row.planned_kg
    faults = rebooking.faults(work, row, rebooking.After(waste, mode, planned_kg))
    if code is None:
        return faults
    return faults + registry_gates.carrier_faults(work.session, row.carrier_id, waste, work.today)


def answer(work: Work, row: Manifest, found: ManifestRevision, approves: bool, reason: str = "") -> None:
    """Approve or reject a correction for an affected party; the last approval puts it in force."""
    own = work.who.organisation_id
    if own is None or str(own) not in found.asked_of or not _signs(work, row):
        raise Forbidden(N_("Only who is affected by this correction answers it."))
    if not approves and not reason.strip():
        raise Invalid(N_("Say why you reject it."), field="reason")
    _require_open(found)
    given = answers(work.session, found.id)
    if any(one_of.organisation_id == own for one_of in given):
        raise Conflict(N_("Your house has answered this correction already."), code="correction_answered")
    work.session.add(
        ManifestRevisionAnswer(
            id=work.new_id(),
            revision_id=found.id,
            organisation_id=own,
            person_name=work.who.name,
            approves=approves,
            reason=reason.strip(),
            at=work.now,
        )
    )
    work.append(
        "CorrectionAnswered",
        row.id,
        revision=str(found.id),
        approves=approves,
        reason=reason.strip(),
        credential=work.signed_by().value,
    )
    if not approves:
        _end(work, row, found, Answer.REJECT)
    elif len(given) + 1 == len(found.asked_of):
        _apply(work, row, found)


def _signs(work: Work, row: Manifest) -> bool:
    held = exceptions.holders(row)
    return any(
        held[party] == work.who.organisation_id and work.who.has(*signing_roles(party, Purpose(row.purpose)))
        for party in Party
    )


def withdraw(work: Work, row: Manifest, found: ManifestRevision) -> None:
    """Take a proposed correction back; only the house that proposed it."""
    if found.organisation_id != work.who.organisation_id or not _signs(work, row):
        raise Forbidden(N_("Only who proposed this correction takes it back."))
    _require_open(found)
    _end(work, row, found, Answer.WITHDRAW)


def _require_open(found: ManifestRevision) -> None:
    if found.state != RevisionState.PROPOSED:
        raise Conflict(
            N_("This correction is {state}."), code="correction_ended", values={"state": found.state}
        )


def _apply(work: Work, row: Manifest, found: ManifestRevision) -> None:
    """Put an approved correction in force, asking the rules again: time has passed since it was proposed."""
    changes: dict[Field, Value] = {Field(name): values[1] for name, values in found.changes.items()}
    leaves = exceptions.used_at(work.session, row, Act.CORRECT, found.proposed_at)
    _require_lawful(work, row, changes, leaves)
    for field, value in changes.items():
        if field not in STATED | FACTS:
            setattr(row, field.value, value)
    if Field.CODE in changes:
        waste = pinning.corrected(work, row, row.code)
        row.edition, row.waste_name = waste.edition, waste.category_name
        row.hazardous = waste.kind == registry_gates.HAZARDOUS
    statements.correct(work, row, changes)
    if BOOKED.intersection(changes):
        rebooking.follow(work, row, moved=bool({Field.CODE, Field.MODE}.intersection(changes)))
    found.hash_after = service.document(work, row).hash()
    _end(work, row, found, Answer.APPROVE)
    work.append(
        "ManifestCorrected",
        row.id,
        revision=str(found.id),
        ordinal=found.ordinal,
        changes=found.changes,
        hash_before=found.hash_before,
        hash_after=found.hash_after,
    )


def _end(work: Work, row: Manifest, found: ManifestRevision, by: Answer) -> None:
    found.state, found.ended_at = NEXT[RevisionState(found.state), by].value, work.now
    if row.resume_state is not None:
        row.state, row.resume_state = row.resume_state, None
    row.changed_at = work.now
    if by is not Answer.APPROVE:
        work.append("CorrectionDropped", row.id, revision=str(found.id), state=found.state)
