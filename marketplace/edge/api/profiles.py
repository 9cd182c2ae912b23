"""Profiles over HTTP: what a family of waste asks, batteries with their lives, phosphogypsum in balance."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.manifests import queries as manifests
from compliance.profiles import queries, service
from compliance.profiles.identity import Identity, Kind, read
from compliance.profiles.tables import Battery
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import CursorParameter, LimitParameter, YearParameter, told, view
from marketplace.edge.api.ledgers import KEEPS, READS, OfParameter
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import reader
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.lots import queries as lots
from marketplace.web import ledger_views
from marketplace.web.profile_views import LotProfile, PlantView, lot_profile, plants


class NewFacts(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is told of a lot, by the keys of its profile."""

    facts: dict[str, str]


class NewBattery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A battery by its 24 characters, and the pack or module that it is part of."""

    code: Annotated[str, msgspec.Meta(max_length=40)]
    parent: Annotated[str, msgspec.Meta(max_length=40)] = ""
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""


class BatteryView(msgspec.Struct, frozen=True, kw_only=True):
    """A battery as it stands."""

    code: str
    kind: Kind
    holder_id: UUID
    parent_code: str | None
    manifest_id: UUID | None
    dismantled_at: datetime | None
    note: str
    created_at: datetime


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a battery's life."""

    step: str
    other_code: str | None
    holder_id: UUID
    manifest_id: UUID | None
    at: datetime


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """A battery with what its code says, what is in it, what came out of it, and its life."""

    battery: BatteryView
    maker: str
    made_on: str
    serial: str
    parts: list[BatteryView]
    came_out: list[str]
    steps: list[StepView]


class Loaded(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which batteries travel under a manifest."""

    codes: Annotated[list[str], msgspec.Meta(max_length=500)]


class LotProfiles(Controller):
    """What a lot's family of waste asks."""

    path = "/api/v1/lots/{lot_id:uuid}/profile"
    tags = ("profiles",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="get_lot_profile")
    def shown(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> LotProfile:
        """Show what a lot's profile asks, what is told, and what is missing."""
        with door.reading(request) as work:
            row = lots.lot(work.session, lot_id, work.who)
            return lot_profile(work, lot_id, row.code, reader(request))

    @post(
        "/",
        guards=[requires(Role.PRODUCER), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="tell_lot_facts",
        responses=told(LotProfile, 200),
    )
    def tell(
        self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID], data: JSONBody[NewFacts]
    ) -> Response[bytes]:
        """Tell what a lot's profile wants to know; it is printed on the manifest."""
        language = reader(request)

        def act(work: Work) -> LotProfile:
            row = lots.own_lot(work.session, lot_id, work.who)
            service.tell(work, row.id, row.code, data.facts)
            work.session.flush()
            return lot_profile(work, row.id, row.code, language)

        return door.once(request, act, status=200)


class Batteries(Controller):
    """Used power batteries by their identity."""

    path = "/api/v1/batteries"
    tags = ("profiles",)
    guards = (READS,)

    @get("/", sync_to_thread=True, operation_id="get_batteries")
    def batteries(
        self,
        request: Visit,
        door: NamedDependency[Door],
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[BatteryView]:
        """List the batteries that the own organisation holds or held, newest first."""
        with door.reading(request) as work:
            return page_of(
                work.session,
                queries.visible_to(work.who),
                Battery.created_at,
                Battery.id,
                lambda row: view(row, BatteryView),
                cursor=cursor,
                limit=limit,
            )

    @post(
        "/",
        guards=[KEEPS, keyed],
        sync_to_thread=True,
        operation_id="register_battery",
        responses=told(BatteryView),
    )
    def register(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewBattery]
    ) -> Response[bytes]:
        """Put a battery on record; its code is checked segment by segment."""
        return door.once(
            request,
            lambda work: view(service.register(work, data.code, data.parent, data.note), BatteryView),
        )

    @get("/{code:str}", sync_to_thread=True, operation_id="get_battery")
    def lineage(self, request: Visit, door: NamedDependency[Door], code: FromPath[str]) -> Lineage:
        """Show a battery: pack, module and cell, in whose hands it was, and under which manifests."""
        with door.reading(request) as work:
            row = queries.battery(work.session, code, work.who)
            said = read(row.code)
            assert isinstance(said, Identity)
            return Lineage(
                battery=view(row, BatteryView),
                maker=said.maker,
                made_on=f"{said.year}-{said.month:02d}-{said.day:02d}",
                serial=said.serial,
                parts=[view(one, BatteryView) for one in queries.parts(work.session, row.code)],
                came_out=list(queries.came_out_of(work.session, row.code)),
                steps=[view(one, StepView) for one in queries.steps(work.session, row.code)],
            )

    @post(
        "/{code:str}/dismantle",
        guards=[KEEPS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="dismantle_battery",
        responses=told(BatteryView, 200),
    )
    def dismantle(self, request: Visit, door: NamedDependency[Door], code: FromPath[str]) -> Response[bytes]:
        """Take a pack or module apart; what was in it stands for itself, its origin kept."""
        return door.once(request, lambda work: view(service.dismantle(work, code), BatteryView), status=200)


class ManifestBatteries(Controller):
    """Batteries on a manifest."""

    path = "/api/v1/manifests/{manifest_id:uuid}/batteries"
    tags = ("profiles",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="get_manifest_batteries")
    def shown(
        self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]
    ) -> list[BatteryView]:
        """List the batteries that travel under a manifest."""
        with door.reading(request) as work:
            row = manifests.manifest(work.session, manifest_id, work.who)
            return [view(one, BatteryView) for one in queries.travelling(work.session, row.id)]

    @post(
        "/",
        guards=[KEEPS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="load_batteries",
        responses=told(list[BatteryView], 200),
    )
    def load(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[Loaded],
    ) -> Response[bytes]:
        """Say which batteries travel under a manifest, before it is loaded; all of them at once."""

        def act(work: Work) -> list[BatteryView]:
            row = manifests.manifest(work.session, manifest_id, work.who)
            return [view(one, BatteryView) for one in service.load(work, row, data.codes)]

        return door.once(request, act, status=200)


class Phosphogypsum(Controller):
    """Phosphogypsum in balance."""

    path = "/api/v1/ledgers/phosphogypsum"
    tags = ("profiles",)
    guards = (READS,)

    @get("/", sync_to_thread=True, operation_id="get_phosphogypsum")
    def balances(
        self,
        request: Visit,
        door: NamedDependency[Door],
        year: YearParameter = None,
        of: OfParameter = None,
    ) -> list[PlantView]:
        """Balance what each plant made against what was used, made harmless and piled, from the ledger."""
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            at = year or work.today.year
            return plants(work, unit, at, reader(request))


ROUTES = (LotProfiles, Batteries, ManifestBatteries, Phosphogypsum)
