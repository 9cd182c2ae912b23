"""How is a receiver's licence drawn upon: booked with a deal, corrected, confirmed at the gate?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from compliance.catalogue.rules import WasteType
from compliance.record.errors import raise_all
from compliance.record.work import Work
from compliance.registry import gates, queries
from compliance.registry.rules import Judgement, Mode, quota_is_broken, quota_is_near
from compliance.registry.tables import LicenceDraw, LicenceLineRow, LicenceRow


@dataclass(frozen=True, slots=True)
class Booking:
    """A mass that a receiver is to take, judged with its licences locked."""

    waste: WasteType
    kg: int
    verdict: Judgement
    line: LicenceLineRow | None
    party: gates.Party


def booking(
    work: Work, organisation_id: UUID, waste: WasteType, mode: Mode, kg: int, besides: UUID | None = None
) -> Booking:
    """Judge a receiver's licence for a mass, and lock what it would be drawn from (L1, L3, L4, L13).

    Licence and line stay locked until the transaction ends, so that two deals cannot both take the last
    tonne of either. A booking that is there already (`besides`) leaves its own mass free.
    """
    session, today = work.session, work.today
    known = queries.licences(session, [organisation_id], today.year).get(organisation_id, [])
    for one in known:
        queries.locked_licence(session, one.id)
    locked = {one.id: queries.locked_line(session, one.id, waste.code, waste.category) for one in known}
    party = gates.parties(session, [organisation_id], waste, today)[organisation_id]
    held = queries.draw_of(session, besides, today.year) if besides is not None else None
    if held is not None:
        freed = [
            one.without(held.code, held.kg) if one.id == held.licence_id else one for one in party.licences
        ]
        party = replace(party, licences=freed)
    verdict = gates.judge_receiver(party.licences, waste, mode, kg, today)
    line = locked[verdict.licence.id] if verdict.licence is not None else None
    return Booking(waste, kg, verdict, line, party)


def book(
    work: Work,
    organisation_id: UUID,
    deal_id: UUID,
    waste: WasteType,
    mode: Mode,
    kg: int,
    mover_id: UUID | None = None,
) -> bool:
    """Book a deal's mass against the receiver's licence, or raise everything that stands against it.

    Return whether 80 % of the year is reached.
    """
    judged = booking(work, organisation_id, waste, mode, kg)
    raise_all(gates.against_receiver(judged.party, waste, mode, kg, work.today, mover_id))
    return draw(work, judged, deal_id)


def draw(work: Work, judged: Booking, deal_id: UUID) -> bool:
    """Draw a mass against which nothing stands; return whether 80 % of the year is reached."""
    verdict, kg = judged.verdict, judged.kg
    if not verdict.allowed:
        return False  # exempt from the licence for this stage (L12): there is nothing to draw on
    assert verdict.licence is not None
    assert verdict.line is not None
    assert judged.line is not None
    year = work.today.year
    work.session.add(LicenceDraw(id=work.new_id(), line_id=judged.line.id, deal_id=deal_id, year=year, kg=kg))
    return _warn(work, judged, deal_id)


def _warn(work: Work, judged: Booking, deal_id: UUID) -> bool:
    """Put it on the record that a booking brings a licence near its year, and tell whether it does (L4)."""
    licence, line = judged.verdict.licence, judged.verdict.line
    if licence is None or line is None or not quota_is_near(line, judged.kg):
        return False
    work.append(
        "QuotaNear",
        licence.id,
        code=judged.waste.code,
        deal=str(deal_id),
        percent=line.percent(judged.kg),
        rule="L4.quota_near",
    )
    return True


def rebook(
    work: Work,
    organisation_id: UUID,
    deal_id: UUID,
    waste: WasteType,
    mode: Mode,
    kg: int,
    *,
    moved: bool = False,
    taken_in: int | None = None,
) -> None:
    """Let a deal's booking say what its corrected manifest says, on the line that covers the waste now.

    The rules were asked before, or leave was given: where no line covers the waste, nothing is drawn any
    more. What is confirmed stays in its year. `moved`: it is another waste or use now, so that what was
    exempt (L12) and drew on nothing may draw. `taken_in`: the year in which the load was, if it has been;
    what it draws then is confirmed.
    """
    session = work.session
    held = session.scalar(select(LicenceDraw).where(LicenceDraw.deal_id == deal_id))
    if held is None:
        if moved:
            draw(work, booking(work, organisation_id, waste, mode, kg), deal_id)
            session.flush()
            if taken_in is not None:
                confirm_draw(work, deal_id, kg, taken_in)
        return
    judged = booking(work, organisation_id, waste, mode, kg, besides=deal_id)
    before = held.line_id, held.kg
    held.line_id = judged.line.id if judged.line is not None else held.line_id
    held.kg = kg if judged.line is not None else 0
    held.year = held.year if held.confirmed else work.today.year
    session.flush()
    if held.confirmed and held.kg:
        _alarm(work, session.get_one(LicenceLineRow, held.line_id), deal_id, held.year)
    elif judged.line is not None and before != (held.line_id, held.kg):
        _warn(work, judged, deal_id)


def confirm_draw(work: Work, deal_id: UUID, kg: int, year: int | None = None) -> None:
    """Replace a deal's booked mass by the mass that was confirmed; zero gives the booking back.

    It counts in the year in which it was taken in: this one, unless another is told. Whatever has arrived is
    booked, even where it takes the licence beyond 120 per cent: then an alarm is on the record (L4).
    """
    session = work.session
    for row in session.scalars(select(LicenceDraw).where(LicenceDraw.deal_id == deal_id)):
        row.kg = kg
        row.year = row.year if row.confirmed else (year or work.today.year)
        row.confirmed = True
        session.flush()
        if kg:
            _alarm(work, session.get_one(LicenceLineRow, row.line_id), deal_id, row.year)


def take(
    work: Work, organisation_id: UUID, booking_id: UUID, waste: WasteType, mode: Mode, kg: int, year: int
) -> None:
    """Count what was taken in without a booking before, such as a metered period, against a year's licence.

    It is there already, so nothing is refused; beyond 120 per cent an alarm is on the record (L4).
    """
    session = work.session
    if session.scalar(select(LicenceDraw.id).where(LicenceDraw.deal_id == booking_id)) is None:
        held = queries.licences(session, [organisation_id], year).get(organisation_id, [])
        covering = [one for one in held if mode in one.modes and one.line_for(waste.code, waste.category)]
        if not covering:
            return
        row = queries.locked_line(session, covering[0].id, waste.code, waste.category)
        assert row is not None
        draw = LicenceDraw(id=work.new_id(), line_id=row.id, deal_id=booking_id, year=year, kg=kg)
        session.add(draw)
        session.flush()
    confirm_draw(work, booking_id, kg, year)


def _alarm(work: Work, line_row: LicenceLineRow, deal_id: UUID, year: int) -> None:
    """Put it on the record that a licence has taken more than it may without a new application."""
    owner = work.session.get_one(LicenceRow, line_row.licence_id).organisation_id
    held = queries.licences(work.session, [owner], year)[owner]
    licence = next(one for one in held if one.id == line_row.licence_id)
    line = next(one for one in licence.lines if one.code == line_row.code)
    if quota_is_broken(line):
        work.append(
            "QuotaExceeded",
            licence.id,
            code=line.code,
            deal=str(deal_id),
            percent=line.percent(),
            rule="L4.scale_exceeded",
        )
