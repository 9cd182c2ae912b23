"""Hand-overs by code over HTTP: show one, look at what it stands for, take the load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.manifests import queries
from compliance.manifests.tables import Manifest
from compliance.receipts import queries as receipts
from compliance.record.database import transaction
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.accounts import service as accounts
from marketplace.edge.api.documents import Kilograms, Latitude, Longitude, Reason, told, view
from marketplace.edge.api.manifests import ManifestView
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit, signed_in_who
from marketplace.edge.once import keyed, with_secret
from marketplace.hand_codes import service
from marketplace.hand_codes.rules import TRIES, CodeOver, Kind
from marketplace.hand_codes.tables import HandCode

CREW = requires(Role.DRIVER, Role.DISPATCHER)
TAKERS = requires(Role.DRIVER, Role.DISPATCHER, Role.PROCESSOR, Role.PRODUCER)


class NewHandCode(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which hand-over the giver signs for, and where."""

    manifest_id: UUID
    kind: Kind
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""
    lat: Latitude | None = None
    lon: Longitude | None = None


class HandCodeView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code that was shown; `code` stands in the first answer alone."""

    id: UUID
    manifest_id: UUID
    kind: Kind
    giver_name: str
    place: str
    expires_at: datetime
    used_at: datetime | None = None
    code: str | None = None


class CodeText(msgspec.Struct, forbid_unknown_fields=True):
    """The digits, or the whole text of the QR code."""

    code: Annotated[str, msgspec.Meta(max_length=400)]


class NewTaking(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the taker adds: the vehicle of the next carrier, or the mass that the receiver accepts."""

    code: Annotated[str, msgspec.Meta(max_length=400)]
    plate: Annotated[str, msgspec.Meta(max_length=20)] = ""
    accepted_kg: Kilograms | None = None
    reason: Reason = ""
    lat: Latitude | None = None
    lon: Longitude | None = None


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """What a code stands for: who gives which load, and what the receiver's scale said of it."""

    code: HandCodeView
    number: str | None
    waste_name: str
    waste_code: str
    hazardous: bool
    plate: str
    loaded_kg: int | None
    received_kg: int | None


@contextmanager
def counted(door: Door, request: Visit) -> Iterator[None]:
    """Charge a try of a code before it is looked at; only a code that is not good stays charged."""
    key = f"hand:{signed_in_who(request).person_id}"
    with transaction(door.engine) as session:
        accounts.charge_one(session, key, TRIES, door.wall())
    wrong = False
    try:
        yield
    except CodeOver:
        wrong = True
        raise
    finally:
        if not wrong:
            with transaction(door.engine) as session:
                accounts.give_back(session, key)


def offered(door: Door, request: Visit, text: str) -> tuple[HandCode, Manifest, int | None]:
    """Return what a code stands for; wrong codes are counted by person, and limited."""
    with counted(door, request), door.reading(request) as work:
        row = service.find(work.session, text, door.wall())
        manifest = work.session.get_one(Manifest, row.manifest_id)
        receipt = receipts.of_manifest(work.session, manifest.id)
        return row, manifest, receipt.receiver_kg if receipt else None


class HandCodes(Controller):
    """Two signatures in one act."""

    path = "/api/v1/hand-codes"
    tags = ("hand codes",)

    @post(
        "/",
        guards=[CREW, keyed],
        sync_to_thread=True,
        operation_id="show_hand_code",
        responses=told(HandCodeView),
    )
    def show(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewHandCode]
    ) -> Response[bytes]:
        """Sign the giver's half and get a code, good for five minutes and one use."""
        secret: dict[str, str] = {}

        def act(work: Work) -> HandCodeView:
            row = queries.manifest(work.session, data.manifest_id, work.who)
            giving = service.Giving(data.kind, data.place, data.lat, data.lon)
            found, secret["code"] = service.show(work, row, giving, door.wall())
            return view(found, HandCodeView)

        return with_secret(door.once(request, act), secret)

    @get("/{code_id:uuid}", guards=[CREW], sync_to_thread=True, operation_id="get_hand_code")
    def state(self, request: Visit, door: NamedDependency[Door], code_id: FromPath[UUID]) -> HandCodeView:
        """Tell the giver whether the code was used."""
        with door.reading(request) as work:
            row = service.own(work.session, code_id, work.who)
            return view(row, HandCodeView)

    @post(
        "/look",
        guards=[TAKERS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="look_at_hand_code",
    )
    def look(self, request: Visit, door: NamedDependency[Door], data: JSONBody[CodeText]) -> Offered:
        """Show the taker what a code stands for; nothing is moved."""
        row, manifest, received_kg = offered(door, request, data.code)
        return Offered(
            code=view(row, HandCodeView),
            number=manifest.number,
            waste_name=manifest.waste_name,
            waste_code=manifest.code,
            hazardous=manifest.hazardous,
            plate=manifest.plate,
            loaded_kg=manifest.loaded_kg,
            received_kg=received_kg,
        )

    @post(
        "/take",
        guards=[TAKERS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="take_by_hand_code",
        responses=told(ManifestView, 200),
    )
    def take(self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewTaking]) -> Response[bytes]:
        """Take the load: both signatures land in one act, or neither."""
        taking = service.Taking(data.plate, data.accepted_kg, data.reason, data.lat, data.lon)

        def act(work: Work) -> ManifestView:
            return view(service.take(work, data.code, taking, door.wall()), ManifestView)

        with counted(door, request):
            return door.once(request, act, status=200)
