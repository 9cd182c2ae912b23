"""A carrier's day over HTTP: see it, try a change, accept it, take it back, lock, say what is urgent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import CursorParameter, LimitParameter, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import reader
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.plans import asked, costs, day, proposal, queries, service
from marketplace.plans.board import (
    BoardView,
    ProposalView,
    WayOutView,
    board_view,
    proposal_view,
    way_out_view,
)
from marketplace.plans.rules import MOST_COST_FEN, MOST_STOP_MINUTES, Costs, LockKind, State, Urgency
from marketplace.plans.tables import Plan
from marketplace.roads.choice import distances_of
from marketplace.web.plan_words import words_for

DISPATCH = requires(Role.DISPATCHER)
SEE = requires(Role.DISPATCHER, Role.OPERATOR, Role.INSPECTOR)

Moves = Annotated[
    list[str] | None,
    QueryParameter(name="move", description="`load:vehicle`, as often as there are moves; in order"),
]
FromSolve = Annotated[UUID | None, QueryParameter(name="solve", description="begin with a solve's answer")]


class NewPlan(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is accepted: the day it was looked at (`mark`), a solve's answer, moves on top of it."""

    mark: Annotated[str, msgspec.Meta(max_length=32)]
    solve: UUID | None = None
    moves: Annotated[list[Annotated[str, msgspec.Meta(max_length=80)]], msgspec.Meta(max_length=200)] = []


class NewLock(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is locked or unlocked: a load to its vehicle, or the day of a vehicle."""

    kind: LockKind
    id: UUID
    locked: bool


class NewUrgency(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How urgent a load is, by its manifest: `ordinary` takes the mark back."""

    id: UUID
    level: Urgency


Fen = Annotated[int, msgspec.Meta(ge=0, le=MOST_COST_FEN)]


class CostsView(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a driven day, a kilometre and a paid hour cost the own carrier, fen, and minutes of a stop."""

    fixed_fen: Fen
    per_km_fen: Fen
    per_hour_fen: Fen
    stop_minutes: Annotated[int, msgspec.Meta(ge=0, le=MOST_STOP_MINUTES)]


class PlanRow(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted plan: who, when, from which solve, cost by part before and after in fen."""

    id: UUID
    carrier_id: UUID
    person_id: UUID
    at: datetime
    solve_id: UUID | None
    state: State
    figures: dict[str, dict[str, int]]


class Plans(Controller):
    """Who carries what when."""

    path = "/api/v1/plans"
    tags = ("plans",)

    @get("/", guards=[SEE], sync_to_thread=True, operation_id="get_plans")
    def plans(
        self,
        request: Visit,
        door: NamedDependency[Door],
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[PlanRow]:
        """List the accepted plans the person may see, newest first."""
        with door.reading(request) as work:
            statement = queries.visible_to(work.who)
            return page_of(work.session, statement, Plan.at, Plan.id, plan_row, cursor=cursor, limit=limit)

    @get("/board", guards=[DISPATCH], sync_to_thread=True, operation_id="get_board")
    def board(self, request: Visit, door: NamedDependency[Door]) -> BoardView:
        """Show the own carrier's day: loads, vehicles, every stop, what is left out and why."""
        with door.reading(request) as work:
            found = day.of(work, distances_of(door.settings))
            problem = day.problem_of(found)
            outcome = proposal.present(found, problem)
            return board_view(found, outcome, problem, words_for(found, reader(request)))

    @get("/costs", guards=[DISPATCH], sync_to_thread=True, operation_id="get_costs")
    def costs(self, request: Visit, door: NamedDependency[Door]) -> CostsView:
        """Show what plans of the own carrier are reckoned with: its own figures, or those assumed."""
        with door.reading(request) as work:
            return view(costs.costs_of(work), CostsView)

    @post(
        "/costs",
        guards=[DISPATCH, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="set_costs",
        responses=told(CostsView, 200),
    )
    def set_costs(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[CostsView]
    ) -> Response[bytes]:
        """State what the own carrier's plans are reckoned with."""
        stated = Costs(**msgspec.to_builtins(data))
        return door.once(request, lambda work: view(costs.set_costs(work, stated), CostsView), status=200)

    @get("/proposal", guards=[DISPATCH], sync_to_thread=True, operation_id="try_plan")
    def proposal(
        self,
        request: Visit,
        door: NamedDependency[Door],
        moves: Moves = None,
        solve: FromSolve = None,
    ) -> ProposalView:
        """Show what moves, or a solve's answer, would come to; changes nothing."""
        with door.reading(request) as work:
            found = day.of(work, distances_of(door.settings))
            wanted = asked.wanted(work, found, moves or [], solve)
            proposed = proposal.propose(found, wanted.sequences, wanted.left_out)
            return proposal_view(proposed, words_for(found, reader(request)))

    @get("/way-out", guards=[DISPATCH], sync_to_thread=True, operation_id="get_way_out")
    def way_out(
        self,
        request: Visit,
        door: NamedDependency[Door],
        load: Annotated[UUID, QueryParameter(description="a load that the plan leaves out")],
        moves: Moves = None,
        solve: FromSolve = None,
    ) -> WayOutView:
        """Show the least that would have to give way for a load that a plan leaves out."""
        with door.reading(request) as work:
            found = day.of(work, distances_of(door.settings))
            wanted = asked.wanted(work, found, moves or [], solve)
            proposed = proposal.propose(found, wanted.sequences, wanted.left_out)
            words = words_for(found, reader(request))
            return way_out_view(proposed.after, proposed.problem, load, words)

    @post(
        "/",
        guards=[DISPATCH, keyed],
        sync_to_thread=True,
        operation_id="accept_plan",
        responses=told(PlanRow),
    )
    def accept(self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewPlan]) -> Response[bytes]:
        """Accept moves or a solve's answer: vehicles, drivers and hours change where papers allow it."""
        roads = asked.measured(door, request)

        def act(work: Work) -> PlanRow:
            wanted = asked.wanted(work, day.of(work, roads), data.moves, data.solve, data.mark)
            return plan_row(service.accept(work, wanted, roads))

        return door.once(request, act)

    @post(
        "/{plan_id:uuid}/undo",
        guards=[DISPATCH, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="undo_plan",
        responses=told(PlanRow, 200),
    )
    def undo(self, request: Visit, door: NamedDependency[Door], plan_id: FromPath[UUID]) -> Response[bytes]:
        """Take the last accepted plan back, as far as its loads have not set out."""
        return door.once(request, lambda work: plan_row(service.undo(work, plan_id)), status=200)

    @post(
        "/locks",
        guards=[DISPATCH, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="lock_plan",
        responses=told(NewLock, 200),
    )
    def lock(self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewLock]) -> Response[bytes]:
        """Lock a load to its vehicle or a vehicle's day as it is; or unlock it."""

        def act(work: Work) -> NewLock:
            service.lock(work, data.kind, data.id, data.locked)
            return data

        return door.once(request, act, status=200)

    @post(
        "/urgency",
        guards=[DISPATCH, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="mark_urgency",
        responses=told(NewUrgency, 200),
    )
    def urgency(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewUrgency]
    ) -> Response[bytes]:
        """Mark a load as urgent, for the own carrier's plans alone; of what cannot all go it goes first."""

        def act(work: Work) -> NewUrgency:
            service.mark_urgency(work, data.id, data.level)
            return data

        return door.once(request, act, status=200)


def plan_row(row: Plan) -> PlanRow:
    """Return an accepted plan."""
    return view(row, PlanRow)
