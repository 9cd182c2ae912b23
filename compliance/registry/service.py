"""How do parties enter the register, and how is a licence's yearly mass booked?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from pyproj import Geod
from shapely import Point, Polygon
from sqlalchemy import select

from compliance.catalogue.rules import WasteType
from compliance.record.errors import (
    N_,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    raise_all,
)
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import gates, queries
from compliance.registry.rules import (
    Judgement,
    LicenceKind,
    Mode,
    OrganisationKind,
    place_fault,
    quota_is_broken,
    quota_is_near,
    uscc_fault,
    uscc_of,
)
from compliance.registry.tables import (
    LicenceDraw,
    LicenceLineRow,
    LicenceRow,
    Organisation,
    Person,
    Site,
)
from compliance.rulebook.rules import broken

GEOFENCE_M = 300.0
MOST_DOCKS = 99
_EARTH = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """What is asked of an organisation at the door."""

    uscc: str
    name: str
    division_code: str
    kinds: tuple[OrganisationKind, ...]
    name_en: str = ""
    contact: str = ""
    simulated: bool = False
    wanted: tuple[OrganisationKind, ...] = ()
    """What it applies for and is not approved for until its documents are accepted."""
    insured_to: date | None = None
    emergency_to: date | None = None
    """Until when it is insured (L14) and its emergency plan counts (M18), where that is known already."""


@dataclass(frozen=True, slots=True)
class NewLicence:
    """A licence as printed: `lines` are (code or category, kilograms a year)."""

    number: str
    kind: LicenceKind
    valid_from: date
    valid_to: date
    issued_by: str = ""
    modes: tuple[Mode, ...] = ()
    classes: tuple[str, ...] = ()
    lines: tuple[tuple[str, int], ...] = ()
    total_kg: int | None = None
    """What all lines together may take in a year, where the licence says so."""


def register_organisation(work: Work, new: NewOrganisation) -> Organisation:
    """Put an organisation on the register; its USCC must carry the right check character (GB 32100).

    A code that is on the register already raises `Conflict`, however it is typed.
    """
    code = uscc_of(new.uscc)
    if uscc_fault(code):
        raise Invalid(
            N_("{uscc} is not a Unified Social Credit Code: its check character does not fit."),
            field="uscc",
            way_out=N_("Copy the 18 characters from the business licence."),
            values={"uscc": new.uscc},
        )
    if queries.by_uscc(work.session, code) is not None:
        raise Conflict(
            N_("{uscc} is on the register already."),
            code="organisation_known",
            field="uscc",
            way_out=N_("Sign in for that organisation, or check the 18 characters."),
            values={"uscc": code},
        )
    row = Organisation(
        id=work.new_id(),
        uscc=code,
        name=new.name,
        name_en=new.name_en,
        division_code=new.division_code,
        kinds=[kind.value for kind in new.kinds],
        wanted=[kind.value for kind in new.wanted],
        contact=new.contact,
        simulated=new.simulated,
        insured_to=new.insured_to,
        emergency_to=new.emergency_to,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def add_site(
    work: Work,
    organisation_id: UUID,
    name: str,
    lat: float,
    lon: float,
    division_code: str,
    address: str = "",
) -> Site:
    """Put a site on the map with a round geofence of 300 m; the point must lie in China."""
    check_place(work, lat, lon)
    row = Site(
        id=work.new_id(),
        organisation_id=organisation_id,
        name=name,
        address=address,
        division_code=division_code,
        location=Point(lon, lat),
        boundary=circle(lat, lon, GEOFENCE_M),
    )
    work.session.add(row)
    work.session.flush()
    return row


@dataclass(frozen=True, slots=True)
class Receiving:
    """When a site lets vehicles in and how many at once: local hours of every day, or None and None."""

    opens: time | None = None
    closes: time | None = None
    docks: int | None = None


def set_receiving(work: Work, site_id: UUID, receiving: Receiving) -> Site:
    """State a processor's receiving hours and docks at one of its own sites.

    Raises `NotFound` for another's site, and every field that cannot be right.
    """
    who = work.who
    if not who.has(Role.PROCESSOR) or who.organisation_id is None:
        raise Forbidden(N_("Only a processor states when it receives."))
    row = work.session.scalar(
        select(Site).where(Site.id == site_id, Site.organisation_id == who.organisation_id).with_for_update()
    )
    if row is None:
        raise NotFound("site", site_id)
    raise_all(_receiving_faults(receiving))
    row.opens, row.closes, row.docks = receiving.opens, receiving.closes, receiving.docks
    work.append(
        "ReceivingChanged",
        row.id,
        opens=receiving.opens.strftime("%H:%M") if receiving.opens else "",
        closes=receiving.closes.strftime("%H:%M") if receiving.closes else "",
        docks=receiving.docks or 0,
    )
    return row


def _receiving_faults(receiving: Receiving) -> list[DomainError]:
    faults: list[DomainError] = []
    opens, closes = receiving.opens, receiving.closes
    if (opens is None) != (closes is None):
        empty = "opens" if opens is None else "closes"
        faults.append(Invalid(N_("Say both from when and until when, or neither."), field=empty))
    elif opens is not None and closes is not None and closes <= opens:
        message = N_("The gate closes after it opens, on the same day; leave both empty for day and night.")
        faults.append(Invalid(message, field="closes"))
    if receiving.docks is not None and not 1 <= receiving.docks <= MOST_DOCKS:
        message = N_("A site has 1 to {most} docks; leave it empty where you do not count them.")
        faults.append(Invalid(message, field="docks", values={"most": MOST_DOCKS}))
    return faults


def check_place(work: Work, lat: float, lon: float) -> None:
    """Refuse a point outside China, and say so when latitude and longitude look swapped."""
    fault = place_fault(lat, lon)
    if fault is not None:
        raise broken(fault.value, work.today, field="location", lat=lat, lon=lon)


def circle(lat: float, lon: float, radius_m: float, corners: int = 32) -> Polygon:
    """Return a geodesic circle as a polygon in degrees WGS-84."""
    turns = [360.0 * corner / corners for corner in range(corners)]
    lons, lats, _ = _EARTH.fwd([lon] * corners, [lat] * corners, turns, [radius_m] * corners)
    return Polygon(zip(lons, lats, strict=True))


def add_person(
    work: Work,
    organisation_id: UUID,
    name: str,
    roles: Sequence[Role],
    permit_to: date | None = None,
    escort_to: date | None = None,
) -> Person:
    """Put a person on the register with the roles held in the organisation."""
    row = Person(
        id=work.new_id(),
        organisation_id=organisation_id,
        name=name,
        roles=[role.value for role in roles],
        permit_to=permit_to,
        escort_to=escort_to,
    )
    work.session.add(row)
    return row


def add_licence(work: Work, organisation_id: UUID, new: NewLicence) -> LicenceRow:
    """Put a licence on file."""
    row = LicenceRow(
        id=work.new_id(),
        organisation_id=organisation_id,
        number=new.number,
        kind=new.kind.value,
        modes=[mode.value for mode in new.modes],
        classes=list(new.classes),
        issued_by=new.issued_by,
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        total_kg=new.total_kg,
        lines=[LicenceLineRow(id=work.new_id(), code=code, yearly_kg=kg) for code, kg in new.lines],
    )
    work.session.add(row)
    work.session.flush()
    return row


@dataclass(frozen=True, slots=True)
class Booking:
    """A mass that a receiver is to take, judged with its licences locked."""

    waste: WasteType
    kg: int
    verdict: Judgement
    line: LicenceLineRow | None
    party: gates.Party


def booking(work: Work, organisation_id: UUID, waste: WasteType, mode: Mode, kg: int) -> Booking:
    """Judge a receiver's licence for a mass, and lock what it would be drawn from (L1, L3, L4, L13).

    Licence and line stay locked until the transaction ends, so that two deals cannot both take the last
    tonne of either.
    """
    session, today = work.session, work.today
    known = queries.licences(session, [organisation_id], today.year).get(organisation_id, [])
    for one in known:
        queries.locked_licence(session, one.id)
    locked = {one.id: queries.locked_line(session, one.id, waste.code, waste.category) for one in known}
    party = gates.parties(session, [organisation_id], waste, today)[organisation_id]
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
    near = quota_is_near(verdict.line, kg)
    if near:
        work.append(
            "QuotaNear",
            verdict.licence.id,
            code=judged.waste.code,
            deal=str(deal_id),
            percent=verdict.line.percent(kg),
            rule="L4.quota_near",
        )
    return near


def confirm_draw(work: Work, deal_id: UUID, kg: int) -> None:
    """Replace a deal's booked mass by the mass that was confirmed; zero gives the booking back.

    It counts in the year in which it was confirmed. Whatever has arrived is booked, even where it takes
    the licence beyond 120 per cent: then an alarm is on the record (L4).
    """
    session = work.session
    for row in session.scalars(select(LicenceDraw).where(LicenceDraw.deal_id == deal_id)):
        row.kg = kg
        row.year = work.today.year
        row.confirmed = True
        session.flush()
        if kg:
            _alarm(work, session.get_one(LicenceLineRow, row.line_id), deal_id)


def take(work: Work, organisation_id: UUID, booking_id: UUID, waste: WasteType, mode: Mode, kg: int) -> None:
    """Count what was taken in without a booking before, such as a metered period, against the licence.

    It is there already, so nothing is refused; beyond 120 per cent an alarm is on the record (L4).
    """
    session, year = work.session, work.today.year
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
    confirm_draw(work, booking_id, kg)


def _alarm(work: Work, line_row: LicenceLineRow, deal_id: UUID) -> None:
    """Put it on the record that a licence has taken more than it may without a new application."""
    owner = work.session.get_one(LicenceRow, line_row.licence_id).organisation_id
    held = queries.licences(work.session, [owner], work.today.year)[owner]
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
