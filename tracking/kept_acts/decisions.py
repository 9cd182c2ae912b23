"""Who decides between two versions of a load, and what follows from it?"""

from __future__ import annotations

from dataclasses import replace

from compliance.manifests import corrections, reserved
from compliance.manifests.tables import Manifest
from compliance.record.credential import Credential
from compliance.record.errors import N_, Forbidden, Invalid
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.signing_keys import queries as keys
from compliance.signing_keys.tables import SigningKey
from tracking.kept_acts import queries, service
from tracking.kept_acts.rules import DECISIONS, ISSUE, Outcome, State, correctable
from tracking.kept_acts.tables import KeptAct


def may_decide(who: Who, row: KeptAct) -> bool:
    """Tell whether a person may decide: the signer's office, or the operator; never the signer alone."""
    if who.person_id == row.person_id:
        return False
    office = Role.PRODUCER if row.act == ISSUE else Role.DISPATCHER
    return who.has(Role.OPERATOR) or (who.has(office) and who.organisation_id == row.organisation_id)


def decide(work: Work, row: KeptAct, decision: Outcome, reason: str) -> None:
    """Keep what was signed, keep what stands, or sign and correct what differs; with a reason, on the record.

    `keep_mine` and `as_correction` carry the act out as its signer, as of its own time, and raise what is
    refused even so; then nothing has changed. A correction goes to those it affects as any other.
    """
    if decision not in DECISIONS:
        raise Invalid(N_("Choose what is to be kept."), field="decision")
    if not may_decide(work.who, row):
        raise Forbidden(N_("The signer's office or the operator decides upon this, never the signer."))
    if not reason.strip():
        raise Invalid(N_("Give the reason of the decision."), field="reason")
    row.decided_by_id, row.decided_by, row.decided_at = work.who.person_id, work.who.name, work.now
    row.decision, row.reason = decision.value, reason.strip()[:400]
    differing = correctable(service.changed(row))
    service.move(work, row, decision)
    if decision is Outcome.KEEP_THEIRS:
        _void(work, row)
    else:
        service.carry_out(_as_signer(work, row), row)
    if decision is Outcome.AS_CORRECTION:
        if not differing:
            raise Invalid(
                N_("Nothing of what differs can be corrected on a manifest."),
                field="decision",
                way_out=N_("Keep the one or the other."),
            )
        manifest = work.session.get_one(Manifest, row.manifest_id)
        corrections.propose(work, manifest, differing, row.reason)
    work.session.flush()
    _resume(work, row)


def _void(work: Work, row: KeptAct) -> None:
    found = keys.number(work.session, row.number) if row.number else None
    if found is not None and found.key_id == row.key_id:
        reserved.void(work, [found], row.reason)


def _as_signer(work: Work, row: KeptAct) -> Work:
    person = registry.people(work.session, [row.person_id])[row.person_id]
    roles = frozenset(Role(role) for role in person.roles)
    signer = Who(person.id, person.name, person.organisation_id, roles)
    return replace(work, who=signer, now=row.acted_at, credential=Credential.DEVICE)


def _resume(work: Work, decided: KeptAct) -> None:
    """Go on with what had to wait behind the decision, in order, up to the next that is set aside."""
    for row in queries.open_on(work.session, decided.manifest_id):
        if row.state != State.WAITING:
            return
        key = work.session.get_one(SigningKey, row.key_id)
        service.settle(replace(_as_signer(work, row), now=work.now), row, key.revoked_at is not None)
        if row.state == State.CONFLICT:
            return
