"""May an organisation act: how is it approved, suspended, let back in, and who sets the quota's limits?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from compliance.record.errors import N_, Conflict, Forbidden, Invalid
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from compliance.registry import queries
from compliance.registry.rules import OrganisationKind, QuotaPolicy
from compliance.registry.tables import Organisation, QuotaPolicyRow, Suspension

LEAST_REASON = 4


@dataclass(frozen=True, slots=True)
class Order:
    """Why an organisation may not act, from when, and to when; no end: until it is lifted."""

    reason: str
    since: date
    until: date | None = None
    cause_id: UUID | None = None
    """The visit whose findings it follows from; None where somebody ordered it."""


def apply_for(work: Work, organisation_id: UUID, kinds: tuple[OrganisationKind, ...]) -> Organisation:
    """Apply for further kinds of business; what it is approved for, or has applied for, stays."""
    row = queries.locked_organisation(work.session, organisation_id)
    fresh = [kind.value for kind in kinds if kind.value not in {*row.kinds, *row.wanted}]
    if fresh:
        row.wanted = [*row.wanted, *fresh]
        work.append("OrganisationApplied", row.id, trades=fresh)
    return row


def approve(work: Work, organisation_id: UUID, kind: OrganisationKind) -> None:
    """Approve an organisation for a kind of business that it has applied for (A1)."""
    row = queries.locked_organisation(work.session, organisation_id)
    if kind.value not in row.wanted:
        return
    row.wanted = [one for one in row.wanted if one != kind.value]
    row.kinds = [*row.kinds, kind.value]
    work.append("OrganisationApproved", row.id, trade=kind.value)


def suspend(work: Work, organisation_id: UUID, order: Order) -> Suspension:
    """Let an organisation not act from a day on: every gate that asks about it refuses (A1).

    What a visit's findings bring stands beside whatever else bars it, and ends on its own.
    """
    _require_overseer(work)
    reason = order.reason.strip()
    if len(reason) < LEAST_REASON:
        raise Invalid(N_("Say why: the organisation reads it."), field="reason")
    if order.until is not None and order.until < order.since:
        raise Invalid(N_("The last day lies before the first."), field="until")
    queries.locked_organisation(work.session, organisation_id)
    others = queries.running_suspensions(work.session, organisation_id, work.today)
    same = [one for one in others if order.cause_id in {None, one.cause_id}]
    if (barred := next(iter(same), None)) is not None:
        raise Conflict(
            N_("It is suspended already, since {since}."),
            code="suspended_already",
            values={"since": barred.since.isoformat()},
        )
    row = Suspension(
        id=work.new_id(),
        organisation_id=organisation_id,
        since=order.since,
        until=order.until,
        reason=reason,
        cause_id=order.cause_id,
        ordered_by=work.who.person_id,
        at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.append(
        "OrganisationSuspended",
        organisation_id,
        since=order.since.isoformat(),
        until=order.until.isoformat() if order.until else "",
        reason=reason,
    )
    return row


def lift(work: Work, organisation_id: UUID, reason: str, cause_id: UUID | None = None) -> None:
    """End one suspension from today on: that of a visit, or, where none is named, first what was ordered.

    What a visit's findings brought besides keeps the organisation barred until it is lifted too.
    """
    _require_overseer(work)
    if len(reason.strip()) < LEAST_REASON:
        raise Invalid(N_("Say why: the organisation reads it."), field="reason")
    queries.locked_organisation(work.session, organisation_id)
    barred = running(work, organisation_id, cause_id)
    if barred is None:
        raise Conflict(N_("It is not suspended."), code="not_suspended")
    barred.until = max(work.today, barred.since) - timedelta(days=1)
    work.append("SuspensionLifted", organisation_id, reason=reason.strip())


def set_quota_policy(work: Work, policy: QuotaPolicy) -> QuotaPolicyRow:
    """Set from today on at how many per cent of a yearly quantity is warned, blocked and alarmed (L4)."""
    _require_overseer(work)
    wrong = policy.fault()
    if wrong is not None:
        raise Invalid(
            N_(
                "It must be: 1 ≤ warning ≤ block ≤ alarm ≤ 120 per cent; beyond, the law wants a new licence."
            ),
            field=wrong,
        )
    row = QuotaPolicyRow(
        id=work.new_id(),
        since=work.today,
        warn_percent=policy.warn_percent,
        block_percent=policy.block_percent,
        alarm_percent=policy.alarm_percent,
        set_by=work.who.person_id,
        at=work.now,
    )
    work.session.add(row)
    work.append(
        "QuotaPolicySet",
        row.id,
        warn=policy.warn_percent,
        block=policy.block_percent,
        alarm=policy.alarm_percent,
    )
    return row


def running(work: Work, organisation_id: UUID, cause_id: UUID | None = None) -> Suspension | None:
    """Return the suspension that a visit brought; where none is named, the one that would be lifted first.

    What counts already comes before what begins later, what somebody ordered before what a visit brought.
    """
    rows = queries.running_suspensions(work.session, organisation_id, work.today)
    if cause_id is not None:
        return next((row for row in rows if row.cause_id == cause_id), None)
    rows = sorted(rows, key=lambda row: (row.since > work.today, row.cause_id is not None))
    return next(iter(rows), None)


def _require_overseer(work: Work) -> None:
    if work.who != SYSTEM and not work.who.oversees:
        raise Forbidden(N_("Only who oversees the market may do this."))
