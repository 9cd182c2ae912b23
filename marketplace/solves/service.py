"""How is a solve asked for, taken up by a process, followed, stopped and brought to its end?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from compliance.record.errors import N_, Conflict, Forbidden
from compliance.record.work import Work
from marketplace.solves import queries
from marketplace.solves.rules import (
    MAY_ASK,
    MOST_OPEN,
    MOST_TRIES,
    OVER,
    Act,
    Failure,
    Kind,
    Limits,
    Progress,
    State,
    next_state,
)
from marketplace.solves.tables import Solve


@dataclass(frozen=True, slots=True)
class Asker:
    """In whose name a solve is asked for."""

    organisation_id: UUID
    person_id: UUID


PRODUCT = Asker(UUID(int=0), UUID(int=0))
"""The product itself, which asks for what no person waits for."""


def ask(work: Work, kind: Kind, problem: dict[str, Any], limits: Limits) -> Solve:
    """Put a problem, as it is now, into the queue; at most `MOST_OPEN` of an organisation wait or run."""
    who = work.who
    if not who.has(MAY_ASK[kind]) or who.organisation_id is None or who.person_id is None:
        raise Forbidden(N_("Your role does not allow this."), code="role")
    if queries.open_count(work.session, who.organisation_id) >= MOST_OPEN:
        raise Conflict(
            N_("{count} solves of yours are waiting or running already."),
            code="solves_waiting",
            way_out=N_("Wait until one has ended, or cancel one."),
            values={"count": MOST_OPEN},
        )
    asker = Asker(who.organisation_id, who.person_id)
    return queue_up(work.session, kind, problem, limits, asker, work.new_id(), work.now)


def queue_up(
    session: Session,
    kind: Kind,
    problem: dict[str, Any],
    limits: Limits,
    asker: Asker,
    solve_id: UUID,
    now: datetime,
) -> Solve:
    """Put a problem into the queue, whoever asks."""
    row = Solve(
        id=solve_id,
        kind=kind.value,
        organisation_id=asker.organisation_id,
        person_id=asker.person_id,
        asked_at=now,
        state=State.QUEUED.value,
        seconds=limits.seconds,
        iterations=limits.iterations,
        seed=limits.seed,
        problem=problem,
        progress=asdict(Progress()),
        result=None,
        failure="",
        detail="",
        holder="",
        beat_s=0.0,
        tries=0,
    )
    session.add(row)
    session.flush()
    return row


def cancel(work: Work, solve_id: UUID) -> Solve:
    """Stop a solve that waits or runs: its process sees it within a second and keeps the best so far."""
    row = queries.solve(work.session, solve_id, work.who, locked=True)
    if not work.who.has(MAY_ASK[Kind(row.kind)]) or work.who.organisation_id != row.organisation_id:
        raise Forbidden(N_("Only those who asked for a solve may stop it."))
    if not _move(row, Act.CANCEL):
        raise Conflict(N_("This solve has ended already."), code="solve_over")
    row.ended_at = work.now
    row.problem = {}
    return row


def take_up(session: Session, holder: str, now: datetime, wall_s: float) -> Solve | None:
    """Give the next solve to a process; None when there is none.

    One that was lost with its process is taken up again, and has failed after `MOST_TRIES` of them.
    """
    row = queries.next_one(session, wall_s)
    if row is None:
        return None
    if State(row.state) is State.RUNNING:
        _move(row, Act.LET_GO)
    _move(row, Act.TAKE_UP)
    row.began_at = now
    if row.tries >= MOST_TRIES:
        return _failed(row, Failure.LOST, "", now)
    row.tries += 1
    row.holder, row.beat_s = holder, wall_s
    row.progress = asdict(Progress())
    return row


def beat(session: Session, solve_id: UUID, holder: str, progress: Progress, wall_s: float) -> bool:
    """Note that the process lives and how far it is; False where its answer is no longer waited for."""
    row = queries.held(session, solve_id, holder)
    if row is None or State(row.state) is not State.RUNNING:
        return False
    row.beat_s = wall_s
    row.progress = asdict(progress)
    return True


def finish(
    session: Session, solve_id: UUID, holder: str, result: dict[str, Any], now: datetime
) -> Solve | None:
    """Keep an answer; of a solve that was cancelled meanwhile it is the best found until then."""
    row = queries.held(session, solve_id, holder)
    if row is None or State(row.state) not in {State.RUNNING, State.CANCELLED}:
        return None
    row.result = result
    if _move(row, Act.FINISH):
        row.ended_at = now
        row.problem = {}
    return row


def fail(
    session: Session, solve_id: UUID, holder: str, failure: Failure, detail: str, now: datetime
) -> Solve | None:
    """End a solve that cannot be answered."""
    row = queries.held(session, solve_id, holder)
    if row is None or State(row.state) is not State.RUNNING:
        return None
    return _failed(row, failure, detail, now)


def let_go(session: Session, solve_id: UUID, holder: str, *, asked_to: bool) -> None:
    """Give a solve back to the queue: its process was asked to end, or was lost, which counts as a try."""
    row = queries.held(session, solve_id, holder)
    if row is not None and _move(row, Act.LET_GO) and asked_to:
        row.tries -= 1


def forget(session: Session, asked_before: datetime) -> None:
    """Delete the solves that are over and were asked for before a moment; a plan keeps its own figures."""
    session.execute(
        delete(Solve).where(Solve.state.in_([one.value for one in OVER]), Solve.asked_at < asked_before)
    )


def _failed(row: Solve, failure: Failure, detail: str, now: datetime) -> Solve:
    _move(row, Act.FAIL)
    row.failure, row.detail, row.ended_at = failure.value, detail[:400], now
    row.problem = {}
    return row


def _move(row: Solve, act: Act) -> bool:
    """Move a solve on by the table; False where its state does not allow the act."""
    target = next_state(State(row.state), act)
    if target is not None:
        row.state = target.value
    return target is not None
