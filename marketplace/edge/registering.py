"""Which page lets an organisation in that nobody knows yet?"""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody

from compliance.catalogue import queries as catalogue
from compliance.record.database import reading
from compliance.record.errors import N_, DomainError
from compliance.registry.rules import OrganisationKind
from compliance.registry.service import NewOrganisation
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit, visitor
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.parties.entry_api import let_in
from marketplace.parties.rules import TRADES
from marketplace.parties.service import Registration
from marketplace.web.forms import Form

HOME_PROVINCE = "420000"
"""Whose prefectures and counties the form offers; any other six digits may be typed."""


class RegisterForm(msgspec.Struct):
    """What the form sends, as typed."""

    uscc: Annotated[str, msgspec.Meta(max_length=60)] = ""
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    division_code: Annotated[str, msgspec.Meta(max_length=10)] = ""
    contact: Annotated[str, msgspec.Meta(max_length=120)] = ""
    person: Annotated[str, msgspec.Meta(max_length=200)] = ""
    login: Annotated[str, msgspec.Meta(max_length=200)] = ""
    password: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    wanted: list[str] | str = msgspec.field(default_factory=list)

    def kinds(self) -> tuple[OrganisationKind, ...]:
        """Return the kinds of business that were ticked."""
        ticked = [self.wanted] if isinstance(self.wanted, str) else self.wanted
        return tuple(kind for kind in TRADES if kind.value in ticked)


class Registering(Controller):
    """The way in for those whom nobody knows yet."""

    path = "/register"
    include_in_schema = False

    @get("/", sync_to_thread=True)
    def ask(self, request: Visit, door: NamedDependency[Door]) -> Response[str] | Response[bytes]:
        """Ask who the organisation is; who is signed in already is sent on."""
        return go(request, "/") if visitor(request) else _shown(request, door, Form(), ())

    @post("/", sync_to_thread=True)
    def register(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[RegisterForm]
    ) -> Response[str] | Response[bytes]:
        """Let the organisation in; what is refused comes back as it was typed, but for the password."""
        organisation = NewOrganisation(
            uscc=data.uscc,
            name=data.name,
            division_code=data.division_code.strip(),
            kinds=(),
            wanted=data.kinds(),
            contact=data.contact.strip(),
        )
        try:
            let_in(door, request, Registration(organisation, data.person, data.login, data.password))
        except DomainError as refusal:
            door.tally.refused(refusal)
            typed = {
                name: str(value)
                for name, value in msgspec.to_builtins(data).items()
                if name not in {"password", "wanted"}
            }
            form = Form(typed, reasons_by_field(refusal, reader(request)))
            return _shown(request, door, form, data.kinds(), refusal.status)
        return go(request, "/sign-in?next=/organisation", N_("Registered. Sign in and show your documents."))


def _shown(
    request: Visit, door: Door, form: Form, wanted: tuple[OrganisationKind, ...], status: int = 200
) -> Response[str]:
    with reading(door.engine) as session:
        places = [
            (county.code, f"{prefecture.name_zh} {county.name_zh}")
            for prefecture in catalogue.divisions_under(session, HOME_PROVINCE)
            for county in (prefecture, *catalogue.divisions_under(session, prefecture.code))
        ]
    return page(request, "register.html", status, form=form, wanted=wanted, trades=TRADES, places=places)
