"""Containers over HTTP: registering filled ones, and printing their labels."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from compliance.ledgers import queries, service
from compliance.ledgers.service import NewContainers
from compliance.ledgers.tables import Container
from compliance.registry import queries as registry
from marketplace.edge.api.documents import (
    Count,
    CursorParameter,
    Kilograms,
    LimitParameter,
    Litres,
    told,
    view,
)
from marketplace.edge.api.ledgers import KEEPS, READS, OfParameter, Short
from marketplace.edge.api.papers import NAMED, PDF, LanguageParameter, file_of, reads
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.papers import containers as container_papers
from marketplace.web import ledger_views


class NewContainer(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """So many containers alike, filled on a day; litres and kilograms of one."""

    code: Annotated[str, msgspec.Meta(max_length=20)]
    litres: Litres
    kg: Kilograms
    count: Count = 1
    made_on: date | None = None
    name: Short = ""
    form: Short = ""
    main: Short = ""
    harmful: Short = ""
    cautions: Short = ""
    facility: Short = ""
    handler: Short = ""


class ContainerView(msgspec.Struct, frozen=True, kw_only=True):
    """One container with its 37-digit code and its batch in table B.1."""

    id: UUID
    code: str
    waste: str
    edition: str
    name: str
    litres: int
    kg: int
    form: str
    main: str
    harmful: str
    cautions: str
    made_on: date
    batch: str


class Containers(Controller):
    """Containers of hazardous waste, one code each."""

    path = "/api/v1/containers"
    tags = ("ledgers",)
    guards = (READS,)

    @get("/", sync_to_thread=True, operation_id="get_containers")
    def containers(
        self,
        request: Visit,
        door: NamedDependency[Door],
        of: OfParameter = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[ContainerView]:
        """List a unit's containers, newest first."""
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            return page_of(
                work.session,
                queries.containers(work.who, unit).order_by(None),
                Container.created_at,
                Container.id,
                lambda row: view(row, ContainerView),
                cursor=cursor,
                limit=limit,
            )

    @post(
        "/",
        guards=[KEEPS, keyed],
        sync_to_thread=True,
        operation_id="register_containers",
        responses=told(list[ContainerView]),
    )
    def register(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewContainer]
    ) -> Response[bytes]:
        """Register filled containers: each gets its code and its own line in table B.1."""
        new = NewContainers(**msgspec.structs.asdict(data))
        return door.once(
            request,
            lambda work: [view(row, ContainerView) for row in service.register_containers(work, new)],
        )

    @get(
        "/{container_id:uuid}/label.pdf",
        sync_to_thread=True,
        operation_id="print_container_label",
        media_type=PDF,
        response_headers=[NAMED],
    )
    def label(
        self,
        request: Visit,
        door: NamedDependency[Door],
        container_id: FromPath[UUID],
        *,
        alike: Annotated[
            bool, QueryParameter(description="all of the same waste, day and volume, not this one alone")
        ] = False,
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Print a container's label (HJ 1276-2022)."""
        with door.reading(request) as work:
            row = queries.container(work.session, container_id, work.who)
            rows = queries.alike(work.session, row) if alike else [row]
            unit = registry.organisation(work.session, row.organisation_id)
            content = container_papers.of(work, reads(request, language), unit, rows)
        return file_of(content, f"label-{row.code}.pdf")
