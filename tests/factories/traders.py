"""Who trades in the tests' small market, where, and with which licences?"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from stdnum.cn import uscc

from compliance.catalogue import files
from compliance.catalogue.rules import WasteType
from compliance.catalogue.tables import CatalogueEdition, CatalogueEntry, Division
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import service as registry
from compliance.registry.rules import LicenceKind, Mode, OrganisationKind
from compliance.registry.service import NewLicence, NewOrganisation
from devices.codecs.telemetry_json import public_key_of
from tracking.fleet import service as fleet
from tracking.fleet.rules import DeviceKind
from tracking.fleet.service import NewDevice, NewVehicle

OIL, PAPER = "900-214-08", "900-005-S17"
CODES = {OIL, PAPER}
DIVISIONS = {"420000", "420100", "420500", "420700", "410000", "410100"}
WUHAN, EZHOU, YICHANG = (30.60, 114.30), (30.39, 114.89), (30.69, 111.29)


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation with its site and the person who acts for it."""

    who: Who
    site_id: UUID

    @property
    def id(self) -> UUID:
        """Return the organisation."""
        assert self.who.organisation_id is not None
        return self.who.organisation_id


@dataclass
class Cast:
    """Everybody, by name, and the carrier's drivers and vehicles."""

    parties: dict[str, Party] = field(default_factory=dict)
    drivers: list[Who] = field(default_factory=list)
    vehicles: list[UUID] = field(default_factory=list)


def gather(work: Work, vehicles: int) -> Cast:
    """Register everybody with catalogue, licences, scales and as many trucks as asked for."""
    cast = Cast()
    fill_catalogue(work)
    _traders(work, cast)
    _carrier(work, cast, vehicles)
    add_party(work, cast, "inspector", OrganisationKind.AUTHORITY, Role.INSPECTOR, "420100", WUHAN)
    add_party(work, cast, "operator", OrganisationKind.OPERATOR, Role.OPERATOR, "420100", WUHAN)
    return cast


def scale_of(party: str) -> str:
    """Return the name of a party's scale."""
    return f"scale-{party}"


def key_of(name: str) -> str:
    """Return a scale's private key."""
    return name.encode().hex().ljust(64, "0")[:64]


def fill_catalogue(work: Work) -> None:
    """Put the few codes and divisions of these tests in, from the bundled files."""
    wastes = _wastes()
    editions = {one.edition for one in wastes}
    execute = work.session.execute
    execute(insert(CatalogueEdition), [asdict(one) for one in files.EDITIONS if one.code in editions])
    execute(insert(CatalogueEntry), [asdict(one) | {"search_text": ""} for one in wastes])
    execute(insert(Division), [asdict(one) for one in files.places() if one.code in DIVISIONS])


@cache
def _wastes() -> list[WasteType]:
    """Read the bundled catalogue once: it is long."""
    return [one for one in files.waste_types() if one.code in CODES]


def _traders(work: Work, cast: Cast) -> None:
    producer, processor = OrganisationKind.PRODUCER, OrganisationKind.PROCESSOR
    add_party(work, cast, "producer", producer, Role.PRODUCER, "420100", WUHAN)
    add_party(work, cast, "neighbour", producer, Role.PRODUCER, "420100", (30.58, 114.25))
    add_party(work, cast, "processor", processor, Role.PROCESSOR, "420700", EZHOU)
    add_party(work, cast, "distant", processor, Role.PROCESSOR, "420500", YICHANG)
    for name in ("processor", "distant"):
        license_processor(work, cast.parties[name].id)


def license_processor(work: Work, organisation_id: UUID, **more: Any) -> UUID:
    """Give a processor a licence for 1,000 t of waste oil a year, and the contractor status for paper."""
    days = timedelta(days=200)
    oil = NewLicence(
        number="S42-001",
        kind=LicenceKind.COMPREHENSIVE,
        valid_from=work.today - days,
        valid_to=work.today + days,
        modes=(Mode.USE, Mode.DISPOSE),
        lines=((OIL, 1_000_000),),
    )
    paper = replace(oil, number="C42-001", kind=LicenceKind.CONTRACTOR, lines=((PAPER, 1_000_000),))
    registry.add_licence(work, organisation_id, paper)
    return registry.add_licence(work, organisation_id, replace(oil, **more)).id


def _carrier(work: Work, cast: Cast, vehicles: int) -> None:
    carrier = add_party(work, cast, "carrier", OrganisationKind.CARRIER, Role.DISPATCHER, "420100", WUHAN)
    days = timedelta(days=200)
    licence = NewLicence(
        number="D42-001",
        kind=LicenceKind.DANGEROUS_GOODS,
        valid_from=work.today - days,
        valid_to=work.today + days,
        classes=("3", "6"),
    )
    registry.add_licence(work, carrier.id, licence)
    registry.add_person(work, carrier.id, "Escort", [], None, work.today + days)
    for number in range(vehicles):
        permit = work.today + days
        driver = registry.add_person(work, carrier.id, f"Driver {number}", [Role.DRIVER], permit)
        new = NewVehicle(
            carrier_id=carrier.id,
            plate=f"鄂A{70000 + number}",
            capacity_kg=30_000,
            home_lat=WUHAN[0] + number / 10,
            home_lon=WUHAN[1],
            driver_id=driver.id,
            dg_classes=("3", "6"),
            permit_to=permit,
        )
        cast.vehicles.append(fleet.add_vehicle(work, new).id)
        cast.drivers.append(Who(driver.id, driver.name, carrier.id, frozenset({Role.DRIVER})))


def add_party(
    work: Work,
    cast: Cast,
    name: str,
    kind: OrganisationKind,
    role: Role,
    division: str,
    place: tuple[float, float],
) -> Party:
    """Register an organisation with its site, its scale and the person who acts for it."""
    last = work.today + timedelta(days=200)
    new = NewOrganisation(
        _uscc(len(cast.parties)), name, division, (kind,), insured_to=last, emergency_to=last
    )
    organisation = registry.register_organisation(work, new)
    site = registry.add_site(work, organisation.id, f"{name} site", *place, division)
    person = registry.add_person(work, organisation.id, name, [role])
    work.session.flush()
    scale = scale_of(name)
    key = public_key_of(key_of(scale))
    fleet.enrol_device(work, NewDevice(scale, "t1", DeviceKind.SCALE, key, site_id=site.id))
    party = Party(Who(person.id, name, organisation.id, frozenset({role})), site.id)
    cast.parties[name] = party
    return party


def _uscc(number: int) -> str:
    body = f"91420100MAXN{number:05d}"
    return body + str(uscc.calc_check_digit(body))
