"""Which pages let a unit keep its ledgers: the overview, the five tables, and what it owes?"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.ledgers import declarations, plans, queries, service
from compliance.ledgers.columns import COLUMNS, cells_of, draft_from
from compliance.ledgers.planning import PlanLine
from compliance.ledgers.rules import Draft, Table, purposes_of
from compliance.ledgers.tables import ManagementPlan
from compliance.record.errors import N_, DomainError, Invalid, NotFound, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import Reason, reasons_by_field
from marketplace.web import ledger_views
from marketplace.web.forms import Form
from marketplace.web.pages.typed import kilograms

HOME = "/ledgers"
KEEPS = requires(Role.PRODUCER, Role.PROCESSOR)
READS = requires(Role.PRODUCER, Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR)
Answer = Response[str] | Response[bytes]
PER_PAGE = 100


class DeclaredForm(msgspec.Struct):
    """Which number the national system gave."""

    number: Annotated[str, msgspec.Meta(max_length=40)] = ""


class UnitForm(msgspec.Struct):
    """What the ledgers here do not know, as typed: tonnes of three years, own treatment."""

    year_1: str = ""
    year_2: str = ""
    year_3: str = ""
    treats_itself: str = ""


class EntryForm(msgspec.Struct):
    """One line of a table as typed, by the names of its columns; the mass in tonnes."""

    day: str = ""
    purpose: str = ""
    name: str = ""
    code: str = ""
    kg: str = ""
    container: str = ""
    container_kind: str = ""
    count: str = ""
    facility: str = ""
    method: str = ""
    party: str = ""
    licence: str = ""
    source: str = ""
    handler: str = ""
    note: str = ""


class Ledgers(Controller):
    """The ledgers 台账 of a unit; whoever oversees reads any with `of`."""

    path = HOME
    include_in_schema = False
    guards = (READS,)

    @get("/", sync_to_thread=True)
    def home(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show class, plan, what is owed, and the year's sums; who oversees first chooses a unit."""
        with door.reading(request) as work:
            return _home(request, work)

    @post("/unit", guards=[KEEPS], sync_to_thread=True)
    def unit(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[UnitForm]) -> Answer:
        """State amounts of earlier years, and whether the unit treats its own waste."""
        try:
            with door.work(request) as work:
                typed = {1: data.year_1, 2: data.year_2, 3: data.year_3}
                amounts = {
                    work.today.year - back: kilograms(text, f"year_{back}")
                    for back, text in typed.items()
                    if text.strip()
                }
                plans.state_unit(work, amounts, treats_itself=bool(data.treats_itself))
        except DomainError as refusal:
            with door.reading(request) as work:
                return _home(request, work, refusal)
        return go(request, HOME, N_("Stated. The class is reckoned anew."))

    @post("/declarations/{declaration_id:uuid}", guards=[KEEPS], sync_to_thread=True)
    def declared(
        self,
        request: Visit,
        door: NamedDependency[Door],
        declaration_id: FromPath[UUID],
        data: URLEncodedBody[DeclaredForm],
    ) -> Answer:
        """Note that a period was declared in the national system."""
        try:
            with door.work(request) as work:
                declarations.declare(work, declaration_id, data.number)
        except DomainError as refusal:
            with door.reading(request) as work:
                return _home(request, work, refusal)
        return go(request, HOME, N_("Noted. The figures are kept as they stand now."))

    @get("/tables/{part:str}", sync_to_thread=True)
    def table(self, request: Visit, door: NamedDependency[Door], part: FromPath[str]) -> Response[str]:
        """Show one table of a year, with the form of a new line on the own one."""
        with door.reading(request) as work:
            return _table(request, work, _part(part), Form(_fresh(work)))

    @post("/tables/{part:str}", guards=[KEEPS], sync_to_thread=True)
    def enter(
        self,
        request: Visit,
        door: NamedDependency[Door],
        part: FromPath[str],
        data: URLEncodedBody[EntryForm],
    ) -> Answer:
        """Enter a line; what is refused comes back as it was typed."""
        return _put(request, door, _part(part), msgspec.to_builtins(data), None)

    @get("/tables/{part:str}/{batch:str}", guards=[KEEPS], sync_to_thread=True)
    def reopen(
        self, request: Visit, door: NamedDependency[Door], part: FromPath[str], batch: FromPath[str]
    ) -> Response[str]:
        """Show a line for correction."""
        with door.reading(request) as work:
            row = queries.entry(work.session, service.keeper(work), batch)
            if row is None or row.part != _part(part).value:
                raise NotFound("entry", batch)
            return _table(request, work, _part(part), Form(cells_of(service.draft_of(row))), batch=batch)

    @post("/tables/{part:str}/{batch:str}", guards=[KEEPS], sync_to_thread=True)
    def correct(
        self,
        request: Visit,
        door: NamedDependency[Door],
        part: FromPath[str],
        batch: FromPath[str],
        data: URLEncodedBody[EntryForm],
    ) -> Answer:
        """Correct a line; what it said before stays on the record."""
        return _put(request, door, _part(part), msgspec.to_builtins(data), batch)


def _part(text: str) -> Table:
    try:
        return Table(text)
    except ValueError:
        raise NotFound("table", text) from None


def _fresh(work: Work) -> dict[str, str]:
    return {"day": work.today.isoformat(), "count": "1"}


def _put(request: Visit, door: Door, part: Table, typed: dict[str, str], batch: str | None) -> Answer:
    keys = {one.key for one in COLUMNS[part]}
    said = {key: value for key, value in typed.items() if key in keys}
    try:
        with door.work(request) as work:
            draft, wrong = draft_from(part, said)
            raise_all(wrong)
            assert isinstance(draft, Draft)
            row = service.record(work, draft) if batch is None else service.correct(work, batch, draft)
    except DomainError as refusal:
        with door.reading(request) as work:
            form = Form(said, reasons_by_field(refusal, reader(request)))
            return _table(request, work, part, form, batch=batch or "", status=refusal.status)
    words = N_("Entered as batch {batch}.") if batch is None else N_("Batch {batch} is corrected.")
    return go(request, f"{HOME}/tables/{part.value}", words, batch=row.batch)


def _asked(request: Visit, work: Work) -> tuple[UUID, int]:
    query = request.query_params
    unit = ledger_views.unit_of(work, query.get("of"))
    return unit, ledger_views.year_of(query.get("year"), work.today)


def _home(request: Visit, work: Work, refusal: DomainError | None = None) -> Response[str]:
    errors = reasons_by_field(refusal, reader(request)) if refusal else {}
    oversees = work.who.oversees
    chosen = not oversees or bool(request.query_params.get("of"))
    unit, year = _asked(request, work)
    return page(
        request,
        "ledgers/home.html",
        refusal.status if refusal else 200,
        units=ledger_views.units(work) if oversees else [],
        view=ledger_views.overview(work, unit, year) if chosen else None,
        parts={part: ledger_views.title(part, reader(request)) for part in Table},
        classes=ledger_views.UNIT_CLASSES,
        refused=[one for several in errors.values() for one in several],
        of=f"&of={unit}" if oversees else "",
        years=[work.today.year - back for back in (1, 2, 3)],
        today=work.today,
    )


def _table(
    request: Visit, work: Work, part: Table, form: Form, *, batch: str = "", status: int = 200
) -> Response[str]:
    unit, year = _asked(request, work)
    first, last = ledger_views.span(year)
    number = request.query_params.get("page", "1")
    at = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    rows = work.session.scalars(
        queries.listed(part, unit, first, last, work.who).offset((at - 1) * PER_PAGE).limit(PER_PAGE + 1)
    ).all()
    language = reader(request)
    return page(
        request,
        "ledgers/table.html",
        status,
        part=part.value,
        title=ledger_views.title(part, language),
        parts={one: ledger_views.title(one, language) for one in Table},
        columns=[one for one in COLUMNS[part] if one.key != "batch"],
        heads=ledger_views.headings(part, language),
        rows=list(zip(rows[:PER_PAGE], ledger_views.cells(work, rows[:PER_PAGE]), strict=True)),
        has_more=len(rows) > PER_PAGE,
        at=at,
        purposes=[one.value for one in purposes_of(part) if one.value],
        form=form,
        batch=batch,
        own=work.who.organisation_id == unit and work.who.has(*service.KEEPERS),
        year=year,
        of=f"&of={unit}" if work.who.oversees else "",
    )


class PlanForm(msgspec.Struct):
    """A year's plan as typed; a line of `lines`: code, tonnes, the receiver's credit code if named."""

    year: str = ""
    number: str = ""
    filed_on: str = ""
    lines: str = ""


class Plans(Controller):
    """The management plan of a year."""

    path = f"{HOME}/plan"
    include_in_schema = False
    guards = (KEEPS,)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the plan on file, as a form that amends it."""
        with door.reading(request) as work:
            return _plan(request, work)

    @post("/", sync_to_thread=True)
    def file(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[PlanForm]) -> Answer:
        """Enter the plan as it was filed; what is refused comes back as it was typed."""
        try:
            with door.work(request) as work:
                year = ledger_views.year_of(data.year, work.today)
                lines = [_line(text, place) for place, text in enumerate(_filled(data.lines))]
                row = plans.file_plan(work, year, data.number, _filed_on(data.filed_on), lines)
                declarations.plan_filed(work, row)
        except DomainError as refusal:
            with door.reading(request) as work:
                return _plan(request, work, data, refusal)
        return go(request, HOME, N_("The plan is on file here."))


def _filled(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()][:200]


def _line(text: str, place: int) -> PlanLine:
    parts = text.replace("，", ",").replace("\t", ",").split(",")
    parts = parts if len(parts) > 1 else text.split()
    if len(parts) < 2:
        raise Invalid(
            N_("Line {number} is not a code and tonnes: {text}"),
            field="lines",
            way_out=N_("Write one waste a line, such as 900-214-08, 120."),
            values={"number": place + 1, "text": text[:40]},
        )
    receiver = parts[2].strip() if len(parts) > 2 else ""
    return PlanLine(parts[0].strip(), kilograms(parts[1], "lines"), receiver[:18])


def _filed_on(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(N_("Choose the day on which it was filed."), field="filed_on") from None


def _plan(
    request: Visit, work: Work, typed: PlanForm | None = None, refusal: DomainError | None = None
) -> Response[str]:
    unit = service.keeper(work)
    year = ledger_views.year_of(typed.year if typed else request.query_params.get("year"), work.today)
    row = queries.plan(work.session, unit, year)
    values = msgspec.to_builtins(typed) if typed else _stored(year, row)
    return page(
        request,
        "ledgers/plan.html",
        refusal.status if refusal else 200,
        form=Form(values, _under_lines(reasons_by_field(refusal, reader(request))) if refusal else {}),
        row=row,
        year=year,
    )


def _stored(year: int, row: ManagementPlan | None) -> dict[str, str]:
    if row is None:
        return {"year": str(year)}
    lines = [
        ", ".join(filter(None, (str(one["code"]), f"{int(str(one['kg'])) / 1000:.3f}", str(one["receiver"]))))
        for one in row.lines
    ]
    filed = row.filed_on.isoformat()
    return {"year": str(year), "number": row.number, "filed_on": filed, "lines": "\n".join(lines)}


def _under_lines(errors: dict[str, list[Reason]]) -> dict[str, list[Reason]]:
    """Put what is wrong with single lines under the one field that holds them all."""
    found: dict[str, list[Reason]] = {}
    for field, several in errors.items():
        found.setdefault("lines" if field.startswith(("lines", "code", "kg")) else field, []).extend(several)
    return found


ROUTES: list[ControllerRouterHandler] = [Ledgers, Plans]
