"""The waste catalogue over HTTP: find a code by number, words or pinyin."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from compliance.catalogue import queries
from compliance.catalogue.rules import Basis, Kind
from compliance.record.errors import NotFound
from marketplace.edge.api.documents import view
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit


class WasteView(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of waste as the edition in force lists it."""

    code: str
    edition: str
    kind: Kind
    category: str
    category_name: str
    industry: str
    description: str
    hazards: str
    basis: Basis
    valid_from: date
    valid_to: date | None


class WasteFound(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found, best first."""

    items: list[WasteView]


class Catalogue(Controller):
    """Kinds of waste."""

    path = "/api/v1/catalogue"
    tags = ("catalogue",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="search_catalogue")
    def search(
        self,
        request: Visit,
        door: NamedDependency[Door],
        q: Annotated[
            str, QueryParameter(max_length=100, description="code, Chinese words, pinyin, initials")
        ],
        limit: Annotated[int, QueryParameter(ge=1, le=50)] = 10,
        kind: FromQuery[Kind | None] = None,
    ) -> WasteFound:
        """Find kinds of waste in force today."""
        with door.reading(request) as work:
            kinds = None if kind is None else [kind]
            found = queries.search(work.session, q, work.today, limit, kinds)
        return WasteFound(items=[view(one, WasteView) for one in found])

    @get("/{code:str}", sync_to_thread=True, operation_id="get_waste")
    def waste(
        self,
        request: Visit,
        door: NamedDependency[Door],
        code: FromPath[str],
        on: FromQuery[date | None] = None,
    ) -> WasteView:
        """Show what a code names on a day, today by default."""
        with door.reading(request) as work:
            found = queries.find(work.session, code, on or work.today)
        if found is None:
            raise NotFound("waste code", code)
        return view(found, WasteView)
