"""How do parties, their sites, people and licences enter the register?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from pyproj import Geod
from shapely import Point, Polygon
from sqlalchemy import select

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
from compliance.registry import queries
from compliance.registry.rules import (
    LicenceKind,
    Mode,
    OrganisationKind,
    place_fault,
    uscc_fault,
    uscc_of,
)
from compliance.registry.tables import (
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
