"""How does a party come in by itself, and enter its sites, people and vehicles?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from compliance.catalogue import queries as catalogue
from compliance.qualification.rules import Subject
from compliance.qualification.service import PARTY_ROLES, About
from compliance.record.errors import N_, DomainError, Forbidden, Invalid, NotFound, Several, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry import service as registry_service
from compliance.registry.rules import OrganisationKind
from compliance.registry.service import NewOrganisation
from compliance.registry.tables import Organisation, Person, Site
from marketplace.accounts import service as accounts
from marketplace.parties.rules import FIRST_ROLE, TRADES, roles_of
from tracking.fleet import queries as fleet
from tracking.fleet import service as fleet_service
from tracking.fleet.service import NewVehicle
from tracking.fleet.tables import Vehicle

REGISTRATIONS = 10
"""New organisations from one address in a quarter of an hour."""
LARGEST_LOAD_KG = 60_000


@dataclass(frozen=True, slots=True)
class Registration:
    """An organisation that comes in by itself, with the person who acts for it first."""

    organisation: NewOrganisation
    person: str
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class NewSite:
    """A place of the own organisation, degrees WGS-84."""

    name: str
    lat: float
    lon: float
    division_code: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who acts for the own organisation; without a role: an escort, who signs nothing here."""

    name: str
    roles: tuple[Role, ...] = ()
    login: str = ""
    password: str = ""


def charge(work: Work, address: str, at: datetime) -> None:
    """Count one registration from an address; raises `TooManyTries` beyond ten in a quarter of an hour."""
    accounts.charge_one(work.session, f"registration:{address[:80]}", REGISTRATIONS, at)


def register(work: Work, new: Registration) -> Organisation:
    """Let an organisation and its first person in; it may act once its documents are accepted (A1).

    Raises every fault at once. An organisation that is on the register already is refused: its own people
    let further people in.
    """
    kinds = new.organisation.wanted
    asked = replace(new.organisation, kinds=(), simulated=False, name=new.organisation.name.strip())
    made: list[Organisation] = []

    def organisation() -> None:
        made.append(registry_service.register_organisation(work, asked))

    faults = _collected(
        lambda: _require_trades(kinds),
        lambda: require_name(asked.name, "name", 120),
        lambda: require_name(new.person, "person", 60),
        lambda: _require_division(work, asked.division_code),
        organisation,
    )
    roles = sorted({FIRST_ROLE[kind] for kind in kinds if kind in FIRST_ROLE})
    if made:
        person = registry_service.add_person(work, made[0].id, new.person.strip(), roles)
        work.session.flush()
        faults += _collected(
            lambda: accounts.create_account(work.session, person.id, new.login, new.password)
        )
    raise_all(faults)
    row = made[0]
    work.append("OrganisationRegistered", row.id, uscc=row.uscc, wanted=list(row.wanted))
    return row


def add_site(work: Work, new: NewSite) -> Site:
    """Put a site of the own organisation on the map."""
    owner = own_organisation(work)
    raise_all(
        _collected(
            lambda: require_name(new.name, "name", 120),
            lambda: _require_division(work, new.division_code),
            lambda: registry_service.check_place(work, new.lat, new.lon),
        )
    )
    row = registry_service.add_site(
        work, owner, new.name.strip(), new.lat, new.lon, new.division_code, new.address.strip()[:200]
    )
    work.append("SiteAdded", row.id, organisation=str(owner), division=row.division_code)
    return row


def add_person(work: Work, new: NewPerson) -> Person:
    """Enter somebody of the own organisation, with a login where one is given."""
    owner = own_organisation(work)
    row = registry.organisation(work.session, owner)
    allowed = roles_of([*row.kinds, *row.wanted])
    raise_all(
        _collected(lambda: require_name(new.name, "name", 60), lambda: _require_roles(new.roles, allowed))
    )
    person = registry_service.add_person(work, owner, new.name.strip(), new.roles)
    work.session.flush()
    if new.login or new.password:
        accounts.create_account(work.session, person.id, new.login, new.password)
    work.append("PersonAdded", person.id, organisation=str(owner), roles=list(person.roles))
    return person


def add_vehicle(work: Work, new: NewVehicle) -> Vehicle:
    """Enter a vehicle of the own carrier; it may load once its certificate is accepted (L9)."""
    owner = own_organisation(work)
    if not work.who.has(Role.DISPATCHER):
        raise Forbidden(N_("Only a carrier's dispatcher enters vehicles."))
    raise_all(
        _collected(
            lambda: require_name(new.plate, "plate", 16),
            lambda: _require_capacity(new.capacity_kg),
            lambda: _require_own(work, owner, new),
        )
    )
    row = fleet_service.add_vehicle(
        work, replace(new, carrier_id=owner, dg_classes=(), permit_to=None, simulated=False)
    )
    work.append("VehicleAdded", row.id, organisation=str(owner), plate=row.plate)
    return row


def own_organisation(work: Work) -> UUID:
    """Return the organisation for which a person may enter things, or raise `Forbidden`."""
    if not work.who.has(*PARTY_ROLES) or work.who.organisation_id is None:
        raise Forbidden(N_("Only an organisation's own people enter what belongs to it."))
    return work.who.organisation_id


def about(work: Work, subject: Subject, subject_id: UUID) -> About:
    """Return whom or what of the own organisation a document is about; `NotFound` for another's."""
    owner = own_organisation(work)
    if subject is Subject.ORGANISATION and subject_id == owner:
        return About(subject, owner, owner, registry.organisation(work.session, owner).name)
    if subject is Subject.PERSON:
        person = registry.people(work.session, [subject_id]).get(subject_id)
        if person is not None and person.organisation_id == owner:
            return About(subject, person.id, owner, person.name)
    if subject is Subject.VEHICLE:
        vehicle = fleet.vehicle(work.session, subject_id, work.who)
        if vehicle.carrier_id == owner:
            return About(subject, vehicle.id, owner, vehicle.plate)
    raise NotFound(subject.value, subject_id)


def require_name(text: str, field: str, most: int) -> None:
    """Refuse a name that is empty or too long to be kept."""
    if not 2 <= len(text.strip()) <= most:
        raise Invalid(N_("Write 2 to {most} characters."), field=field, values={"most": most})


def _require_trades(kinds: tuple[OrganisationKind, ...]) -> None:
    if not kinds or not set(kinds) <= set(TRADES):
        raise Invalid(N_("Say what the organisation does: producer, carrier, processor."), field="wanted")


def _require_roles(roles: tuple[Role, ...], allowed: frozenset[Role]) -> None:
    if not set(roles) <= allowed:
        raise Invalid(N_("Nobody has this role in an organisation of this kind."), field="roles")


def _require_capacity(kg: int) -> None:
    if not 0 < kg <= LARGEST_LOAD_KG:
        raise Invalid(
            N_("A vehicle carries 1 to {most} kg."), field="capacity_kg", values={"most": LARGEST_LOAD_KG}
        )


def _require_own(work: Work, owner: UUID, new: NewVehicle) -> None:
    """Refuse a driver or a home that belongs to somebody else."""
    if new.driver_id is not None and new.driver_id not in {
        row.id for row in registry.drivers_of(work.session, owner)
    }:
        raise Invalid(N_("Choose one of the own drivers."), field="driver_id")
    if new.home_site_id is not None:
        site = registry.sites(work.session, [new.home_site_id]).get(new.home_site_id)
        if site is None or site.organisation_id != owner:
            raise Invalid(N_("Choose one of the own sites."), field="home_site_id")


def _require_division(work: Work, code: str) -> None:
    try:
        catalogue.prefecture_of(work.session, code)
    except NotFound:
        raise Invalid(
            N_("Choose the prefecture or county in which it lies."), field="division_code"
        ) from None


def _collected(*acts: Callable[[], object]) -> list[DomainError]:
    """Carry out some checks and return what each of them refused."""
    faults: list[DomainError] = []
    for act in acts:
        try:
            act()
        except Several as several:
            faults += several.errors
        except DomainError as refusal:
            faults.append(refusal)
    return faults
