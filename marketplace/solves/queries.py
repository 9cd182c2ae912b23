"""Which solves are there, who may see them, and which one is next?"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, undefer

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from marketplace.solves.rules import STALE_S, Kind, State
from marketplace.solves.tables import Solve


def visible_to(who: Who) -> Select[Solve]:
    """Return the statement for the solves a person may see: a dispatcher the own carrier's plans, or all."""
    if who.oversees:
        return select(Solve)
    if not who.has(Role.DISPATCHER):
        return select(Solve).where(false())
    return select(Solve).where(
        Solve.organisation_id == who.organisation_id, Solve.kind == Kind.PLAN_DAY.value
    )


def solve(session: Session, solve_id: UUID, who: Who, *, locked: bool = False) -> Solve:
    """Return one solve with its answer, if the person may see it, or raise `NotFound`."""
    statement = visible_to(who).where(Solve.id == solve_id).options(undefer(Solve.result))
    if locked:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFound("solve", solve_id)
    return found


def newest(session: Session, who: Who, kind: Kind) -> Solve | None:
    """Return the last solve of a kind that a person's own organisation asked for, with its answer."""
    statement = visible_to(who).where(Solve.organisation_id == who.organisation_id, Solve.kind == kind.value)
    ordered = statement.order_by(Solve.asked_at.desc(), Solve.id.desc())
    return session.scalar(ordered.options(undefer(Solve.result)).limit(1))


def open_count(session: Session, organisation_id: UUID) -> int:
    """Return how many solves of an organisation wait or run."""
    waiting = (State.QUEUED.value, State.RUNNING.value)
    statement = select(func.count()).where(Solve.organisation_id == organisation_id, Solve.state.in_(waiting))
    return session.scalar(statement) or 0


def waits(session: Session, kind: Kind) -> bool:
    """Tell whether a solve of a kind waits or runs, whoever asked for it."""
    waiting = (State.QUEUED.value, State.RUNNING.value)
    statement = select(Solve.id).where(Solve.kind == kind.value, Solve.state.in_(waiting)).limit(1)
    return session.scalar(statement) is not None


def next_one(session: Session, wall_s: float) -> Solve | None:
    """Return, locked, the first solve that waits, or whose process has said nothing for too long.

    What the product asks for itself comes after what people wait for.
    """
    lost = and_(Solve.state == State.RUNNING.value, Solve.beat_s < wall_s - STALE_S)
    return session.scalar(
        select(Solve)
        .where(or_(Solve.state == State.QUEUED.value, lost))
        .order_by(Solve.kind == Kind.SHAKE_MARKET.value, Solve.asked_at, Solve.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .options(undefer(Solve.problem))
    )


def held(session: Session, solve_id: UUID, holder: str) -> Solve | None:
    """Return, locked, a solve that this process holds, or None when another has taken it up."""
    return session.scalar(
        select(Solve)
        .where(Solve.id == solve_id, Solve.holder == holder)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
