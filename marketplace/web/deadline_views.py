"""How is a deadline shown: what to do, for which paper, by when, and how much time is left?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from compliance.deadlines import queries
from compliance.deadlines.rules import OPEN, TERMS, Kind, State, Term
from compliance.deadlines.tables import Deadline
from compliance.manifests.tables import ManifestException
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.rulebook.rules import article_on

ABOUT_APPROVALS = frozenset({Kind.X_NOTICE, Kind.X_OPINION, Kind.X_REPLY, Kind.X_DECISION})
ABOUT_MANIFESTS = frozenset({Kind.CONFIRM, Kind.BACK_ENTRY, Kind.HAND_ON, Kind.STORE, Kind.EVIDENCE})


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """One line of the page; `days_left` is below zero once the day has passed."""

    words: str
    stops: str
    label: str
    href: str
    holder: str
    due_on: date
    due_at: datetime | None
    days_left: int
    provisional: bool
    state: str
    rule: str
    article: str
    owner: str
    escalates: str
    extend: str
    """Where it can be put off; empty where it cannot."""


def deadlines_of(work: Work, *, open_only: bool) -> list[DeadlineView]:
    """Return a person's deadlines, the most pressing first."""
    rows = queries.listed(work.session, work.who, open_only=open_only)
    holders = registry.organisations(work.session, {row.organisation_id for row in rows})
    found = []
    for row in rows:
        term = TERMS[Kind(row.kind)]
        found.append(
            DeadlineView(
                words=term.words,
                stops=term.stops,
                label=row.label,
                href=_href(term.kind, _page_of(work, row)),
                holder=holders[row.organisation_id].name,
                due_on=row.due_on,
                due_at=row.due_at,
                days_left=(row.due_on - work.today).days,
                provisional=row.provisional,
                state=row.state,
                rule=term.rule.partition(".")[0],
                article=article_on(term.rule, work.today),
                owner=term.owner.value,
                escalates=term.escalates.value,
                extend=f"/deadlines/{row.id}/extend" if _may_extend(work, term, row) else "",
            )
        )
    return found


def _page_of(work: Work, row: Deadline) -> UUID:
    """Return what the page of a deadline shows: for an exception's photo or scan, its manifest."""
    if row.kind != Kind.EVIDENCE.value:
        return row.subject_id
    found = work.session.get(ManifestException, row.subject_id)
    return found.manifest_id if found is not None else row.subject_id


def _may_extend(work: Work, term: Term, row: Deadline) -> bool:
    return term.extendable and work.who.oversees and State(row.state) in OPEN


def _href(kind: Kind, subject_id: UUID) -> str:
    """Return the page on which a deadline is kept."""
    if kind in ABOUT_MANIFESTS:
        return f"/manifests/{subject_id}"
    if kind in ABOUT_APPROVALS:
        return f"/approvals/{subject_id}"
    pages = {
        Kind.PERIOD: f"/pipelines/periods/{subject_id}",
        Kind.REPLY: f"/cases/{subject_id}",
        Kind.PUT_RIGHT: f"/visits/{subject_id}",
        Kind.RECHECK: f"/parties/{subject_id}",
        Kind.REVIEW: f"/documents/{subject_id}",
        Kind.DECLARE: "/ledgers",
        Kind.PLAN: "/ledgers/plan",
    }
    return pages.get(kind, "")
