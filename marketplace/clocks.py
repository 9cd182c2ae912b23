"""Which events let a deadline begin, and which end it?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.approvals import service as approvals
from compliance.approvals.rules import CLOCKS
from compliance.approvals.rules import Kind as ApprovalKind
from compliance.approvals.rules import State as ApprovalState
from compliance.approvals.tables import Approval
from compliance.deadlines import receiving
from compliance.deadlines import service as deadlines
from compliance.deadlines.rules import Kind
from compliance.deadlines.service import About
from compliance.manifests.rules import Act
from compliance.manifests.tables import Manifest
from compliance.qualification.tables import Document
from compliance.record.clock import local_date
from compliance.record.subscribers import Subscriber, Turn
from compliance.registry import queries as registry
from compliance.registry.rules import OrganisationKind
from compliance.rulebook.workdays import Workdays
from compliance.visits.rules import Purpose
from compliance.visits.tables import SiteVisit

ACCEPTANCES = frozenset({Act.ACCEPT.value, Act.ACCEPT_PART.value})
VISITS = frozenset(
    {
        "OrganisationApproved",
        "VisitFound",
        "VisitPassed",
        "VisitRechecked",
        "VisitFailed",
    }
)
REVIEWS = frozenset({"DocumentSubmitted", "DocumentAccepted", "DocumentReturned", "DocumentWithdrawn"})
EVIDENCE = frozenset({"ExceptionAsked", "ExceptionEvidence", "ExceptionDenied"})
RECHECKED = frozenset({OrganisationKind.CARRIER.value, OrganisationKind.PROCESSOR.value})


def clocks(calendar: Workdays) -> list[Subscriber]:
    """Return the reactions that keep the deadlines; `calendar` tells working days."""

    def on(name: str, kinds: frozenset[str], react: Callable[[Workdays, Turn], None]) -> Subscriber:
        return Subscriber(name, kinds, partial(react, calendar))

    return [
        on("deadlines", frozenset({"ManifestSigned", "PaperEntered"}), _of_a_load),
        on("pipelines", frozenset({"PeriodIssued", "PeriodConfirmed", "PeriodReopened"}), _of_a_period),
        on("cases", frozenset({"ComplaintReceived", "CaseAnswered"}), _of_a_complaint),
        on("approvals", frozenset({"ApprovalMoved", "DeadlineOverdue"}), _of_an_approval),
        on("visits", VISITS, _of_a_visit),
        on("reviews", REVIEWS, _of_a_document),
        on("evidence", EVIDENCE, _of_evidence),
    ]


def _of_a_load(calendar: Workdays, turn: Turn) -> None:
    """Let days run from acceptance (M11), from confirmation (L2, L8) and on paper (M15).

    The paper's days count from the day on which the transfer ended; until that is known, from the day on
    which it was said to run on paper.
    """
    fact, work = turn.event, turn.work
    row = work.session.get_one(Manifest, fact.subject)
    if fact.kind == "PaperEntered":
        ended = date.fromisoformat(str(fact.data["ended_on"]))
        deadlines.recount(work, Kind.BACK_ENTRY, row.id, ended, calendar)
        deadlines.keep(work, Kind.BACK_ENTRY, row.id)
        return
    act = fact.data["act"]
    if act == Act.CONFIRM.value:
        deadlines.keep(work, Kind.CONFIRM, row.id)
        receiving.received(work, row, local_date(fact.at), calendar)
    elif act == Act.TREAT.value:
        receiving.treated(work, row)
    elif act in ACCEPTANCES:
        about = About(row.id, row.receiver_id, row.number or "")
        deadlines.start(work, Kind.CONFIRM, about, local_date(fact.at), calendar)
    elif act == Act.GO_ON_PAPER.value:
        about = About(row.id, row.mover_id, row.number or row.plate)
        deadlines.start(work, Kind.BACK_ENTRY, about, local_date(fact.at), calendar)


def _of_a_period(calendar: Workdays, turn: Turn) -> None:
    """Let five working days run from a period's manifest to its confirmation (M11, M13)."""
    fact, work = turn.event, turn.work
    if fact.kind != "PeriodIssued":
        deadlines.keep(work, Kind.PERIOD, fact.subject)
        return
    about = About(fact.subject, UUID(str(fact.data["receiver"])), str(fact.data["number"]))
    deadlines.start(work, Kind.PERIOD, about, local_date(fact.at), calendar, again=True)


def _of_a_complaint(calendar: Workdays, turn: Turn) -> None:
    """Let the working days run in which a complaint has to be answered (K1); the authority owns them."""
    fact, work = turn.event, turn.work
    if fact.kind == "CaseAnswered":
        deadlines.keep(work, Kind.REPLY, fact.subject)
        return
    owner = registry.authority(work.session)
    if owner is not None:
        about = About(fact.subject, owner.id, str(fact.data["number"]))
        deadlines.start(work, Kind.REPLY, about, local_date(fact.at), calendar)


def _of_an_approval(calendar: Workdays, turn: Turn) -> None:
    """Let the authorities' clocks run in each state of an application (X3); they are the authority's own.

    When nobody has asked for a correction in time, the application counts as taken up.
    """
    fact, work = turn.event, turn.work
    if fact.kind == "DeadlineOverdue":
        if fact.data["deadline"] == Kind.X_NOTICE.value:
            approvals.deem_taken_up(work, UUID(str(fact.data["about"])))
        return
    row = work.session.get_one(Approval, fact.subject)
    runs = CLOCKS.get(ApprovalState(str(fact.data["state"]))) if row.kind == ApprovalKind.APPROVAL else None
    for kind in CLOCKS.values():
        if kind is not runs:
            deadlines.keep(work, kind, row.id)
    if runs is not None:
        about = About(row.id, _authority(work.session, row.mover_id), row.number or row.code)
        deadlines.start(work, runs, about, local_date(fact.at), calendar, again=True)


def _of_a_visit(calendar: Workdays, turn: Turn) -> None:
    """Let the days run in which a party puts things right, and until the authority looks at it again (A1)."""
    fact, work = turn.event, turn.work
    party = registry.organisation(work.session, fact.subject)
    if fact.kind == "OrganisationApproved":
        if fact.data["trade"] in RECHECKED:
            about = About(party.id, _authority(work.session, party.id), party.name[:40])
            deadlines.start(work, Kind.RECHECK, about, local_date(fact.at), calendar)
        return
    visit = work.session.get_one(SiteVisit, UUID(str(fact.data["visit"])))
    about = About(visit.id, party.id, party.name[:40])
    if fact.kind == "VisitFound":
        due = date.fromisoformat(str(fact.data["due_on"]))
        deadlines.start(work, Kind.PUT_RIGHT, about, due, calendar)
        return
    deadlines.keep(work, Kind.PUT_RIGHT, visit.id)
    if visit.purpose == Purpose.RECHECK.value and RECHECKED & set(party.kinds):
        deadlines.keep(work, Kind.RECHECK, party.id)
        again = About(party.id, _authority(work.session, party.id), party.name[:40])
        deadlines.start(work, Kind.RECHECK, again, local_date(fact.at), calendar, again=True)


def _authority(session: Session, waits: UUID) -> UUID:
    """Return whose a deadline of the authorities is: theirs, or else the party's that `waits` for them.

    A market that registers no authority would let none of them run.
    """
    owner = registry.authority(session)
    return owner.id if owner is not None else waits


def _of_a_document(calendar: Workdays, turn: Turn) -> None:
    """Let twenty working days run from a document's submission to the decision on it (A1, as L5 has it)."""
    fact, work = turn.event, turn.work
    if fact.kind != "DocumentSubmitted":
        deadlines.keep(work, Kind.REVIEW, fact.subject)
        return
    owner = registry.authority(work.session)
    if owner is not None:
        row = work.session.get_one(Document, fact.subject)
        about = About(row.id, owner.id, row.number[:40])
        deadlines.start(work, Kind.REVIEW, about, local_date(fact.at), calendar)


def _of_evidence(calendar: Workdays, turn: Turn) -> None:
    """Let the hours run in which whoever asked for leave without a photo or scan hands it in (A1)."""
    fact, work = turn.event, turn.work
    key = UUID(str(fact.data["exception"]))
    if fact.kind != "ExceptionAsked":
        deadlines.keep(work, Kind.EVIDENCE, key)
        return
    due = str(fact.data.get("evidence_due_at") or "")
    if due:
        row, by = work.session.get_one(Manifest, fact.subject), datetime.fromisoformat(due)
        about = About(key, UUID(str(fact.data["organisation"])), row.number or row.plate)
        deadlines.start(work, Kind.EVIDENCE, about, local_date(by), calendar, by=by)
