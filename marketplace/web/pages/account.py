"""Which page lets a person hand keys to programs and take them back?"""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from compliance.record.errors import N_, DomainError
from compliance.record.work import Work
from compliance.registry import queries as registry
from marketplace.accounts import queries, service
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web.forms import Form


class TokenForm(Struct):
    """By which name the person will know the token."""

    name: str = ""


class Account(Controller):
    """The person's own account."""

    path = "/account"
    guards = (signed_in,)
    include_in_schema = False

    @get("/", sync_to_thread=True)
    def look(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show who is signed in, for whom, and the tokens."""
        held = door.held(request)
        with door.reading(request) as work:
            return _account(request, work, Form({name: values[0] for name, values in held.items() if values}))

    @post("/tokens", sync_to_thread=True)
    def issue(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[TokenForm]
    ) -> Response[str]:
        """Make a token and show it, this once: it is kept nowhere."""
        try:
            with door.work(request) as work:
                text = service.issue_token(work.session, _person(work), data.name, door.wall())[1]
        except DomainError as refusal:
            form = Form({"name": data.name}, reasons_by_field(refusal, reader(request)))
            with door.reading(request) as work:
                return _account(request, work, form, status=refusal.status)
        with door.reading(request) as work:
            return _account(request, work, Form(), token=text)

    @post("/tokens/{token_id:uuid}/revoke", sync_to_thread=True)
    def revoke(
        self, request: Visit, door: NamedDependency[Door], token_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Make a token worthless from now on."""
        with door.work(request) as work:
            service.revoke_token(work.session, token_id, _person(work), door.wall())
        return go(request, "/account", N_("The token is revoked."))


def _person(work: Work) -> UUID:
    assert work.who.person_id is not None
    return work.who.person_id


def _account(request: Visit, work: Work, form: Form, *, token: str = "", status: int = 200) -> Response[str]:
    assert work.who.organisation_id is not None
    return page(
        request,
        "account/account.html",
        status,
        organisation=registry.organisation(work.session, work.who.organisation_id),
        tokens=queries.tokens_of(work.session, _person(work)),
        form=form,
        token=token,
    )


ROUTES: list[ControllerRouterHandler] = [Account]
