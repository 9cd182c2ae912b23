"""What was refused, what conflicts, and how far is each stream complete? For the operator's eyes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, false, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from compliance.record.who import Role, Who
from tracking.intake.rules import Received
from tracking.intake.tables import (
    DeadLetter,
    DeviceEvent,
    DeviceMessage,
    RefusalCount,
    SequenceConflict,
    Watermark,
)
from tracking.positions.queries import CHUNK

StreamKey = tuple[str, int, str]
"""Device, incarnation, stream."""


def dead_letters_visible_to(who: Who) -> Select[DeadLetter]:
    """Return the statement for the dead letters: they may hold anybody's data, so only the operator reads."""
    statement = select(DeadLetter).order_by(DeadLetter.last_at.desc(), DeadLetter.digest)
    return statement if who.has(Role.OPERATOR) else statement.where(false())


def conflicts_visible_to(who: Who) -> Select[SequenceConflict]:
    """Return the statement for the conflicting deliveries, newest first, for the operator."""
    statement = select(SequenceConflict).order_by(SequenceConflict.at.desc(), SequenceConflict.seq)
    return statement if who.has(Role.OPERATOR) else statement.where(false())


def dead_letters(session: Session, who: Who, limit: int = 100) -> Sequence[DeadLetter]:
    """Return the newest dead letters that a person may see."""
    return session.scalars(dead_letters_visible_to(who).limit(limit)).all()


def conflicts(session: Session, who: Who, limit: int = 100) -> Sequence[SequenceConflict]:
    """Return the newest conflicts that a person may see."""
    return session.scalars(conflicts_visible_to(who).limit(limit)).all()


def refusals(session: Session, who: Who) -> dict[str, int]:
    """Return how many deliveries were refused for each reason; empty for all but the operator."""
    if not who.has(Role.OPERATOR):
        return {}
    rows = session.scalars(select(RefusalCount).order_by(RefusalCount.reason))
    return {row.reason: row.count for row in rows}


def locked_watermarks(session: Session, keys: Iterable[StreamKey]) -> dict[StreamKey, Received]:
    """Return how far these streams are complete, and hold them, made where missing, until the commit."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    found = _lock_watermarks(session, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        fresh = [{"device_id": d, "inc": i, "stream": s, "watermark": 0, "ranges": []} for d, i, s in missing]
        session.execute(dialect.insert(Watermark).on_conflict_do_nothing(), fresh)
        found |= _lock_watermarks(session, missing)
    return found


def _lock_watermarks(session: Session, keys: Sequence[StreamKey]) -> dict[StreamKey, Received]:
    w = Watermark
    found: dict[StreamKey, Received] = {}
    for start in range(0, len(keys), CHUNK):
        rows = session.execute(
            select(w.device_id, w.inc, w.stream, w.watermark, w.ranges)
            .where(tuple_(w.device_id, w.inc, w.stream).in_(keys[start : start + CHUNK]))
            .order_by(w.device_id, w.inc, w.stream)
            .with_for_update()
        )
        for device_id, inc, stream, watermark, ranges in rows:
            closed = tuple((first, last) for first, last in ranges)
            found[device_id, inc, stream] = Received(watermark, closed)
    return found


def letters_of(session: Session, device_id: str, limit: int = 20) -> Sequence[DeadLetter]:
    """Return what was refused of a device lately, for whoever may see the device."""
    statement = select(DeadLetter).where(DeadLetter.device_id == device_id)
    return session.scalars(
        statement.order_by(DeadLetter.last_at.desc(), DeadLetter.digest).limit(limit)
    ).all()


def heard_from(session: Session, device_id: str, limit: int = 20) -> Sequence[DeviceMessage]:
    """Return the last messages of a device that were kept, for whoever may see the device."""
    statement = select(DeviceMessage).where(DeviceMessage.device_id == device_id)
    return session.scalars(statement.order_by(DeviceMessage.id.desc()).limit(limit)).all()


def newest_event(session: Session, device_id: str, kind: str) -> DeviceEvent | None:
    """Return the newest event of a kind that a device told, for whoever may see the device."""
    statement = select(DeviceEvent).where(DeviceEvent.device_id == device_id, DeviceEvent.kind == kind)
    return session.scalar(statement.order_by(DeviceEvent.inc.desc(), DeviceEvent.seq.desc()).limit(1))


def streams_of(session: Session, device_id: str) -> Sequence[Watermark]:
    """Return how far the streams of a device's newest incarnations are complete."""
    statement = select(Watermark).where(Watermark.device_id == device_id)
    return session.scalars(statement.order_by(Watermark.inc.desc(), Watermark.stream).limit(6)).all()
