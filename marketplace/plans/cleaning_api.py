"""Cleaning between wastes over HTTP: which are needed, where, and that a vehicle was cleaned."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.plans import cleaning, queries
from marketplace.plans.cleaning_rules import (
    LONGEST_NAME,
    LONGEST_NOTE,
    MOST_MINUTES,
    MOST_PLACES,
    MOST_RULES,
    Cleaning,
    CleaningPlace,
    CleaningRule,
)
from marketplace.plans.costs import own_carrier
from marketplace.plans.rules import MOST_COST_FEN
from marketplace.plans.tables import VehicleCleaning

DISPATCH = requires(Role.DISPATCHER)
CREW = requires(Role.DISPATCHER, Role.DRIVER)
Waste = Annotated[str, msgspec.Meta(max_length=20)]


class CleaningRuleView(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """After this waste a cleaning before that one: a code, a category, or empty for any other."""

    after: Waste = ""
    before: Waste = ""


class CleaningPlaceView(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a cleaning takes so many minutes and costs so much; no point: at the vehicles' homes."""

    name: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]
    lat: float | None = None
    lon: float | None = None
    minutes: Annotated[int, msgspec.Meta(ge=0, le=MOST_MINUTES)]
    fee_fen: Annotated[int, msgspec.Meta(ge=0, le=MOST_COST_FEN)]


class StatedCleaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that a carrier states about cleaning; what is left out is stated no more."""

    rules: Annotated[list[CleaningRuleView], msgspec.Meta(max_length=MOST_RULES)]
    places: Annotated[list[CleaningPlaceView], msgspec.Meta(max_length=MOST_PLACES)]


class CarriedView(msgspec.Struct, frozen=True, kw_only=True):
    """What a vehicle has carried since its last cleaning on record, and that cleaning."""

    vehicle_id: UUID
    plate: str
    carried: list[str]
    cleaning_id: UUID | None
    cleaned_at: datetime | None
    note: str


class CleaningView(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier has stated about cleaning, and how its vehicles stand."""

    rules: list[CleaningRuleView]
    places: list[CleaningPlaceView]
    vehicles: list[CarriedView]


class NewCleaning(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A vehicle that was cleaned just now."""

    vehicle_id: UUID
    note: Annotated[str, msgspec.Meta(max_length=LONGEST_NOTE)] = ""


class CleaningRow(msgspec.Struct, frozen=True, kw_only=True):
    """A cleaning on record."""

    id: UUID
    vehicle_id: UUID
    at: datetime
    note: str
    person_id: UUID


class TakenBack(msgspec.Struct, frozen=True, kw_only=True):
    """A cleaning that was taken back."""

    id: UUID


class Cleanings(Controller):
    """After which waste a vehicle is cleaned before which other."""

    path = "/api/v1/plans/cleaning"
    tags = ("plans",)

    @get("/", guards=[DISPATCH], sync_to_thread=True, operation_id="get_cleaning")
    def cleaning(self, request: Visit, door: NamedDependency[Door]) -> CleaningView:
        """Show the own carrier's cleaning rules and places, and what each vehicle has carried since."""
        with door.reading(request) as work:
            return cleaning_view(work)

    @post(
        "/",
        guards=[DISPATCH, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="set_cleaning",
        responses=told(StatedCleaning, 200),
    )
    def state(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[StatedCleaning]
    ) -> Response[bytes]:
        """State all rules and places anew; none: nothing has to be cleaned."""
        meant = Cleaning(
            tuple(CleaningRule(**msgspec.to_builtins(one)) for one in data.rules),
            tuple(CleaningPlace(**msgspec.to_builtins(one)) for one in data.places),
        )
        return door.once(request, lambda work: stated_view(cleaning.set_cleaning(work, meant)), status=200)

    @post(
        "/done",
        guards=[CREW, keyed],
        sync_to_thread=True,
        operation_id="record_cleaning",
        responses=told(CleaningRow),
    )
    def done(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewCleaning]
    ) -> Response[bytes]:
        """Record that a vehicle was cleaned just now; drivers say so of the vehicle they drive."""

        def act(work: Work) -> CleaningRow:
            return view(cleaning.record(work, data.vehicle_id, data.note), CleaningRow)

        return door.once(request, act)

    @post(
        "/done/{cleaning_id:uuid}/undo",
        guards=[DISPATCH, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="undo_cleaning",
        responses=told(TakenBack, 200),
    )
    def undo(
        self, request: Visit, door: NamedDependency[Door], cleaning_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Take back a cleaning that was recorded by mistake."""

        def act(work: Work) -> TakenBack:
            cleaning.take_back(work, cleaning_id)
            return TakenBack(id=cleaning_id)

        return door.once(request, act, status=200)


def cleaning_view(work: Work) -> CleaningView:
    """Return what the own carrier has stated, and its vehicles by plate."""
    own, stated = own_carrier(work), stated_view(cleaning.cleaning_of(work))
    last = queries.last_cleanings(work.session, own)
    carried = queries.carried_since(work.session, own, last)
    vehicles = [
        _carried(row.id, row.plate, carried.get(row.id, frozenset()), last.get(row.id))
        for row in queries.vehicles_of(work.session, own)
    ]
    return CleaningView(rules=stated.rules, places=stated.places, vehicles=vehicles)


def stated_view(found: Cleaning) -> StatedCleaning:
    """Return rules and places."""
    return StatedCleaning(
        rules=[view(one, CleaningRuleView) for one in found.rules],
        places=[view(one, CleaningPlaceView) for one in found.places],
    )


def _carried(
    vehicle_id: UUID, plate: str, carried: frozenset[str], last: VehicleCleaning | None
) -> CarriedView:
    return CarriedView(
        vehicle_id=vehicle_id,
        plate=plate,
        carried=sorted(carried),
        cleaning_id=last.id if last is not None else None,
        cleaned_at=last.at if last is not None else None,
        note=last.note if last is not None else "",
    )
