"""How is a complaint taken in, looked into, answered and closed?"""

from __future__ import annotations

import secrets
from uuid import UUID

from compliance.cases import queries, rules
from compliance.cases.rules import Act, Complaint, Outcome, State, next_state
from compliance.cases.tables import CaseFile, CaseNote
from compliance.record.errors import N_, Conflict, Forbidden, Invalid, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry


def receive(work: Work, told: Complaint, alert_id: UUID | None = None) -> tuple[CaseFile, str]:
    """Open a case and return it with the code by which its complainant looks it up; the code is kept nowhere.

    Raises every fault at once. Appends `ComplaintReceived`; what was told is not in the event.
    """
    raise_all(rules.faults(told))
    code = "".join(secrets.choice(rules.CODE_SIGNS) for _ in range(rules.CODE_LENGTH))
    year = work.today.year
    row = CaseFile(
        id=work.new_id(),
        number=rules.number_of(year, queries.next_serial(work.session, year)),
        code_hash=queries.hashed(code),
        kind=told.kind.value,
        text=told.text.strip(),
        about=told.about.strip(),
        place=told.place.strip(),
        division_code=told.division_code,
        contact=told.contact.strip(),
        alert_id=alert_id,
        state=State.RECEIVED.value,
        received_at=work.now,
    )
    work.session.add(row)
    work.append("ComplaintReceived", row.id, number=row.number, case=row.kind, alert=str(alert_id or ""))
    return row, code


def assign(work: Work, row: CaseFile, person_id: UUID) -> None:
    """Give a case to an inspector or an operator; appends `CaseAssigned`."""
    _overseer(work)
    person = registry.people(work.session, [person_id]).get(person_id)
    if person is None or not {Role.INSPECTOR.value, Role.OPERATOR.value} & set(person.roles):
        raise Invalid(
            N_("Cases are looked into by inspectors and operators."),
            field="person",
            way_out=N_("Choose an inspector or an operator, or take it yourself."),
        )
    _move(row, Act.ASSIGN)
    row.assignee_id = person_id
    work.append("CaseAssigned", row.id, number=row.number, to=str(person_id))


def note(work: Work, row: CaseFile, text: str) -> CaseNote:
    """Write something down in a case; it is not shown to whoever complained."""
    _overseer(work)
    if not text.strip():
        raise Invalid(N_("There is nothing to write down."), field="text")
    made = CaseNote(
        id=work.new_id(), case_id=row.id, at=work.now, person_name=work.who.name, text=text.strip()
    )
    work.session.add(made)
    return made


def answer(work: Work, row: CaseFile, outcome: Outcome, text: str) -> None:
    """Answer a complaint with what was found; appends `CaseAnswered`."""
    _overseer(work)
    if len(text.strip()) < rules.SHORTEST:
        raise Invalid(
            N_("Say what was found."),
            field="answer",
            way_out=N_("Name who was asked, what was looked at, and what follows."),
        )
    _move(row, Act.ANSWER)
    row.outcome, row.answer, row.answered_at = outcome.value, text.strip(), work.now
    work.append("CaseAnswered", row.id, number=row.number, outcome=outcome.value)


def reopen(work: Work, row: CaseFile) -> None:
    """Take an answered case up again; appends `CaseReopened`."""
    _overseer(work)
    _move(row, Act.REOPEN)
    work.append("CaseReopened", row.id, number=row.number)


def close(work: Work, row: CaseFile) -> None:
    """Close an answered case; appends `CaseClosed`."""
    _overseer(work)
    _move(row, Act.CLOSE)
    row.closed_at = work.now
    work.append("CaseClosed", row.id, number=row.number)


def _overseer(work: Work) -> None:
    if not work.who.oversees:
        raise Forbidden(N_("Your role does not allow this."), code="role")


def _move(row: CaseFile, act: Act) -> None:
    after = next_state(State(row.state), act)
    if after is None:
        raise Conflict(
            N_("A case that is {state} cannot be moved by: {act}."),
            code="case_state",
            values={"state": row.state, "act": act.value},
            way_out=N_("Look at it again: somebody was quicker, take it first, or answer it first."),
        )
    row.state = after.value
