"""How is an alert raised once, taken back by later data, taken up by a person, and closed?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite

from compliance.record.errors import N_, Conflict, Invalid
from compliance.record.ledger import canonical
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from tracking.alerts import queries
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import Act, Finding, Outcome, State, Subjects, next_state
from tracking.alerts.sheets import SHEETS
from tracking.alerts.tables import Alert

DISPROVED = "disproved"
"""The reason of an alert that data withdrew, where its judge gives none."""
DECIDED = "decided"
"""The reason of an alert that asked for a decision, once there is one."""


def raise_alert(
    work: Work,
    kind: Kind,
    subjects: Subjects,
    since: datetime,
    until: datetime | None = None,
    *,
    evidence: Mapping[str, object] | None = None,
    late: bool = False,
) -> Alert:
    """Raise an alert, or bring the one up to date that is there already; return it.

    The same kind, subject (the sheet says which) and start is the same alert, however often it is judged.
    One that a person has closed stays as it is; one that data had withdrawn is open again. Appends
    `AlertRaised` for one that was not there, or not any more.
    """
    return note(work, Finding(kind, subjects, since, until, evidence or {}, late))


def note(work: Work, found: Finding) -> Alert:
    """Raise what a rule found; see `raise_alert`."""
    if _insert(work, found):
        row = queries.locked(work.session, found.key)
        assert row is not None
        _announce(work, row)
        return row
    row = queries.locked(work.session, found.key)
    assert row is not None
    if State(row.state) is State.CLOSED:
        return row
    again = next_state(State(row.state), Act.RAISE)
    if again is not None:
        row.state, row.reason, row.ended_at, row.changed_at = again.value, "", None, work.now
    _update(work, row, found)
    if again is not None:
        _announce(work, row)
    return row


def settle(
    work: Work,
    kinds: Iterable[Kind],
    subject: str,
    findings: Iterable[Finding],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """Make the alerts of these kinds about one subject say what was just found, and nothing else.

    For whoever judges an interval anew, with late data in it: what is found is raised or brought up to
    date; one whose start has moved stays the same alert where it overlaps; what began within
    [since, until] (None: ever) and was not found again is withdrawn.
    """
    found = {one.key: one for one in findings}
    there = {row.key: row for row in queries.of_subject(work.session, kinds, subject, since, until)}
    gone = [row for key, row in there.items() if key not in found and row.state != State.WITHDRAWN.value]
    for finding in found.values():
        moved = None if finding.key in there else next((row for row in gone if _overlap(row, finding)), None)
        if moved is None:
            note(work, finding)
            continue
        gone.remove(moved)
        if State(moved.state) is not State.CLOSED:
            moved.key, moved.since = finding.key, finding.since
            _update(work, moved, finding)
    for row in gone:
        withdraw(work, row)


def withdraw(work: Work, row: Alert, reason: str = DISPROVED) -> bool:
    """Take an alert back that later data disprove; return False for one that has ended already.

    What a person has closed stays closed. Appends `AlertWithdrawn`.
    """
    after = next_state(State(row.state), Act.WITHDRAW)
    if after is None:
        return False
    row.state, row.reason = after.value, reason
    row.changed_at = row.ended_at = work.now
    row.assignee_id = None
    work.append("AlertWithdrawn", row.id, alert=row.kind, about=row.subject, reason=reason)
    return True


def assign(work: Work, row: Alert, person_id: UUID) -> Alert:
    """Give an alert to an inspector or an operator, who is to look into it; appends `AlertAssigned`."""
    person = registry.people(work.session, [person_id]).get(person_id)
    if person is None or not {Role.INSPECTOR.value, Role.OPERATOR.value} & set(person.roles):
        raise Invalid(
            N_("Alerts are looked into by inspectors and operators."),
            field="person_id",
            way_out=N_("Choose an inspector or an operator, or take it yourself."),
        )
    _move(row, Act.ASSIGN)
    row.assignee_id, row.changed_at = person_id, work.now
    work.append("AlertAssigned", row.id, alert=row.kind, to=str(person_id))
    return row


def release(work: Work, row: Alert) -> Alert:
    """Put an assigned alert back into the queue; appends `AlertReleased`."""
    _move(row, Act.RELEASE)
    row.assignee_id, row.changed_at = None, work.now
    work.append("AlertReleased", row.id, alert=row.kind)
    return row


def close(work: Work, row: Alert, outcome: Outcome, reason: str) -> Alert:
    """End an assigned alert with what was found; appends `AlertClosed`."""
    if not reason.strip():
        raise Invalid(
            N_("Say what was found."),
            field="reason",
            way_out=N_("Name who was asked, what was looked at, and what follows."),
        )
    _move(row, Act.CLOSE)
    row.outcome, row.reason = outcome.value, reason.strip()
    row.changed_at = row.ended_at = work.now
    row.ended_by = work.who.person_id
    work.append(
        "AlertClosed",
        row.id,
        alert=row.kind,
        about=row.subject,
        outcome=outcome.value,
        reason=row.reason,
        evidence_hash=evidence_hash(row),
    )
    return row


def evidence_hash(row: Alert) -> str:
    """Return the SHA-256 of an alert's evidence as RFC 8785 JSON, as its events name it."""
    return hashlib.sha256(canonical(row.evidence).encode()).hexdigest()


def _move(row: Alert, act: Act) -> None:
    after = next_state(State(row.state), act)
    if after is None:
        raise Conflict(
            N_("An alert that is {state} cannot be {act} now."),
            code="alert_state",
            values={"state": row.state, "act": act.value},
            way_out=N_("Look at it again: somebody was quicker, take it first, or it has ended."),
        )
    row.state = after.value


def _update(work: Work, row: Alert, found: Finding) -> None:
    told = dict(found.evidence)
    if (row.until, row.evidence) != (found.until, told):
        row.until, row.evidence, row.changed_at = found.until, told, work.now


def _overlap(row: Alert, found: Finding) -> bool:
    before = row.until is not None and row.until < found.since
    after = found.until is not None and found.until < row.since
    return row.kind == found.kind.value and not before and not after


def _insert(work: Work, found: Finding) -> bool:
    """Put a new alert down; return False where its natural key is taken, by whichever process."""
    dialect = postgresql if work.session.get_bind().dialect.name == "postgresql" else sqlite
    to = found.subjects
    row = {
        "id": work.new_id(),
        "key": found.key,
        "kind": found.kind.value,
        "subject": to.of(found.kind),
        "state": State.OPEN.value,
        "version": 1,
        "device_id": to.device_id,
        "vehicle_id": to.vehicle_id,
        "trip_id": to.trip_id,
        "manifest_id": to.manifest_id,
        "weighing_id": to.weighing_id,
        "site_id": to.site_id,
        "organisation_id": to.organisation_id,
        "since": found.since,
        "until": found.until,
        "evidence": dict(found.evidence),
        "late": found.late,
        "raised_at": work.now,
        "changed_at": work.now,
        "reason": "",
    }
    statement = dialect.insert(Alert).values(row).on_conflict_do_nothing(index_elements=["key"])
    made = work.session.execute(statement.returning(Alert.id)).one_or_none()
    return made is not None


def _announce(work: Work, row: Alert) -> None:
    work.append(
        "AlertRaised",
        row.id,
        alert=row.kind,
        severity=SHEETS[Kind(row.kind)].severity.value,
        rule=SHEETS[Kind(row.kind)].rule,
        about=row.subject,
        device=row.device_id,
        vehicle=str(row.vehicle_id or ""),
        trip=str(row.trip_id or ""),
        manifest=str(row.manifest_id or ""),
        weighing=str(row.weighing_id or ""),
        site=str(row.site_id or ""),
        organisation=str(row.organisation_id or ""),
        since=row.since.isoformat(),
        late=row.late,
        evidence_hash=evidence_hash(row),
    )
