"""How does a deadline begin, how is it kept, and what happens when its day has passed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from compliance.deadlines import queries
from compliance.deadlines.rules import (
    OPEN,
    RENEWED_WITH_NOTICE,
    TERMS,
    Act,
    Kind,
    State,
    next_state,
    reminder,
)
from compliance.deadlines.tables import Deadline
from compliance.qualification import queries as documents
from compliance.qualification.tables import Document
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid, raise_all
from compliance.record.work import Work
from compliance.registry.tables import LicenceRow
from compliance.rulebook.workdays import Workdays

LICENCES = (Kind.RENEW, Kind.PAPER)
PAPERS = (*LICENCES, Kind.DOCUMENT)
LEAST_REASON = 4


@dataclass(frozen=True, slots=True)
class About:
    """What a deadline is about, whose it is, and by which number people know it."""

    subject_id: UUID
    organisation_id: UUID
    label: str


def start(
    work: Work,
    kind: Kind,
    about: About,
    on: date,
    calendar: Workdays,
    *,
    again: bool = False,
    by: datetime | None = None,
) -> Deadline:
    """Let a deadline begin on a day; a second beginning for the same thing changes nothing.

    `again`: one that has ended runs anew; `by`: the moment on its last day, where hours count.
    """
    running = queries.of(work.session, kind, about.subject_id)
    if running is not None:
        if again and State(running.state) not in OPEN:
            running.state, running.reminded = State.AHEAD.value, None
            recount(work, kind, about.subject_id, on, calendar)
            _tell(work, "DeadlineStarted", running)
        return running
    term = TERMS[kind]
    due = term.due(on, calendar)
    row = Deadline(
        id=work.new_id(),
        kind=kind.value,
        subject_id=about.subject_id,
        organisation_id=about.organisation_id,
        label=about.label,
        counted_from=on,
        due_on=due.day,
        due_at=by,
        provisional=due.provisional,
        state=State.AHEAD.value,
        reminded=None,
        changed_at=work.now,
    )
    work.session.add(row)
    _tell(work, "DeadlineStarted", row)
    return row


def recount(work: Work, kind: Kind, subject_id: UUID, on: date, calendar: Workdays) -> None:
    """Let a deadline that runs begin on another day, once it is known from which day it counts."""
    row = queries.of(work.session, kind, subject_id)
    if row is None or State(row.state) not in OPEN:
        return
    due = TERMS[kind].due(on, calendar)
    row.counted_from, row.due_on, row.provisional, row.changed_at = on, due.day, due.provisional, work.now
    row.state = (State.OVERDUE if due.day < work.today else State.AHEAD).value


def extend(work: Work, deadline_id: UUID, until: date, reason: str) -> Deadline:
    """Put off the last day of a deadline that may be extended; only who oversees may, and says why."""
    if not work.who.oversees:
        raise Forbidden(N_("Your role does not allow this."), code="role")
    row = queries.deadline(work.session, deadline_id, work.who)
    term = TERMS[Kind(row.kind)]
    faults: list[DomainError] = []
    if not term.extendable or State(row.state) not in OPEN:
        raise Conflict(N_("This deadline cannot be extended."), code="deadline_fixed")
    if until <= max(row.due_on, work.today - timedelta(days=1)):
        faults.append(Invalid(N_("The new day lies after {due}."), field="until", values={"due": row.due_on}))
    if len(reason.strip()) < LEAST_REASON:
        faults.append(Invalid(N_("Say why: the paper or the decision that allows it."), field="reason"))
    raise_all(faults)
    row.due_on, row.state, row.reminded, row.changed_at = until, State.AHEAD.value, None, work.now
    work.append(
        "DeadlineExtended",
        row.id,
        deadline=row.kind,
        about=str(row.subject_id),
        organisation=str(row.organisation_id),
        due_on=until.isoformat(),
        reason=reason.strip(),
    )
    return row


def keep(work: Work, kind: Kind, subject_id: UUID) -> None:
    """End a deadline because what it asks for was done; where none runs, nothing happens."""
    row = queries.of(work.session, kind, subject_id)
    if row is not None:
        _move(work, row, Act.KEEP)


def sweep(work: Work, calendar: Workdays) -> int:
    """Watch papers that end, remind, and mark what is overdue; return how much there was to do."""
    done = _watch_papers(work, calendar)
    furthest = max(max(term.remind_at, default=0) for term in TERMS.values())
    rows = queries.open_ones(work.session, work.today + timedelta(days=furthest), PAPERS)
    return done + _close_papers(work, rows) + sum(_remind(work, row) + _run_out(work, row) for row in rows)


def run_out(work: Work) -> int:
    """Mark as overdue what has run out by the hour; return how much that was."""
    return sum(_move(work, row, Act.RUN_OUT) for row in queries.past(work.session, work.now))


def _watch_papers(work: Work, calendar: Workdays) -> int:
    count = 0
    for kind in LICENCES:
        until = work.today + timedelta(days=TERMS[kind].ahead_days)
        for paper in queries.papers_ending(work.session, work.today, until, kind):
            if kind is Kind.PAPER or paper.kind in RENEWED_WITH_NOTICE:
                start(work, kind, _paper(paper), paper.valid_to, calendar)
                count += 1
    until = work.today + timedelta(days=TERMS[Kind.DOCUMENT].ahead_days)
    watched = queries.subjects(work.session, Kind.DOCUMENT)
    ending = [row for row in documents.ending(work.session, work.today, until) if row.id not in watched]
    for row in ending:
        assert row.valid_to is not None
        start(work, Kind.DOCUMENT, _document(row), row.valid_to, calendar)
    return count + len(ending)


def _document(row: Document) -> About:
    return About(row.id, row.organisation_id, f"{row.label} {row.number}".strip()[:40])


def _paper(row: LicenceRow) -> About:
    return About(row.id, row.organisation_id, row.number)


def _close_papers(work: Work, rows: Sequence[Deadline]) -> int:
    """End the deadlines of papers that were renewed, and of those that have ended without it."""
    papers = [row for row in rows if Kind(row.kind) in PAPERS]
    about = [row.subject_id for row in papers]
    renewed = queries.replaced(work.session, about) | documents.replaced(work.session, about)
    count = 0
    for row in papers:
        if row.subject_id in renewed:
            count += _move(work, row, Act.KEEP)
        elif row.counted_from < work.today:
            count += _move(work, row, Act.LAPSE)
    return count


def _remind(work: Work, row: Deadline) -> int:
    if State(row.state) is not State.AHEAD:
        return 0
    days = reminder(TERMS[Kind(row.kind)], row.due_on, work.today, row.reminded)
    if days is None or row.due_on < work.today:
        return 0
    row.reminded, row.changed_at = days, work.now
    _tell(work, "DeadlineNear", row)
    return 1


def _run_out(work: Work, row: Deadline) -> int:
    return _move(work, row, Act.RUN_OUT) if row.due_on < work.today else 0


def _move(work: Work, row: Deadline, act: Act) -> int:
    following = next_state(State(row.state), act)
    if following is None:
        return 0
    row.state, row.changed_at = following.value, work.now
    if act is Act.KEEP:
        _tell(work, "DeadlineKept", row)
    elif act is Act.LAPSE:
        _tell(work, "DeadlineLapsed", row)
    else:
        _tell(work, "DeadlineOverdue", row)
    return 1


def _tell(work: Work, event: str, row: Deadline) -> None:
    work.append(
        event,
        row.id,
        deadline=row.kind,
        about=str(row.subject_id),
        organisation=str(row.organisation_id),
        due_on=row.due_on.isoformat(),
        state=row.state,
        rule=TERMS[Kind(row.kind)].rule,
    )
