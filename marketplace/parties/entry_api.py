"""Coming in over HTTP: register an organisation, enter its sites, people and vehicles."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from compliance.record.database import transaction
from compliance.record.who import SYSTEM, Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import OrganisationKind
from compliance.registry.service import NewOrganisation
from compliance.registry.tables import Person
from marketplace.edge import entry
from marketplace.edge.api.documents import told, view
from marketplace.edge.api.registry import OrganisationView
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.parties import service
from marketplace.parties.service import NewPerson, Registration
from marketplace.parties.wire import Short

OWN = requires(Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER)
DivisionCode = Annotated[str, msgspec.Meta(pattern=r"^\d{6}$", description="of the prefecture or county")]


class RegistrationWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An organisation and the person who acts for it first."""

    uscc: Annotated[str, msgspec.Meta(max_length=40)]
    name: Short
    name_en: Short = ""
    division_code: DivisionCode
    wanted: list[OrganisationKind]
    contact: Short = ""
    person: Short
    login: Short
    password: Annotated[str, msgspec.Meta(max_length=1000)]

    def meant(self) -> Registration:
        """Return the registration as the service takes it."""
        organisation = NewOrganisation(
            uscc=self.uscc,
            name=self.name,
            name_en=self.name_en,
            division_code=self.division_code,
            kinds=(),
            wanted=tuple(dict.fromkeys(self.wanted)),
            contact=self.contact,
        )
        return Registration(organisation, self.person, self.login, self.password)


class PersonWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Somebody of the own organisation; without roles: an escort. A login opens the pages to the person."""

    name: Short
    roles: list[Role] = []
    login: Short = ""
    password: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the own organisation, with the last days of the certificates."""

    id: UUID
    organisation_id: UUID
    name: str
    roles: list[Role]
    permit_to: str | None
    escort_to: str | None


class PeopleView(msgspec.Struct, frozen=True, kw_only=True):
    """People by name."""

    items: list[PersonView]


def person_view(row: Person) -> PersonView:
    """Return a person as the own organisation's programs read it."""
    return PersonView(
        id=row.id,
        organisation_id=row.organisation_id,
        name=row.name,
        roles=[Role(role) for role in row.roles],
        permit_to=row.permit_to.isoformat() if row.permit_to else None,
        escort_to=row.escort_to.isoformat() if row.escort_to else None,
    )


def let_in(door: Door, request: Visit, new: Registration) -> OrganisationView:
    """Register an organisation for somebody nobody knows yet; counted by the sender's address."""
    with transaction(door.engine) as session:
        service.charge(Work(session, door.now(), SYSTEM), entry.address_of(request), door.wall())
    with transaction(door.engine) as session:
        return view(service.register(Work(session, door.now(), SYSTEM), new), OrganisationView)


class Registrations(Controller):
    """The way in for those whom nobody knows yet."""

    path = "/api/v1/registrations"
    tags = ("registry",)

    @post("/", sync_to_thread=True, operation_id="register_organisation")
    def register(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[RegistrationWanted]
    ) -> OrganisationView:
        """Register an organisation with its first person; the same credit code a second time is refused.

        It may act once the documents of its checklist are accepted.
        """
        return let_in(door, request, data.meant())


class People(Controller):
    """People of the own organisation."""

    path = "/api/v1/people"
    tags = ("registry",)

    @get("/", guards=[OWN], sync_to_thread=True, operation_id="list_people")
    def mine(self, request: Visit, door: NamedDependency[Door]) -> PeopleView:
        """List the people of the own organisation."""
        with door.reading(request) as work:
            rows = registry.people_of(work.session, service.own_organisation(work))
            return PeopleView(items=[person_view(row) for row in rows])

    @post(
        "/", guards=[OWN, keyed], sync_to_thread=True, operation_id="add_person", responses=told(PersonView)
    )
    def add(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[PersonWanted]
    ) -> Response[bytes]:
        """Enter somebody of the own organisation, with a login where one is given."""
        new = NewPerson(data.name, tuple(dict.fromkeys(data.roles)), data.login, data.password)
        return door.once(request, lambda work: person_view(service.add_person(work, new)))
