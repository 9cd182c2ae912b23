"""How is an exemption claimed with its evidence, and who decides that its condition is met (L12)?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from compliance.catalogue import service as catalogue
from compliance.catalogue.queries import exemption_of
from compliance.catalogue.rules import WasteCode
from compliance.catalogue.tables import ExemptionItem
from compliance.exemptions import queries
from compliance.exemptions.rules import POINT_TO_POINT, Act, Stage, State, next_state
from compliance.exemptions.tables import ExemptionClaim
from compliance.qualification import queries as scans
from compliance.qualification.service import PARTY_ROLES
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid, NotFound, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.rulebook.rules import broken

LEAST_STATEMENT = 10
LEAST_REASON = 4


@dataclass(frozen=True, slots=True)
class NewClaim:
    """What an organisation relies on: a line of the list by its number, for a code and a stage."""

    line: int
    code: str
    stage: Stage
    statement: str
    evidence_sha256: str
    only_from: UUID | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the authority decides, why, and for how long."""

    granted: bool
    reason: str
    valid_from: date | None = None
    valid_to: date | None = None


def claim(work: Work, new: NewClaim) -> ExemptionClaim:
    """Claim an exemption for the own organisation; nothing follows from it until it is granted."""
    owner = work.who.organisation_id
    if owner is None or not work.who.has(*PARTY_ROLES):
        raise Forbidden(N_("Only an organisation's own people claim an exemption for it."))
    waste = catalogue.require(work, new.code, work.today, "code")
    item = work.session.scalar(
        select(ExemptionItem).where(ExemptionItem.edition == waste.edition, ExemptionItem.line == new.line)
    )
    raise_all(_faults(work, new, waste.code, item))
    assert item is not None
    row = ExemptionClaim(
        id=work.new_id(),
        organisation_id=owner,
        edition=item.edition,
        item=item.item,
        line=item.line,
        code=waste.code,
        stage=new.stage.value,
        condition=item.condition[:2000],
        statement=new.statement.strip()[:2000],
        evidence_sha256=new.evidence_sha256,
        only_from=new.only_from,
        state=State.CLAIMED.value,
        claimed_at=work.now,
        changed_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.append(
        "ExemptionClaimed",
        row.id,
        code=row.code,
        item=row.item,
        stage=row.stage,
        evidence=row.evidence_sha256,
    )
    return row


def decide(work: Work, claim_id: UUID, decision: Decision) -> ExemptionClaim:
    """Grant or refuse a claim after looking at its evidence; only an inspector of another house does."""
    row = _to_decide(work, claim_id)
    if len(decision.reason.strip()) < LEAST_REASON:
        raise Invalid(N_("Say why: the organisation reads it."), field="reason")
    if decision.granted:
        first, last = decision.valid_from or work.today, decision.valid_to
        if last is None or last < first:
            raise Invalid(N_("Say until which day it is granted."), field="valid_to")
        row.valid_from, row.valid_to = first, last
    _move(work, row, Act.GRANT if decision.granted else Act.REFUSE)
    row.reason, row.decided_by, row.decided_name = decision.reason.strip(), work.who.person_id, work.who.name
    if decision.granted:
        assert row.valid_to is not None
        work.append(
            "ExemptionGranted", row.id, code=row.code, stage=row.stage, until=row.valid_to.isoformat()
        )
    else:
        work.append("ExemptionRefused", row.id, code=row.code, stage=row.stage, reason=row.reason)
    return row


def withdraw(work: Work, claim_id: UUID) -> ExemptionClaim:
    """Take back an own claim on which nobody has decided yet."""
    row = queries.claim(work.session, claim_id, work.who, locked=True)
    if row.organisation_id != work.who.organisation_id or not work.who.has(*PARTY_ROLES):
        raise Forbidden(N_("Only an organisation's own people claim an exemption for it."))
    _move(work, row, Act.WITHDRAW)
    work.append("ExemptionWithdrawn", row.id, code=row.code, stage=row.stage)
    return row


def revoke(work: Work, claim_id: UUID, reason: str) -> ExemptionClaim:
    """Let a granted exemption no longer count from now on: its condition is not met any more."""
    row = _to_decide(work, claim_id)
    if len(reason.strip()) < LEAST_REASON:
        raise Invalid(N_("Say why: the organisation reads it."), field="reason")
    _move(work, row, Act.REVOKE)
    row.reason = reason.strip()
    work.append("ExemptionRevoked", row.id, code=row.code, stage=row.stage, reason=row.reason)
    return row


def _to_decide(work: Work, claim_id: UUID) -> ExemptionClaim:
    if not work.who.has(Role.INSPECTOR):
        raise Forbidden(N_("Only an inspector decides whether an exemption's condition is met."))
    row = queries.claim(work.session, claim_id, work.who, locked=True)
    if row.organisation_id == work.who.organisation_id:
        raise Forbidden(N_("Nobody decides on the papers of the own organisation."), code="own_document")
    return row


def _move(work: Work, row: ExemptionClaim, act: Act) -> None:
    target = next_state(State(row.state), act)
    if target is None:
        raise Conflict(
            N_("An exemption that is {state} cannot be moved by: {act}."),
            code="exemption_state",
            values={"state": row.state, "act": act.value},
        )
    row.state, row.changed_at = target.value, work.now


def _faults(work: Work, new: NewClaim, code: str, item: ExemptionItem | None) -> list[DomainError]:
    today, found = work.today, list[DomainError]()
    listed = exemption_of(item) if item is not None else None
    covers = listed is not None and listed.may_cover(WasteCode.parse(code))
    if listed is None or not covers or new.stage.value not in listed.stages:
        found.append(broken("L12.not_listed", today, field="line", code=code, stage=new.stage.value))
    if len(new.statement.strip()) < LEAST_STATEMENT or not _is_uploaded(work, new.evidence_sha256):
        condition = item.condition if item is not None else "—"
        found.append(broken("L12.evidence_missing", today, field="evidence", code=code, condition=condition))
    if item is not None and item.item == POINT_TO_POINT and not _is_known(work, new.only_from):
        found.append(broken("L12.point_to_point", today, field="only_from", code=code))
    return found


def _is_uploaded(work: Work, sha256: str) -> bool:
    assert work.who.organisation_id is not None
    try:
        scans.scan(work.session, work.who.organisation_id, sha256)
    except NotFound:
        return False
    return True


def _is_known(work: Work, organisation_id: UUID | None) -> bool:
    return organisation_id is not None and organisation_id in registry.organisations(
        work.session, [organisation_id]
    )
