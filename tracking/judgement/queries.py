"""What has been found, what waits to be judged, and from which state?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracking.judgement.tables import Checkpoint, EpisodeRow, Head, Touched


def waiting(session: Session, most: int) -> list[UUID]:
    """Return the vehicles that have waited longest to be judged."""
    return list(
        session.scalars(
            select(Touched.vehicle_id)
            .group_by(Touched.vehicle_id)
            .order_by(func.min(Touched.key))
            .limit(most)
        )
    )


def locked_heads(session: Session, vehicle_ids: Sequence[UUID]) -> Sequence[Head]:
    """Return, locked, the heads of those of these vehicles that nobody else is judging."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    make = dialect.insert(Head).on_conflict_do_nothing()
    session.execute(make, [{"vehicle_id": one} for one in sorted(vehicle_ids)])
    return session.scalars(
        select(Head)
        .where(Head.vehicle_id.in_(vehicle_ids))
        .order_by(Head.vehicle_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def take_notes(session: Session, vehicle_ids: Iterable[UUID]) -> dict[UUID, tuple[datetime, datetime]]:
    """Take these vehicles' notes away and return from when to when each is touched."""
    rows = session.execute(
        delete(Touched)
        .where(Touched.vehicle_id.in_(list(vehicle_ids)))
        .returning(Touched.vehicle_id, Touched.since, Touched.until)
        .execution_options(synchronize_session=False)
    )
    spans: dict[UUID, tuple[datetime, datetime]] = {}
    for vehicle_id, since, until in rows:
        first, last = spans.get(vehicle_id, (since, until))
        spans[vehicle_id] = min(first, since), max(last, until)
    return spans


def checkpoint_before(session: Session, vehicle_id: UUID, moment: datetime) -> Checkpoint | None:
    """Return the newest checkpoint that nothing from a moment on has touched."""
    return session.scalar(
        select(Checkpoint)
        .where(Checkpoint.vehicle_id == vehicle_id, Checkpoint.at <= moment)
        .order_by(Checkpoint.at.desc())
        .limit(1)
    )


def judged_again_from(session: Session, head: Head, since: datetime, kept_from: datetime) -> datetime:
    """Return from when on a vehicle's way can be judged again, where it is touched from `since` on.

    What was judged by positions that have since been archived stands: the fold begins no earlier than the
    first checkpoint after which every position is still here, or where there is none, behind the head.
    """
    assert head.at is not None
    before = checkpoint_before(session, head.vehicle_id, since)
    if before is not None and before.at >= kept_from:
        return since
    own = EpisodeRow.vehicle_id == head.vehicle_id
    if session.scalar(select(EpisodeRow.id).where(own, EpisodeRow.since < kept_from).limit(1)) is None:
        return since
    first = session.scalar(
        select(func.min(Checkpoint.at)).where(
            Checkpoint.vehicle_id == head.vehicle_id, Checkpoint.at >= kept_from
        )
    )
    return max(since, first or head.at + timedelta(microseconds=1))


def checkpoints(session: Session, vehicle_id: UUID, since: datetime) -> dict[datetime, bytes]:
    """Return a vehicle's checkpoints from a moment on."""
    rows = session.execute(
        select(Checkpoint.at, Checkpoint.state).where(
            Checkpoint.vehicle_id == vehicle_id, Checkpoint.at >= since
        )
    )
    return {at: bytes(state) for at, state in rows}


def standing(session: Session, vehicle_ids: Sequence[UUID]) -> Sequence[EpisodeRow]:
    """Return the episodes of these vehicles that still last."""
    return session.scalars(
        select(EpisodeRow).where(
            EpisodeRow.vehicle_id.in_(vehicle_ids),
            EpisodeRow.withdrawn_at.is_(None),
            EpisodeRow.until.is_(None),
        )
    ).all()


def since(session: Session, vehicle_id: UUID, moment: datetime | None) -> Sequence[EpisodeRow]:
    """Return the episodes of a vehicle that last, or that became certain or ended from a moment on."""
    statement = select(EpisodeRow).where(
        EpisodeRow.vehicle_id == vehicle_id, EpisodeRow.withdrawn_at.is_(None)
    )
    if moment is not None:
        statement = statement.where(
            or_(
                EpisodeRow.until.is_(None),
                EpisodeRow.opened_at >= moment,
                EpisodeRow.closed_at >= moment,
            )
        )
    return session.scalars(statement).all()


def episodes(
    session: Session, vehicle_id: UUID, first: datetime, last: datetime, kinds: Iterable[str] = ()
) -> Sequence[EpisodeRow]:
    """Return what was found on a vehicle's way between two moments, in order.

    The caller has made sure that the vehicle's way may be seen. What was withdrawn is left out.
    """
    e = EpisodeRow
    statement = select(e).where(
        e.vehicle_id == vehicle_id,
        e.withdrawn_at.is_(None),
        e.since <= last,
        or_(e.until.is_(None), e.until >= first),
    )
    if wanted := list(kinds):
        statement = statement.where(e.kind.in_(wanted))
    return session.scalars(statement.order_by(e.since, e.id)).all()


def backlog(session: Session) -> tuple[int, datetime | None]:
    """Return how many notes wait to be judged, and the oldest moment that one of them touches."""
    count = session.scalar(select(func.count()).select_from(Touched))
    return count or 0, session.scalar(select(func.min(Touched.since)))
