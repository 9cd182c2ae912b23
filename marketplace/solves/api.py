"""Solves over HTTP: ask for one, follow it, stop it, read its answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import CursorParameter, LimitParameter, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.plans.asked import measured
from marketplace.solves import asking, queries, service
from marketplace.solves.rules import LONGEST_S, MOST_ITERATIONS, Kind, Limits, State
from marketplace.solves.tables import Solve
from marketplace.solves.trade_offs import MOST_STEPS, Goal, Wish

Seconds = Annotated[float, msgspec.Meta(gt=0, le=LONGEST_S, description="so long the search may take")]
Iterations = Annotated[int, msgspec.Meta(ge=1, le=MOST_ITERATIONS)]
Seed = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=10_000_000, description="what moving one stop counts as, fen")]

SEE = requires(Role.DISPATCHER, Role.OPERATOR, Role.INSPECTOR)
ASK = requires(Role.DISPATCHER, Role.OPERATOR)


class NewSolve(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What to work out, and for how long; the problem is what is on record now.

    With the same seed and `iterations` reached before the seconds are over, the answer is the same. For
    `trade_offs`, `goals` are weighed against welfare, each with `steps` weights. Its `result` has `points`
    (most welfare first) whose `shipments` are [row of `lots`, row of `needs`, kilograms, metres].
    """

    kind: Kind
    seconds: Seconds = 20.0
    iterations: Iterations | None = None
    seed: Seed = 1
    change_fen: Fen = 0
    goals: Annotated[list[Goal], msgspec.Meta(min_length=1, max_length=len(Goal))] = msgspec.field(
        default_factory=lambda: list(Goal)
    )
    steps: Annotated[int, msgspec.Meta(ge=2, le=MOST_STEPS)] = 4


class ProgressView(msgspec.Struct, frozen=True, kw_only=True):
    """How far the search is: iterations (`of` so many, where that is known), seconds, the best so far."""

    iteration: int
    seconds: float
    cost_fen: int | None
    vehicles: int | None
    unserved: int | None
    of: int | None = None


class SolveView(msgspec.Struct, frozen=True, kw_only=True):
    """One solve without its answer."""

    id: UUID
    kind: Kind
    organisation_id: UUID
    asked_at: datetime
    state: State
    seconds: float
    iterations: int | None
    seed: int
    progress: ProgressView
    failure: str
    detail: str
    began_at: datetime | None
    ended_at: datetime | None


class SolveWhole(msgspec.Struct, frozen=True, kw_only=True):
    """One solve with its answer; a cancelled one may have the best that was found until then."""

    solve: SolveView
    result: dict[str, Any] | None


def solve_view(row: Solve) -> SolveView:
    """Return a solve without its answer."""
    return view(row, SolveView)


class Solves(Controller):
    """Calculations outside the web process."""

    path = "/api/v1/solves"
    tags = ("solves",)

    @post(
        "/",
        guards=[ASK, keyed],
        sync_to_thread=True,
        operation_id="ask_for_solve",
        responses=told(SolveView),
    )
    def ask(self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewSolve]) -> Response[bytes]:
        """Ask for a solve: a dispatcher plans the own day, an operator clears or weighs the market."""
        limits = Limits(data.seconds, data.iterations, data.seed)

        roads = measured(door, request) if data.kind is Kind.PLAN_DAY else None

        def act(work: Work) -> SolveView:
            wish = Wish(goals=tuple(data.goals), steps=data.steps)
            row = asking.ask(work, data.kind, limits, change_fen=data.change_fen, distances=roads, wish=wish)
            return solve_view(row)

        return door.once(request, act)

    @get("/", guards=[SEE], sync_to_thread=True, operation_id="get_solves")
    def solves(
        self,
        request: Visit,
        door: NamedDependency[Door],
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[SolveView]:
        """List the solves the person may see, newest first."""
        with door.reading(request) as work:
            return page_of(
                work.session,
                queries.visible_to(work.who),
                Solve.asked_at,
                Solve.id,
                solve_view,
                cursor=cursor,
                limit=limit,
            )

    @get("/{solve_id:uuid}", guards=[SEE], sync_to_thread=True, operation_id="get_solve")
    def solve(self, request: Visit, door: NamedDependency[Door], solve_id: FromPath[UUID]) -> SolveWhole:
        """Show one solve, how far it is, and its answer once it has one."""
        with door.reading(request) as work:
            row = queries.solve(work.session, solve_id, work.who)
            return SolveWhole(solve=solve_view(row), result=row.result)

    @post(
        "/{solve_id:uuid}/cancel",
        guards=[ASK, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="cancel_solve",
        responses=told(SolveView, 200),
    )
    def cancel(
        self, request: Visit, door: NamedDependency[Door], solve_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Stop a solve; of a search the best so far is kept."""
        return door.once(request, lambda work: solve_view(service.cancel(work, solve_id)), status=200)
