"""Keys of terminals over HTTP: enrol, list, revoke, and the manifest numbers that a terminal holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.manifests import reserved
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.signing_keys import queries, service
from compliance.signing_keys.rules import Algorithm
from compliance.signing_keys.tables import ReservedNumber
from marketplace.edge import entry, terminals
from marketplace.edge.api.documents import Reason, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed

Hexadecimal = Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{64,130}$")]


class NewSigningKey(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The public half of a terminal's key in hexadecimal, and the person's password.

    `signature`: of the text `huanlian signing key`, the person's id, the algorithm and the public key, one a
    line, by the key itself.
    """

    label: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    algorithm: Algorithm
    public_key: Hexadecimal
    signature: Hexadecimal
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class NewRevocation(msgspec.Struct, forbid_unknown_fields=True):
    """Why the terminal no longer signs."""

    reason: Reason = ""


class NewNumbers(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """From which of the own sites manifests will be issued, and how many."""

    site_id: UUID
    count: Annotated[int, msgspec.Meta(ge=1, le=reserved.MOST_HELD)] = 5


class NumbersBack(msgspec.Struct, forbid_unknown_fields=True):
    """Why the numbers are not used."""

    reason: Annotated[Reason, msgspec.Meta(min_length=1)]


class SigningKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A terminal's key; its chain stands at `last_seq` and `last_hash`."""

    id: UUID
    person_id: UUID
    person_name: str
    organisation_id: UUID
    label: str
    algorithm: Algorithm
    public_key: str
    enrolled_at: datetime
    last_seq: int
    last_hash: str
    revoked_at: datetime | None
    revoked_by: str
    reason: str


class NumberView(msgspec.Struct, frozen=True, kw_only=True):
    """One number that was reserved for a terminal, and what became of it."""

    number: str
    state: reserved.State
    reserved_at: datetime
    ended_at: datetime | None
    manifest_id: UUID | None
    reason: str


class Numbers(msgspec.Struct, frozen=True):
    """A terminal's numbers in order."""

    items: list[NumberView]


def numbers_view(rows: Sequence[ReservedNumber]) -> Numbers:
    """Return a terminal's numbers as its owner sees them."""
    return Numbers([view(row, NumberView) for row in rows])


class SigningKeys(Controller):
    """The keys with which people sign where there is no signal."""

    path = "/api/v1/signing-keys"
    tags = ("signing keys",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="list_signing_keys")
    def listed(self, request: Visit, door: NamedDependency[Door]) -> list[SigningKeyView]:
        """List the own keys, and those of the whole house for its office; newest first."""
        with door.reading(request) as work:
            return [view(row, SigningKeyView) for row in queries.keys(work.session, work.who)]

    @post(
        "/",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="enrol_signing_key",
        responses=told(SigningKeyView),
    )
    def enrol(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewSigningKey]
    ) -> Response[bytes]:
        """Bind a terminal's key to the person; tries of the password are limited as at the sign-in."""
        entry.confirm(door, request, data.password)

        def act(work: Work) -> SigningKeyView:
            new = service.NewKey(data.label, data.algorithm, data.public_key, data.signature)
            return view(service.enrol(work, new), SigningKeyView)

        return door.once(request, act)

    @post(
        "/{key_id:uuid}/revoke",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="revoke_signing_key",
        responses=told(SigningKeyView, 200),
    )
    def revoke(
        self,
        request: Visit,
        door: NamedDependency[Door],
        key_id: FromPath[UUID],
        data: JSONBody[NewRevocation],
    ) -> Response[bytes]:
        """Make a key worthless; what it holds of numbers is void."""

        def act(work: Work) -> SigningKeyView:
            return view(terminals.revoke(work, key_id, data.reason), SigningKeyView)

        return door.once(request, act, status=200)

    @get("/{key_id:uuid}/numbers", sync_to_thread=True, operation_id="list_reserved_numbers")
    def numbers(self, request: Visit, door: NamedDependency[Door], key_id: FromPath[UUID]) -> Numbers:
        """List the manifest numbers that were reserved for a terminal."""
        with door.reading(request) as work:
            key = queries.seen(work.session, key_id, work.who)
            return numbers_view(queries.numbers(work.session, key.id))

    @post(
        "/{key_id:uuid}/numbers",
        guards=[requires(Role.PRODUCER), keyed],
        sync_to_thread=True,
        operation_id="reserve_numbers",
        responses=told(Numbers),
    )
    def reserve(
        self,
        request: Visit,
        door: NamedDependency[Door],
        key_id: FromPath[UUID],
        data: JSONBody[NewNumbers],
    ) -> Response[bytes]:
        """Reserve manifest numbers for a terminal, to issue without signal; none of them is lost (M2)."""

        def act(work: Work) -> Numbers:
            key = queries.key(work.session, key_id, work.who)
            return numbers_view(reserved.reserve(work, key, data.site_id, data.count))

        return door.once(request, act)

    @post(
        "/{key_id:uuid}/numbers/return",
        guards=[requires(Role.PRODUCER), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="return_numbers",
        responses=told(Numbers, 200),
    )
    def give_back(
        self,
        request: Visit,
        door: NamedDependency[Door],
        key_id: FromPath[UUID],
        data: JSONBody[NumbersBack],
    ) -> Response[bytes]:
        """Give unused numbers back to their series; what was given out after them leaves them void."""

        def act(work: Work) -> Numbers:
            key = queries.key(work.session, key_id, work.who)
            reserved.end(work, queries.numbers(work.session, key.id), data.reason)
            work.session.flush()
            return numbers_view(queries.numbers(work.session, key.id))

        return door.once(request, act, status=200)
