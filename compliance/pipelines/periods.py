"""How is the manifest of a pipeline's period issued, confirmed, reopened and closed (M13, M11)?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from compliance.catalogue import queries as places
from compliance.manifests import queries as manifests
from compliance.manifests import statements
from compliance.manifests.rules import number_of
from compliance.pipelines import books, documents, pinning, queries
from compliance.pipelines.rules import (
    PERIOD_NEXT,
    Compared,
    PeriodAct,
    PeriodState,
    Rhythm,
    Side,
    State,
    differing_faults,
    missing_faults,
    period_of,
    together,
)
from compliance.pipelines.service import side_of
from compliance.pipelines.tables import PeriodManifest, Pipeline
from compliance.record.errors import N_, Conflict, Forbidden, Invalid, raise_all
from compliance.record.ledger import Event
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import bookings
from compliance.registry import queries as registry
from compliance.registry.rules import Mode

LEAST_REASON = 4


def issue(work: Work, row: Pipeline, day: date) -> PeriodManifest:
    """Issue the manifest of the period in which a day lies, once every day of it is metered by the mover.

    A reopened one is issued again under its number.
    """
    if side_of(work, row) is not Side.MOVER or row.state == State.OFFERED.value:
        raise Forbidden(N_("Only the {party} may do this."), values={"party": "mover"})
    name, first, last = period_of(Rhythm(row.rhythm), day)
    held = queries.covering(work.session, row.id, day)
    after = _after(held, PeriodAct.ISSUE)
    if min(last, row.ended_on or last) >= work.today:
        raise Conflict(N_("Period {period} has not ended yet."), code="period_open", values={"period": name})
    found = _whole(work, row, name, first, last, Side.MOVER)
    if held is None:
        held = PeriodManifest(
            id=work.new_id(),
            pipeline_id=row.id,
            period=name,
            first=first,
            last=last,
            edition=pinning.edition_on(work.session, row, last),
            number=_number(work, row),
        )
        work.session.add(held)
    held.state, held.mover_kg = after.value, found.mover_kg or 0
    held.issued_by, held.issued_at = work.who.name, work.now
    stated = _stated(work, row, held)
    read = queries.rows(work.session, row.id, first, last)
    document_hash = documents.seal(held, documents.issued(row, held, stated, read, work.who.name))
    work.session.flush()
    work.append(
        "PeriodIssued",
        held.id,
        pipeline=str(row.id),
        period=name,
        number=held.number,
        kg=held.mover_kg,
        receiver=str(row.receiver_id),
        stated=stated,
        document_hash=document_hash,
        signed_by=work.who.name,
        credential=work.signed_by().value,
    )
    return held


def _stated(work: Work, row: Pipeline, period: PeriodManifest) -> dict[str, object]:
    """Return what the manifest of a period states of waste, parties and licence from its issue on."""
    session, on = work.session, work.today
    waste = pinning.waste_of(session, row, period.edition)
    houses = registry.organisations(session, [row.mover_id, row.receiver_id])
    ends = registry.sites(session, [row.origin_site_id, row.destination_site_id])
    held = registry.licences(session, [row.receiver_id], on.year).get(row.receiver_id, [])
    return {
        "waste_name": row.waste_name,
        "edition": waste.edition,
        "category": waste.category,
        "hazards": waste.hazards,
        "licence": statements.licence_number(held, waste, Mode(row.mode), on),
        "mover": statements.party_stated(houses[row.mover_id], ends[row.origin_site_id]),
        "receiver": statements.party_stated(houses[row.receiver_id], ends[row.destination_site_id]),
        "mover_meter": row.mover_meter,
        "receiver_meter": row.receiver_meter,
    }


def stated(events: Iterable[Event]) -> Mapping[str, Any]:
    """Return what a period's manifest states by the events about it: as it was issued last; empty before."""
    found: Mapping[str, Any] = {}
    for one in events:
        told = one.data.get("stated")
        if one.kind == "PeriodIssued" and isinstance(told, dict):
            found = told
    return found


def owed(work: Work, row: Pipeline) -> list[date]:
    """Return the first day of every period that has ended and whose manifest is not issued."""
    if row.state == State.OFFERED.value:
        return []
    issued = {one.period: one.state for one in queries.periods(work.session, row.id)}
    found, day = [], row.started_on
    until = min(row.ended_on or work.today, work.today)
    while day <= until:
        name, _, last = period_of(Rhythm(row.rhythm), day)
        ended = min(last, row.ended_on or last) < work.today
        if ended and issued.get(name, PeriodState.REOPENED.value) == PeriodState.REOPENED.value:
            found.append(day)
        day = last + timedelta(days=1)
    return found


def _number(work: Work, row: Pipeline) -> str:
    origin = registry.site(work.session, row.origin_site_id)
    prefecture = places.prefecture_of(work.session, origin.division_code)
    serial = manifests.next_serial(work.session, work.today.year, prefecture[:4])
    return number_of(work.today.year, prefecture, serial)


def _whole(work: Work, row: Pipeline, name: str, first: date, last: date, side: Side) -> Compared:
    """Return the period compared as a whole, or refuse because one side lacks days."""
    days = queries.compared(work.session, row, first, last, work.today)
    raise_all([*missing_faults(name, days, side, work.today)])
    return together(name, days, queries.tolerance_of(row))


def confirm(
    work: Work, row: Pipeline, period: PeriodManifest, accepted_kg: int | None = None, reason: str = ""
) -> PeriodManifest:
    """Confirm a period as its receiver; where both sides differ too much, with the reason.

    The mass counts against the licence, and each day enters the ledgers of both ends.
    """
    if side_of(work, row) is not Side.RECEIVER:
        raise Forbidden(N_("Only the {party} may do this."), values={"party": "receiver"})
    after = _after(period, PeriodAct.CONFIRM)
    found = _whole(work, row, period.period, period.first, period.last, Side.RECEIVER)
    if len(reason.strip()) < LEAST_REASON:
        raise_all([*differing_faults(found, queries.tolerance_of(row), work.today)])
    period.receiver_kg = found.receiver_kg
    period.accepted_kg = found.receiver_kg if accepted_kg is None else accepted_kg
    if period.accepted_kg is None or not 0 <= period.accepted_kg <= max(
        period.mover_kg, found.receiver_kg or 0
    ):
        raise Invalid(
            N_("Nobody accepts more than a meter said: at most {most} kg."),
            field="accepted_kg",
            values={"most": max(period.mover_kg, found.receiver_kg or 0)},
        )
    period.state, period.reason = after.value, reason.strip()[:400]
    period.confirmed_by, period.confirmed_at = work.who.name, work.now
    _take(work, row, period, period.accepted_kg)
    books.settle(work, row, period)
    _seal_confirmed(work, row, period)
    work.append(
        "PeriodConfirmed",
        period.id,
        pipeline=str(row.id),
        number=period.number,
        mover_kg=period.mover_kg,
        receiver_kg=period.receiver_kg,
        accepted_kg=period.accepted_kg,
        verdict=found.verdict.value,
        reason=period.reason,
        document_hash=period.document_hash,
        signed_by=work.who.name,
        credential=work.signed_by().value,
    )
    return period


def _take(work: Work, row: Pipeline, period: PeriodManifest, kg: int) -> None:
    """Count a period against the receiver's licence, in the year in which it flowed."""
    waste, year = pinning.waste_of(work.session, row, period.edition), period.last.year
    bookings.take(work, row.receiver_id, period.id, waste, Mode(row.mode), kg, year)


def _seal_confirmed(work: Work, row: Pipeline, period: PeriodManifest) -> None:
    """Let the document have the receiver's part; one that was issued before documents were kept gets none."""
    if period.document is not None:
        read = queries.rows(work.session, row.id, period.first, period.last)
        documents.seal(period, documents.confirmed(period.document, period, read, work.who.name))


def reopen(work: Work, row: Pipeline, period: PeriodManifest, reason: str) -> PeriodManifest:
    """Give a period back to be corrected: the receiver before it confirms, who oversees afterwards too."""
    confirmed = period.state == PeriodState.CONFIRMED.value
    if not work.who.has(Role.INSPECTOR, Role.OPERATOR) and (
        confirmed or side_of(work, row) is not Side.RECEIVER
    ):
        raise Forbidden(N_("Before confirmation the receiver reopens a period, afterwards an inspector."))
    if len(reason.strip()) < LEAST_REASON:
        raise Invalid(N_("Say why: the organisation reads it."), field="reason")
    after = _after(period, PeriodAct.REOPEN)
    period.state, period.reason = after.value, reason.strip()[:400]
    period.receiver_kg = period.accepted_kg = period.confirmed_at = None
    bookings.confirm_draw(work, period.id, 0)
    books.settle(work, row, period)
    work.append("PeriodReopened", period.id, pipeline=str(row.id), number=period.number, reason=period.reason)
    return period


def treat(work: Work, row: Pipeline, period: PeriodManifest) -> PeriodManifest:
    """Sign that a period's waste was treated: it leaves the site's stock."""
    if side_of(work, row) is not Side.RECEIVER:
        raise Forbidden(N_("Only the {party} may do this."), values={"party": "receiver"})
    period.state, period.treated_at = _after(period, PeriodAct.TREAT).value, work.now
    books.settle(work, row, period)
    work.append(
        "PeriodTreated",
        period.id,
        pipeline=str(row.id),
        number=period.number,
        kg=period.accepted_kg,
        document_hash=period.document_hash,
        signed_by=work.who.name,
        credential=work.signed_by().value,
    )
    return period


def _after(period: PeriodManifest | None, act: PeriodAct) -> PeriodState:
    state = None if period is None else PeriodState(period.state)
    after = PERIOD_NEXT.get((state, act))
    if after is None:
        raise Conflict(
            N_("The manifest of a period that is {state} cannot be moved by: {act}."),
            code="period_state",
            values={"state": state.value if state else "", "act": act.value},
        )
    return after
