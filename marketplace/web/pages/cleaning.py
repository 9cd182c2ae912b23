"""After which waste does a dispatcher have a vehicle cleaned before which other, where, and when was it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.record.errors import N_, DomainError, Invalid, raise_all
from compliance.record.who import Role
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, go_back, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.plans import cleaning
from marketplace.plans.cleaning_api import cleaning_view
from marketplace.plans.cleaning_rules import Cleaning, CleaningPlace, CleaningRule
from marketplace.web.forms import Form
from marketplace.web.pages.typed import decimal, whole_number

HOME = "/dispatch/cleaning"
FEN = 100
Short = Annotated[str, msgspec.Meta(max_length=200)]
Answer = Response[str] | Response[bytes]


class RuleForm(msgspec.Struct):
    """After this waste a cleaning before that one, as typed; empty: any other."""

    after: Short = ""
    before: Short = ""


class PlaceForm(msgspec.Struct):
    """Where vehicles are cleaned, as typed: degrees (empty: at their homes), minutes, yuan."""

    name: Short = ""
    lat: Short = ""
    lon: Short = ""
    minutes: Short = ""
    fee_fen: Short = ""


class NameForm(msgspec.Struct):
    """Which place is dropped."""

    name: Short


class CleanedForm(msgspec.Struct):
    """Which vehicle was cleaned just now."""

    vehicle: UUID
    note: Annotated[str, msgspec.Meta(max_length=400)] = ""


FIELDS = {*RuleForm.__struct_fields__, *PlaceForm.__struct_fields__}


class CleaningPages(Controller):
    """Cleaning between wastes 清洗."""

    path = HOME
    include_in_schema = False
    guards = (requires(Role.DISPATCHER),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show rules, places, and what each vehicle has carried since it was cleaned."""
        return _page(request, door)

    @post("/rules", sync_to_thread=True)
    def add_rule(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[RuleForm]) -> Answer:
        """Add a rule."""
        rule = CleaningRule(data.after, data.before)
        return _change(request, door, lambda now: replace(now, rules=(*now.rules, rule)), data)

    @post("/rules/drop", sync_to_thread=True)
    def drop_rule(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[RuleForm]
    ) -> Answer:
        """Drop a rule."""
        gone = CleaningRule(data.after, data.before)
        return _change(
            request,
            door,
            lambda now: replace(now, rules=tuple(one for one in now.rules if one != gone)),
            data,
        )

    @post("/places", sync_to_thread=True)
    def add_place(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[PlaceForm]
    ) -> Answer:
        """Add a place."""
        return _change(request, door, lambda now: replace(now, places=(*now.places, place_meant(data))), data)

    @post("/places/drop", sync_to_thread=True)
    def drop_place(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[NameForm]
    ) -> Answer:
        """Drop a place."""
        return _change(
            request,
            door,
            lambda now: replace(now, places=tuple(one for one in now.places if one.name != data.name)),
            data,
        )

    @post("/done", sync_to_thread=True)
    def done(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[CleanedForm]) -> Answer:
        """Record that a vehicle was cleaned just now."""
        try:
            with door.work(request) as work:
                cleaning.record(work, data.vehicle, data.note)
        except DomainError as refusal:
            return go_back(request, HOME, refusal)
        return go(request, HOME, N_("Recorded: from now on plans take this vehicle to be clean."))

    @post("/done/{cleaning_id:uuid}/undo", sync_to_thread=True)
    def undo(self, request: Visit, door: NamedDependency[Door], cleaning_id: FromPath[UUID]) -> Answer:
        """Take back a cleaning that was recorded by mistake."""
        try:
            with door.work(request) as work:
                cleaning.take_back(work, cleaning_id)
        except DomainError as refusal:
            return go_back(request, HOME, refusal)
        return go(request, HOME, N_("The cleaning was taken back."))


def place_meant(form: PlaceForm) -> CleaningPlace:
    """Return the place that was typed: yuan to the fen, whole minutes. Raises every fault."""
    faults: list[DomainError] = []

    def read(name: str, how: Callable[[str, str], float]) -> float:
        try:
            return how(getattr(form, name), name)
        except Invalid as fault:
            faults.append(fault)
            return 0.0

    lat, lon = (read(one, _degrees) if getattr(form, one).strip() else None for one in ("lat", "lon"))
    minutes, fee = int(read("minutes", whole_number)), int(read("fee_fen", _fen))
    raise_all(faults)
    return CleaningPlace(form.name.strip(), lat, lon, minutes, fee)


def _degrees(text: str, name: str) -> float:
    return float(decimal(text, name))


def _fen(text: str, name: str) -> int:
    exact = decimal(text, name) * FEN
    if exact != int(exact):
        raise Invalid(N_("Finer than a fen is not reckoned."), field=name)
    return int(exact)


def _change(
    request: Visit, door: Door, changed: Callable[[Cleaning], Cleaning], form: msgspec.Struct
) -> Answer:
    """State the rules and places as changed; what is refused comes back as it was typed."""
    try:
        with door.work(request) as work:
            cleaning.set_cleaning(work, changed(cleaning.cleaning_of(work)))
    except DomainError as refusal:
        return _page(request, door, msgspec.to_builtins(form), refusal)
    return go(request, HOME, N_("Plans are reckoned with this from now on."))


def _page(
    request: Visit, door: Door, values: Mapping[str, str] | None = None, refusal: DomainError | None = None
) -> Response[str]:
    errors = reasons_by_field(refusal, reader(request)) if refusal else {}
    with door.reading(request) as work:
        return page(
            request,
            "dispatch/cleaning.html",
            refusal.status if refusal else 200,
            found=cleaning_view(work),
            wastes=cleaning.known_wastes(work),
            form=Form(values or {}, errors),
            refused=[one for field, several in errors.items() if field not in FIELDS for one in several],
        )


ROUTES: list[ControllerRouterHandler] = [CleaningPages]
