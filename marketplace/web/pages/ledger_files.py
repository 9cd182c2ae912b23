"""Which pages register containers, and take in a file after a look at what it would change?"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.ledgers import importing, queries, service, years
from compliance.ledgers.files import MOST_BYTES
from compliance.ledgers.forms import SPECS
from compliance.ledgers.rules import Table
from compliance.ledgers.service import NewContainers
from compliance.ledgers.tables import LedgerImport
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web import ledger_views, year_views
from marketplace.web.forms import Form
from marketplace.web.pages.ledgers import HOME, KEEPS, Answer
from marketplace.web.pages.typed import kilograms
from marketplace.web.translation import Language

Short = Annotated[str, msgspec.Meta(max_length=60)]
SHOWN = 200


class ContainerForm(msgspec.Struct):
    """What the form of new containers sends, as typed; the mass in tonnes of one container."""

    code: Short = ""
    litres: Short = ""
    mass: Short = ""
    count: Short = "1"
    made_on: Short = ""
    name: Short = ""
    form: Short = ""
    main: Short = ""
    harmful: Short = ""
    cautions: Short = ""
    facility: Short = ""


class Containers(Controller):
    """Containers of hazardous waste, with their labels."""

    path = f"{HOME}/containers"
    include_in_schema = False
    guards = (requires(Role.PRODUCER, Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """List a unit's containers, with the form that registers more on the own page."""
        with door.reading(request) as work:
            return _containers(request, work, Form({"made_on": work.today.isoformat(), "count": "1"}))

    @post("/", guards=[KEEPS], sync_to_thread=True)
    def register(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[ContainerForm]
    ) -> Answer:
        """Register containers: each gets its code and its own line in table B.1."""
        try:
            with door.work(request) as work:
                rows = service.register_containers(work, _meant(data))
        except DomainError as refusal:
            errors = reasons_by_field(refusal, reader(request))
            errors["mass"] = [*errors.pop("kg", []), *errors.get("mass", [])]
            with door.reading(request) as work:
                return _containers(
                    request, work, Form(msgspec.to_builtins(data), errors), status=refusal.status
                )
        return go(
            request, f"{HOME}/containers", N_("{count} registered. Print their labels now."), count=len(rows)
        )


def _meant(form: ContainerForm) -> NewContainers:
    return NewContainers(
        code=form.code,
        litres=_whole(form.litres, "litres"),
        kg=kilograms(form.mass, "mass"),
        count=_whole(form.count, "count"),
        made_on=_day(form.made_on),
        name=form.name,
        form=form.form,
        main=form.main,
        harmful=form.harmful,
        cautions=form.cautions,
        facility=form.facility,
    )


def _whole(text: str, field: str) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) < 8):
        raise Invalid(N_("Write a whole number."), field=field)
    return int(plain)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise Invalid(
            N_("“{text}” is not a day."),
            field="made_on",
            way_out=N_("Write it as 2026-11-20."),
            values={"text": text},
        ) from None


def _containers(request: Visit, work: Work, form: Form, status: int = 200) -> Response[str]:
    unit = ledger_views.unit_of(work, request.query_params.get("of"))
    rows = work.session.scalars(queries.containers(work.who, unit).limit(SHOWN)).all()
    own = work.who.organisation_id == unit and work.who.has(*service.KEEPERS)
    return page(request, "ledgers/containers.html", status, rows=rows, form=form, own=own)


class Files(Controller):
    """Files of ledgers that come in."""

    path = f"{HOME}/files"
    include_in_schema = False
    guards = (KEEPS,)

    @get("/", sync_to_thread=True)
    def begin(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the form that takes a file."""
        with door.reading(request) as work:
            return _begin(request, work, {"table": request.query_params.get("table", "generated")})

    @post("/")
    async def send(self, request: Visit, door: NamedDependency[Door]) -> Answer:
        """Take a file for a look; nothing enters the ledgers yet."""
        form = await request.form()
        told, file = str(form.get("table", "")), form.get("file")
        content = await file.read(MOST_BYTES + 1) if isinstance(file, UploadFile) else b""
        name = file.filename if isinstance(file, UploadFile) else ""
        return await sync_to_thread(_received, request, door, told, name, content)

    @get("/{import_id:uuid}", sync_to_thread=True)
    def look(self, request: Visit, door: NamedDependency[Door], import_id: FromPath[UUID]) -> Response[str]:
        """Show a file row by row: what would become of it, or what did."""
        with door.reading(request) as work:
            row = queries.imported(work.session, import_id, work.who)
            rows = ledger_views.import_rows(work, row, reader(request))
            return page(
                request,
                "ledgers/file.html",
                row=row,
                rows=rows,
                counts=ledger_views.counted(rows),
                **_place(row, reader(request)),
            )

    @post("/{import_id:uuid}", sync_to_thread=True)
    def take_in(
        self, request: Visit, door: NamedDependency[Door], import_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Take in the rows that hold."""
        with door.work(request) as work:
            years.take_file(work, import_id)
        return go(
            request, f"{HOME}/files/{import_id}", N_("Taken in. What failed stands below with its reasons.")
        )


def _place(row: LedgerImport, language: Language) -> dict[str, str]:
    """Return which table a file is of, where that stands, and where another file of it is sent."""
    meant = years.table_of(row)
    if meant is None:
        title, table = ledger_views.title(Table(row.part), language), f"{HOME}/tables/{row.part}"
        return {"title": title, "table": table, "again": f"{HOME}/files?table={row.part}"}
    form, year = meant
    table = f"{HOME}/years/{year}/{form.value}"
    return {"title": year_views.title(SPECS[form], language), "table": table, "again": table}


def _received(request: Visit, door: Door, told: str, name: str, content: bytes) -> Answer:
    try:
        with door.work(request) as work:
            if not content:
                raise Invalid(N_("Choose a file."), field="file")
            table = Table(told) if told in set(Table) else Table.GENERATED
            row = importing.receive(work, name, content, table)
    except DomainError as refusal:
        with door.reading(request) as work:
            return _begin(request, work, {"table": told}, refusal)
    return go(request, f"{HOME}/files/{row.id}")


def _begin(
    request: Visit, work: Work, values: dict[str, str], refusal: DomainError | None = None
) -> Response[str]:
    errors = reasons_by_field(refusal, reader(request)) if refusal else {}
    parts = {part.value: ledger_views.title(part, reader(request)) for part in Table}
    year = work.today.year
    return page(
        request,
        "ledgers/begin.html",
        refusal.status if refusal else 200,
        form=Form(values, errors),
        parts=parts,
        year=year,
    )


ROUTES: list[ControllerRouterHandler] = [Containers, Files]
