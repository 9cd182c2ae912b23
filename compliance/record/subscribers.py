"""Who reacts to which event, and how does each effect happen exactly once?"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import structlog
from sqlalchemy import BigInteger, Engine, Float, Integer, String, Text, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from compliance.record import ledger
from compliance.record.base import Base
from compliance.record.clock import Now, wall_seconds
from compliance.record.database import reading, transaction
from compliance.record.ledger import Event, Recorded
from compliance.record.moments import UtcDateTime
from compliance.record.who import SYSTEM
from compliance.record.work import Work

BATCH = 200
MAX_ATTEMPTS = 5
FIRST_DELAY_S = 0.5

log = structlog.get_logger(__name__)


class Subscription(Base):
    """How far one subscriber has come, and when it may try a failing event again."""

    __tablename__ = "subscription"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    retry_at: Mapped[float] = mapped_column(Float, default=0.0)


class Parked(Base):
    """An event that one subscriber could not digest: set aside with its reason, never dropped."""

    __tablename__ = "subscription_parked"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[UUID] = mapped_column()
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a reaction holds in its hand: its unit of work, the event, and what was prepared for it."""

    work: Work
    event: Event
    prepared: object = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One reaction: `apply(turn)` runs in the transaction that moves the cursor.

    `prepare(session, event)` runs before it, reading only and holding no lock: the place for slow
    calculations such as a solver.
    """

    name: str
    kinds: frozenset[str]
    apply: Callable[[Turn], None]
    prepare: Callable[[Session, Event], object] | None = None


class Outcome(StrEnum):
    """What one step of a subscriber came to."""

    IDLE = "idle"
    DONE = "done"
    RETRY = "retry"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Lag:
    """How many events a subscriber is behind, and how many it has set aside."""

    name: str
    behind: int
    parked: int


def register(engine: Engine, subscribers: list[Subscriber]) -> None:
    """Give every new subscriber a cursor at the start of the record; workers may start at once."""
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    with transaction(engine) as session:
        for name in sorted(subscriber.name for subscriber in subscribers):
            row = dialect.insert(Subscription).values(name=name, cursor=0, attempts=0, retry_at=0.0)
            session.execute(row.on_conflict_do_nothing())


def waiting(engine: Engine, subscribers: list[Subscriber]) -> tuple[list[Subscriber], int]:
    """Return for whom something may wait, and how many others were moved past what does not concern them.

    One look at what follows the hindmost cursor serves all of them: most have nothing to do most of the
    time. Whoever is further than that look reaches is named too, and looks for itself.
    """
    with reading(engine) as session:
        awake = Subscription.retry_at <= wall_seconds()
        cursors = dict(session.execute(select(Subscription.name, Subscription.cursor).where(awake)).all())
        named = [one for one in subscribers if one.name in cursors]
        hindmost = min((cursors[one.name] for one in named), default=0)
        seen = ledger.kinds_after(session, hindmost, BATCH)
    if not seen:
        return [], 0
    end = seen[-1][0]
    found: list[Subscriber] = []
    past: dict[str, int] = {}
    for one in named:
        cursor = cursors[one.name]
        concerned = any(seq > cursor and kind in one.kinds for seq, kind in seen)
        if concerned or (cursor >= end and len(seen) == BATCH):
            found.append(one)
        elif cursor < end:
            past[one.name] = cursor
    return found, _move(engine, past, end)


def _move(engine: Engine, cursors: dict[str, int], end: int) -> int:
    """Move subscribers on, but for those that somebody else moves or has moved meanwhile."""
    if cursors:
        chosen = select(Subscription).where(Subscription.name.in_(cursors))
        with transaction(engine) as session:
            for row in session.scalars(chosen.with_for_update(skip_locked=True)):
                if row.cursor == cursors[row.name]:
                    row.cursor = end
    return len(cursors)


def step(engine: Engine, subscriber: Subscriber, now: Now) -> Outcome:
    """Digest the next event that concerns a subscriber, exactly once.

    The effect and the cursor commit together. A failing event is tried again after 0.5, 1, 2, 4 s;
    then it is parked with its reason and the subscriber goes on.
    """
    found = _next(engine, subscriber)
    if found is None:
        return Outcome.IDLE
    cursor, event = found
    if event.event.kind not in subscriber.kinds:
        return _skip(engine, subscriber, cursor, event.seq)
    try:
        with reading(engine) as session:
            prepared = subscriber.prepare(session, event.event) if subscriber.prepare else None
        with transaction(engine) as session:
            row = _claim(session, subscriber.name, cursor)
            if row is None:
                return Outcome.IDLE
            subscriber.apply(Turn(Work(session, now(), SYSTEM), event.event, prepared))
            row.cursor, row.attempts, row.retry_at = event.seq, 0, 0.0
    except Exception as failure:  # noqa: BLE001 - the worker loop outlives any one event
        return _failed(engine, subscriber, cursor, event, failure, now)
    return Outcome.DONE


def _next(engine: Engine, subscriber: Subscriber) -> tuple[int, Recorded] | None:
    """Return the cursor and the next event of interest, or the last of a batch of others."""
    with reading(engine) as session:
        row = session.get(Subscription, subscriber.name)
        if row is None or row.retry_at > wall_seconds():
            return None
        batch = ledger.read(session, row.cursor, BATCH)
        if not batch:
            return None
        return row.cursor, next((e for e in batch if e.event.kind in subscriber.kinds), batch[-1])


def _claim(session: Session, name: str, cursor: int) -> Subscription | None:
    return session.scalar(
        select(Subscription)
        .where(Subscription.name == name, Subscription.cursor == cursor)
        .with_for_update(skip_locked=True)
    )


def _skip(engine: Engine, subscriber: Subscriber, cursor: int, seq: int) -> Outcome:
    with transaction(engine) as session:
        row = _claim(session, subscriber.name, cursor)
        if row is not None:
            row.cursor = seq
    return Outcome.DONE


def _failed(
    engine: Engine, subscriber: Subscriber, cursor: int, event: Recorded, failure: Exception, now: Now
) -> Outcome:
    reason = _words(failure)
    with transaction(engine) as session:
        row = _claim(session, subscriber.name, cursor)
        if row is None:
            return Outcome.IDLE
        row.attempts += 1
        log.warning("subscriber.failed", name=row.name, seq=event.seq, attempt=row.attempts, reason=reason)
        if row.attempts < MAX_ATTEMPTS:
            row.retry_at = wall_seconds() + FIRST_DELAY_S * 2 ** (row.attempts - 1)
            return Outcome.RETRY
        session.add(
            Parked(
                name=row.name,
                seq=event.seq,
                kind=event.event.kind,
                subject=event.event.subject,
                reason=reason,
                at=now(),
            )
        )
        row.cursor, row.attempts, row.retry_at = event.seq, 0, 0.0
    return Outcome.PARKED


def _words(failure: Exception) -> str:
    """Return a failure in words that every database can store: PostgreSQL takes no NUL, no half character."""
    words = "".join(traceback.format_exception_only(failure)).strip()
    return words.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def lags(session: Session) -> list[Lag]:
    """Return every subscriber's distance from the end of the record."""
    last = session.scalar(select(ledger.head.c.seq)) or 0
    parked = dict(session.execute(select(Parked.name, func.count()).group_by(Parked.name)).all())
    rows = session.scalars(select(Subscription).order_by(Subscription.name))
    return [Lag(row.name, last - row.cursor, parked.get(row.name, 0)) for row in rows]
