"""Which small cast of parties does a test need: organisations, sites, people, licences, a manifest?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from itertools import count
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from compliance.catalogue import files
from compliance.catalogue.search import card
from compliance.catalogue.tables import CatalogueEdition, CatalogueEntry, Division
from compliance.manifests.service import NewManifest
from compliance.record.database import transaction
from compliance.record.who import SYSTEM, Role, Who
from compliance.record.work import Work
from compliance.registry import service as registry
from compliance.registry.rules import LicenceKind, Mode, OrganisationKind
from compliance.registry.service import NewLicence, NewOrganisation
from compliance.registry.tables import LicenceRow, Organisation, Person, Site
from tests.factories.snapshots import filled

MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
OIL = "900-214-08"
"""Waste mineral oil from vehicles, hazardous."""
SCRAP = "900-001-S17"
"""Scrap iron, not hazardous."""
WUHAN, EZHOU, XIANTAO, CHANGSHA = "420102", "420704", "429004", "430102"
WUHAN_POINT, EZHOU_POINT = (30.60, 114.30), (30.39, 114.89)
YEARS = date(2025, 1, 1), date(2029, 12, 31)

_serials = count(1)
T = TypeVar("T")


def work_in(session: Session, who: Who = SYSTEM, now: datetime = MORNING) -> Work:
    """Return a unit of work in a session."""
    return Work(session, now, who)


def company_code(serial: int, division: str = "420100") -> str:
    """Return a Unified Social Credit Code with the right check character."""
    body = f"91{division}{serial:09d}"
    return body + str(uscc.calc_check_digit(body))


def waste(work: Work, *codes: str) -> None:
    """Put some kinds of waste into the catalogue, with the editions that list them."""
    chosen = [one for one in files.waste_types() if one.code in codes]
    editions = {one.edition for one in chosen}
    rows = [asdict(one) for one in files.EDITIONS if one.code in editions]
    work.session.execute(insert(CatalogueEdition), rows)
    entries = [
        asdict(one)
        | {
            "search_text": card(
                one.code, one.category, one.category_name, one.industry, one.description, ()
            ).text
        }
        for one in chosen
    ]
    work.session.execute(insert(CatalogueEntry), entries)


def further(work: Work, code: str) -> None:
    """Put one more code into the catalogue, whose editions are there."""
    rows = [asdict(one) | {"search_text": ""} for one in files.waste_types() if one.code == code]
    work.session.execute(insert(CatalogueEntry), rows)


def divisions(work: Work, *codes: str) -> None:
    """Put some administrative divisions on file, with those above them."""
    by_code = {one.code: one for one in files.places()}
    wanted: set[str] = set()
    for code in codes:
        above: str | None = code
        while above is not None:
            wanted.add(above)
            above = by_code[above].parent_code
    rows = sorted((asdict(by_code[code]) for code in wanted), key=lambda row: str(row["code"]))
    work.session.execute(insert(Division), rows)


def organisation(
    work: Work, kind: OrganisationKind, name: str = "", division_code: str = WUHAN
) -> Organisation:
    """Register an organisation that does one kind of business."""
    serial = next(_serials)
    code, called = company_code(serial), name or f"{kind} {serial}"
    new = NewOrganisation(code, called, division_code, (kind,), insured_to=YEARS[1], emergency_to=YEARS[1])
    return registry.register_organisation(work, new)


def site(
    work: Work,
    owner: UUID,
    at: tuple[float, float] = WUHAN_POINT,
    division_code: str = WUHAN,
    name: str = "Works",
) -> Site:
    """Put a site on the map, (latitude, longitude)."""
    return registry.add_site(work, owner, name, *at, division_code)


def person(work: Work, owner: UUID, *roles: Role, permit_to: date | None = None) -> Person:
    """Register a person with roles."""
    row = registry.add_person(work, owner, " ".join(roles), roles, permit_to)
    work.session.flush()
    return row


def escort(work: Work, owner: UUID, name: str = "Escort") -> Person:
    """Register somebody with an escort's certificate, who has no role here (L9)."""
    row = registry.add_person(work, owner, name, (), None, YEARS[1])
    work.session.flush()
    return row


def as_who(row: Person) -> Who:
    """Return a registered person as the one who acts."""
    return Who(row.id, row.name, row.organisation_id, frozenset(Role(role) for role in row.roles))


def hazardous_licence(
    work: Work,
    owner: UUID,
    *lines: tuple[str, int],
    modes: tuple[Mode, ...] = (Mode.USE,),
    days: tuple[date, date] = YEARS,
    number: str = "HW-1",
) -> LicenceRow:
    """File a comprehensive licence; a line is (code or category, kilograms a year)."""
    new = NewLicence(number, LicenceKind.COMPREHENSIVE, *days, modes=modes, lines=lines)
    return registry.add_licence(work, owner, new)


def contractor(
    work: Work, owner: UUID, *lines: tuple[str, int], days: tuple[date, date] = YEARS
) -> LicenceRow:
    """File the verified status of a processor of other waste (L13)."""
    new = NewLicence("C-1", LicenceKind.CONTRACTOR, *days, modes=(Mode.USE,), lines=lines)
    return registry.add_licence(work, owner, new)


def carrier_permit(
    work: Work, owner: UUID, *classes: str, days: tuple[date, date] = YEARS, number: str = "DG-1"
) -> LicenceRow:
    """File a carrier's permit: dangerous goods of these classes, or ordinary road goods without any."""
    kind = LicenceKind.DANGEROUS_GOODS if classes else LicenceKind.ROAD
    return registry.add_licence(work, owner, NewLicence(number, kind, *days, classes=classes))


@dataclass(frozen=True, slots=True)
class Cast:
    """Everyone around one load of waste oil from Wuhan to Ezhou, all papers in order."""

    producer: Who
    processor: Who
    dispatcher: Who
    driver: Who
    stranger: Who
    inspector: Who
    operator: Who
    origin_id: UUID
    destination_id: UUID

    @property
    def everyone(self) -> tuple[Who, ...]:
        """Return all people of the cast."""
        return (
            self.producer,
            self.processor,
            self.dispatcher,
            self.driver,
            self.stranger,
            self.inspector,
            self.operator,
        )

    def load(self, **changes: object) -> NewManifest:
        """Return what a fresh deal between these parties fixes."""
        new = NewManifest(
            deal_id=uuid4(),
            mover_id=_own(self.producer),
            carrier_id=_own(self.dispatcher),
            receiver_id=_own(self.processor),
            origin_site_id=self.origin_id,
            destination_site_id=self.destination_id,
            vehicle_id=uuid4(),
            plate="鄂A·70012",
            driver_id=self.driver.person_id,
            code=OIL,
            mode=Mode.USE.value,
            planned_kg=10_000,
        )
        return replace(new, **changes)  # type: ignore[arg-type]


def cast(work: Work) -> Cast:
    """Register the cast with the catalogue entries and divisions that it needs."""
    waste(work, OIL, SCRAP)
    divisions(work, WUHAN, EZHOU, XIANTAO, CHANGSHA)
    mover = organisation(work, OrganisationKind.PRODUCER).id
    receiver = organisation(work, OrganisationKind.PROCESSOR, division_code=EZHOU).id
    carrier = organisation(work, OrganisationKind.CARRIER).id
    other = organisation(work, OrganisationKind.CARRIER).id
    authority = organisation(work, OrganisationKind.AUTHORITY).id
    hazardous_licence(work, receiver, (OIL, 1_000_000))
    carrier_permit(work, carrier, "3", "6", "8")
    escort(work, carrier)

    def who(owner: UUID, role: Role, permit_to: date | None = None) -> Who:
        return as_who(person(work, owner, role, permit_to=permit_to))

    return Cast(
        producer=who(mover, Role.PRODUCER),
        processor=who(receiver, Role.PROCESSOR),
        dispatcher=who(carrier, Role.DISPATCHER),
        driver=who(carrier, Role.DRIVER, permit_to=YEARS[1]),
        stranger=who(other, Role.DISPATCHER),
        inspector=who(authority, Role.INSPECTOR),
        operator=who(authority, Role.OPERATOR),
        origin_id=site(work, mover).id,
        destination_id=site(work, receiver, EZHOU_POINT, EZHOU).id,
    )


def gathered(engine: Engine) -> Cast:
    """Register the cast in a database; where that is empty, by a copy of one where they are already."""
    return filled(engine, ("cast",), lambda: committed(engine, cast))


def committed(engine: Engine, make: Callable[[Work], T], who: Who = SYSTEM, now: datetime = MORNING) -> T:
    """Do something in a transaction of its own and return what it returned."""
    with transaction(engine) as session:
        return make(work_in(session, who, now))


def _own(who: Who) -> UUID:
    assert who.organisation_id is not None
    return who.organisation_id
