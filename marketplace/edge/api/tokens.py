"""How does a program get, list and give up its tokens?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from marketplace.accounts import queries, service
from marketplace.accounts.tables import ApiToken
from marketplace.edge import entry
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit


class TokenWanted(msgspec.Struct, forbid_unknown_fields=True):
    """A login, its password, and a name by which the person will know the token."""

    login: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)] = "API"


class TokenView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A token as its owner sees it; `token` is there once, when it is made."""

    id: UUID
    name: str
    last_four: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    token: str | None = None


def view(row: ApiToken, text: str | None = None) -> TokenView:
    """Return what a token's owner sees."""
    return TokenView(
        row.id, row.name, row.last_four, row.created_at, row.expires_at, row.revoked_at, token=text
    )


class Tokens(Controller):
    """API tokens."""

    path = "/api/v1/tokens"
    tags = ("tokens",)

    @post("/", sync_to_thread=True, operation_id="issue_token")
    def issue(self, request: Visit, door: NamedDependency[Door], data: JSONBody[TokenWanted]) -> TokenView:
        """Give a token for a login and password. It is shown this once."""
        row, text = entry.enter_with_token(door, request, data.login, data.password, data.name)
        return view(row, text)

    @get("/", guards=[signed_in], sync_to_thread=True, operation_id="list_tokens")
    def mine(self, request: Visit, door: NamedDependency[Door]) -> list[TokenView]:
        """List the tokens of the person, newest first."""
        with door.reading(request) as work:
            assert work.who.person_id is not None
            return [view(row) for row in queries.tokens_of(work.session, work.who.person_id)]

    @delete("/{token_id:uuid}", guards=[signed_in], sync_to_thread=True, operation_id="revoke_token")
    def revoke(self, request: Visit, door: NamedDependency[Door], token_id: FromPath[UUID]) -> None:
        """Make a token worthless from now on."""
        with door.work(request) as work:
            assert work.who.person_id is not None
            service.revoke_token(work.session, token_id, work.who.person_id, door.wall())
