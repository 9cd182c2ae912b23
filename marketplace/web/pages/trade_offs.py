"""What does the market give up in welfare for shorter ways, less carbon or more lots served?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.record.errors import N_, DomainError
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, go_back, page
from marketplace.solves import asking, queries, service
from marketplace.solves.rules import OVER, Kind, Limits, State
from marketplace.solves.tables import Solve
from marketplace.solves.trade_offs import Goal, Wish
from marketplace.web.trade_off_views import trade_offs

HOME = "/market/trade-offs"


class WishForm(msgspec.Struct):
    """Which goals are weighed, how finely, and for how long."""

    tonne_km: str = ""
    emissions: str = ""
    lots: str = ""
    steps: int = 4
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Which answer and which of its points the address names."""

    solve: UUID | None
    point: int | None


class TradeOffs(Controller):
    """The operator's choice between goals 多目标权衡."""

    path = HOME
    include_in_schema = False
    guards = (requires(Role.OPERATOR),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the points of the last answer, or of the one the address names, and the form for a new one."""
        wanted = asked_by(request)
        with door.reading(request) as work:
            row = _solve(work, wanted)
            answered = row is not None and row.result is not None
            found = trade_offs(work, row, wanted.point) if row is not None and answered else None
            going = row is not None and State(row.state) not in OVER
            return page(
                request, "oversight/trade_offs.html", solve=row, going=going, found=found, goals=list(Goal)
            )

    @get("/progress", sync_to_thread=True)
    def progress(self, request: Visit, door: NamedDependency[Door]) -> Response[str] | Response[bytes]:
        """Show how far the last one is; once it has ended the page goes on to its answer."""
        with door.reading(request) as work:
            row = queries.newest(work.session, work.who, Kind.TRADE_OFFS)
            if row is None or State(row.state) in OVER:
                return Response(b"", status_code=200, headers={"HX-Redirect": HOME})
            return page(request, "oversight/_trade_offs_going.html", solve=row)

    @post("/", sync_to_thread=True)
    def ask(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[WishForm]
    ) -> Response[bytes]:
        """Ask for the points."""
        goals = tuple(goal for goal in Goal if getattr(data, goal.value))
        try:
            with door.work(request) as work:
                wish = Wish(goals=goals, steps=data.steps)
                asking.ask(work, Kind.TRADE_OFFS, Limits(data.seconds), wish=wish)
        except DomainError as refusal:
            return go_back(request, HOME, refusal)
        return go(request, HOME)

    @post("/{solve_id:uuid}/cancel", sync_to_thread=True)
    def cancel(
        self, request: Visit, door: NamedDependency[Door], solve_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Stop it; the points found until then are kept."""
        try:
            with door.work(request) as work:
                service.cancel(work, solve_id)
        except DomainError as refusal:
            return go_back(request, HOME, refusal)
        return go(request, HOME, N_("It was stopped. The points found by then are shown once they are in."))


def asked_by(request: Visit) -> Asked:
    """Return what the address names; what is no id or number names nothing."""
    try:
        solve = UUID(request.query_params.get("solve", ""))
    except ValueError:
        solve = None
    point = request.query_params.get("point", "")
    return Asked(solve, int(point) if point.isascii() and point.isdigit() and len(point) <= 4 else None)


def _solve(work: Work, wanted: Asked) -> Solve | None:
    if wanted.solve is None:
        return queries.newest(work.session, work.who, Kind.TRADE_OFFS)
    row = queries.solve(work.session, wanted.solve, work.who)
    return row if Kind(row.kind) is Kind.TRADE_OFFS else None


ROUTES: list[ControllerRouterHandler] = [TradeOffs]
