"""Which page lets a person hand keys to programs and take them back?"""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from compliance.manifests import reserved
from compliance.record.credential import Credential, ProofWanted
from compliance.record.errors import N_, DomainError
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.signing_keys import queries as key_queries
from compliance.signing_keys import service as signing_keys
from compliance.signing_keys.rules import Algorithm
from marketplace.accounts import queries, service
from marketplace.edge import terminals
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web.forms import Form


class TokenForm(Struct):
    """By which name the person will know the token."""

    name: str = ""


class KeyForm(Struct):
    """What a terminal's browser sends to have its key bound to the person."""

    label: str = ""
    algorithm: Algorithm = Algorithm.ED25519
    public_key: str = ""
    signature: str = ""


class NumbersForm(Struct):
    """From which site a terminal is to issue."""

    site: UUID


class RevokeForm(Struct):
    """Why a terminal no longer signs."""

    reason: str = ""


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
        """Make a token and show it, this once: it signs, so the password was given a short time before."""
        try:
            with door.work(request) as work:
                if work.signed_by() is not Credential.PASSWORD:
                    raise ProofWanted
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

    @post("/keys", sync_to_thread=True, status_code=201)
    def enrol(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[KeyForm]
    ) -> Response[dict[str, str]]:
        """Bind a terminal's key to the person, who gives the password with it."""
        new = signing_keys.NewKey(data.label, data.algorithm, data.public_key, data.signature)
        with door.work(request) as work:
            row = signing_keys.enrol(work, new)
        return Response({"id": str(row.id), "label": row.label}, status_code=201)

    @post(
        "/keys/{key_id:uuid}/numbers", guards=[requires(Role.PRODUCER)], sync_to_thread=True, status_code=200
    )
    def numbers(
        self,
        request: Visit,
        door: NamedDependency[Door],
        key_id: FromPath[UUID],
        data: URLEncodedBody[NumbersForm],
    ) -> Response[dict[str, list[str]]]:
        """Give a terminal that issues the few numbers it lacks for a site; asked again, it has them."""
        with door.work(request) as work:
            key = key_queries.key(work.session, key_id, work.who)
            held = [row.number for row in reserved.keep_ready(work, key, data.site)]
        return Response({"numbers": held})

    @post("/keys/{key_id:uuid}/revoke", sync_to_thread=True)
    def revoke_key(
        self,
        request: Visit,
        door: NamedDependency[Door],
        key_id: FromPath[UUID],
        data: URLEncodedBody[RevokeForm],
    ) -> Response[bytes]:
        """Make a terminal's key worthless; numbers that it holds are void."""
        with door.work(request) as work:
            terminals.revoke(work, key_id, data.reason)
        return go(request, "/account", N_("The terminal signs nothing more."))


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
        keys=key_queries.keys(work.session, work.who),
        tokens=queries.tokens_of(work.session, _person(work)),
        form=form,
        token=token,
    )


ROUTES: list[ControllerRouterHandler] = [Account]
