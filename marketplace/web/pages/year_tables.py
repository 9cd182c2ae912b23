"""Which pages show a year's plan with what became of it, and let a unit fill the tables of a year?"""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.ledgers import service, years
from compliance.ledgers.files import MOST_BYTES
from compliance.ledgers.forms import CHOICES, PLAN, SPECS, Form
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.work import Work
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web import ledger_views, year_views
from marketplace.web.forms import Form as Typed
from marketplace.web.pages.ledgers import HOME, KEEPS, READS, Answer


class OutForm(msgspec.Struct):
    """Which row is taken out, from 0."""

    place: int = -1


class YearTables(Controller):
    """The tables that a unit fills for a year."""

    path = f"{HOME}/years/{{year:int}}"
    include_in_schema = False
    guards = (READS,)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door], year: FromPath[int]) -> Response[str]:
        """Show the plan's tables, and what happened beside what they say."""
        with door.reading(request) as work:
            unit, at, language = *_asked(request, work, year), reader(request)
            return page(
                request,
                "ledgers/year.html",
                compared=year_views.compared(work, unit, at, language),
                tables=[year_views.shown(work, unit, at, form, language) for form in PLAN],
                **_about(work, unit, at),
            )

    @get("/industrial", sync_to_thread=True)
    def industrial(self, request: Visit, door: NamedDependency[Door], year: FromPath[int]) -> Response[str]:
        """Show the list of industrial waste and where it went, month by month."""
        with door.reading(request) as work:
            unit, at, language = *_asked(request, work, year), reader(request)
            return page(
                request,
                "ledgers/industrial.html",
                flows=year_views.flows(work, unit, at),
                table=year_views.shown(work, unit, at, Form.INDUSTRIAL, language),
                **_about(work, unit, at),
            )

    @get("/{form:str}", guards=[KEEPS], sync_to_thread=True)
    def table(
        self, request: Visit, door: NamedDependency[Door], year: FromPath[int], form: FromPath[str]
    ) -> Response[str]:
        """Show one table, with the form of a new row and of a file."""
        with door.reading(request) as work:
            return _table(request, work, year, form, Typed({}))

    @post("/{form:str}", guards=[KEEPS])
    async def put(
        self, request: Visit, door: NamedDependency[Door], year: FromPath[int], form: FromPath[str]
    ) -> Answer:
        """Put a row into a table; what is refused comes back as it was typed."""
        typed = {str(key): str(value) for key, value in (await request.form()).items()}
        return await sync_to_thread(_put, request, door, year, form, typed)

    @post("/{form:str}/out", guards=[KEEPS], sync_to_thread=True)
    def take_out(
        self,
        request: Visit,
        door: NamedDependency[Door],
        year: FromPath[int],
        form: FromPath[str],
        data: URLEncodedBody[OutForm],
    ) -> Answer:
        """Take a row out of a table; what it said stays on the record."""
        at, which = ledger_views.sound_year(year), year_views.form_of(form)
        with door.work(request) as work:
            years.take_out(work, at, which, data.place)
        return go(request, f"{HOME}/years/{at}/{form}", N_("The row is out of the table."))

    @post("/{form:str}/file", guards=[KEEPS])
    async def send(
        self, request: Visit, door: NamedDependency[Door], year: FromPath[int], form: FromPath[str]
    ) -> Answer:
        """Take a file of a table for a look; nothing is filled yet."""
        file = (await request.form()).get("file")
        content = await file.read(MOST_BYTES + 1) if isinstance(file, UploadFile) else b""
        name = file.filename if isinstance(file, UploadFile) else ""
        return await sync_to_thread(_received, request, door, year, form, name, content)


def _asked(request: Visit, work: Work, year: int) -> tuple[UUID, int]:
    return ledger_views.unit_of(work, request.query_params.get("of")), ledger_views.sound_year(year)


def _about(work: Work, unit: UUID, year: int) -> dict[str, object]:
    own = work.who.organisation_id == unit and work.who.has(*service.KEEPERS)
    return {"year": year, "own": own, "of": f"&of={unit}" if work.who.oversees else ""}


def _put(request: Visit, door: Door, year: int, form: str, typed: dict[str, str]) -> Answer:
    at, which = ledger_views.sound_year(year), year_views.form_of(form)
    said = {one.key: typed.get(one.key, "") for one in SPECS[which].columns}
    try:
        with door.work(request) as work:
            years.put(work, at, which, said)
    except DomainError as refusal:
        with door.reading(request) as work:
            shown = Typed(said, reasons_by_field(refusal, reader(request)))
            return _table(request, work, at, form, shown, status=refusal.status)
    return go(request, f"{HOME}/years/{at}/{form}", N_("The row stands in the table."))


def _received(request: Visit, door: Door, year: int, form: str, name: str, content: bytes) -> Answer:
    at, which = ledger_views.sound_year(year), year_views.form_of(form)
    try:
        with door.work(request) as work:
            if not content:
                raise Invalid(N_("Choose a file."), field="file")
            row = years.receive(work, name, content, at, which)
    except DomainError as refusal:
        with door.reading(request) as work:
            shown = Typed({}, reasons_by_field(refusal, reader(request)))
            return _table(request, work, at, form, shown, status=refusal.status)
    return go(request, f"{HOME}/files/{row.id}")


def _table(
    request: Visit, work: Work, year: int, form: str, typed: Typed, *, status: int = 200
) -> Response[str]:
    unit, at = _asked(request, work, year)
    which = year_views.form_of(form)
    return page(
        request,
        "ledgers/year_table.html",
        status,
        table=year_views.shown(work, unit, at, which, reader(request)),
        columns=SPECS[which].columns,
        choices=CHOICES,
        form=typed,
        back=f"{HOME}/years/{at}" + ("/industrial" if which is Form.INDUSTRIAL else ""),
        **_about(work, unit, at),
    )


ROUTES: list[ControllerRouterHandler] = [YearTables]
