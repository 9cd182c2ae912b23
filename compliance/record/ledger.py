"""What happened, in which order, and can anyone have changed it since?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import rfc8785
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime
from compliance.record.rows import plain_rows

UNREADABLE = (msgspec.MsgspecError, ValueError, TypeError, AttributeError)
"""What reading a row raises once somebody has put into it what the product never writes."""

GENESIS = "0" * 64
"""The `previous_hash` of the first event."""

_PENDING = "huanlian.pending_events"

events = Table(
    "ledger",
    Base.metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("id", Uuid, nullable=False, unique=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(40), nullable=False, index=True),
    Column("subject", Uuid, nullable=False, index=True),
    Column("person_id", Uuid),
    Column("organisation_id", Uuid),
    Column("data", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)

head = Table(
    "ledger_head",
    Base.metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

_HEAD = select(head.c.seq, head.c.hash).where(head.c.id == 1).with_for_update()
_APPEND = insert(events)
_ADVANCE = update(head).where(head.c.id == 1).values(seq=bindparam("last"), hash=bindparam("last_hash"))
"""Built once: every transaction that moves something runs these, and building them costs more than that."""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact: what happened (`kind`) to what (`subject`), when, by whom, with which particulars."""

    id: UUID
    at: datetime
    kind: str
    subject: UUID
    person_id: UUID | None
    organisation_id: UUID | None
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place on the chain."""

    seq: int
    event: Event
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row at which the chain does not hold, and what is wrong with it."""

    seq: int
    reason: str


def remember(session: Session, event: Event) -> None:
    """Keep an event with the session's transaction; `seal` writes it just before the commit."""
    session.info.setdefault(_PENDING, []).append(event)


@contextmanager
def attempt(session: Session) -> Iterator[None]:
    """Take back the rows and the events of this block if it fails, and nothing else of the transaction."""
    before = len(pending(session))
    try:
        with session.begin_nested():
            yield
    except BaseException:
        del session.info.get(_PENDING, [])[before:]
        raise


def pending(session: Session) -> list[Event]:
    """Return the events that this transaction will put on the chain, in order."""
    return list(session.info.get(_PENDING, ()))


def digest(previous_hash: str, seq: int, event: Event, data: str) -> str:
    """Return the SHA-256 of one event: RFC 8785 JSON over every column and the hash before it."""
    return hashlib.sha256(
        _FLAT.encode(
            {
                "seq": seq,
                "id": str(event.id),
                "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
                "kind": event.kind,
                "subject": str(event.subject),
                "person_id": str(event.person_id or ""),
                "organisation_id": str(event.organisation_id or ""),
                "data": data,
                "previous_hash": previous_hash,
            }
        ).encode()
    ).hexdigest()


_FLAT = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
"""RFC 8785 for one level of texts and whole numbers under ASCII names, many times as fast."""


def seal(session: Session) -> list[Recorded]:
    """Write the remembered events onto the chain and return them with their hashes.

    The head row is locked last of all locks in a transaction and held until the commit, so that
    writers from any number of processes queue up: the chain has no fork and no gap.
    """
    waiting: list[Event] = session.info.pop(_PENDING, [])
    if not waiting:
        return []
    connection = session.connection()
    seq, previous = connection.execute(_HEAD).one()
    sealed = []
    rows = []
    for event in waiting:
        seq += 1
        data = canonical(event.data)
        current = digest(previous, seq, event, data)
        sealed.append(Recorded(seq, event, previous, current))
        rows.append(_row(seq, event, data, previous, current))
        previous = current
    connection.execute(_APPEND, rows)
    connection.execute(_ADVANCE, {"last": seq, "last_hash": previous})
    return sealed


def canonical(data: Mapping[str, object]) -> str:
    """Return an event's particulars as RFC 8785 JSON text, with ids, moments and decimals as strings."""
    return rfc8785.dumps(msgspec.to_builtins(dict(data), str_keys=True)).decode()


def _row(seq: int, event: Event, data: str, previous: str, current: str) -> dict[str, object]:
    return {
        "seq": seq,
        "id": event.id,
        "at": event.at,
        "kind": event.kind,
        "subject": event.subject,
        "person_id": event.person_id,
        "organisation_id": event.organisation_id,
        "data": data,
        "previous_hash": previous,
        "hash": current,
    }


def read(session: Session, after: int, limit: int) -> list[Recorded]:
    """Return up to `limit` events that follow sequence number `after`, in order."""
    rows = session.execute(select(events).where(events.c.seq > after).order_by(events.c.seq).limit(limit))
    return [_recorded(row._mapping) for row in rows]


def kinds_after(session: Session, after: int, limit: int) -> list[tuple[int, str]]:
    """Return number and kind of up to `limit` events that follow a sequence number, in order."""
    rows = session.execute(
        select(events.c.seq, events.c.kind).where(events.c.seq > after).order_by(events.c.seq).limit(limit)
    )
    return [(row.seq, row.kind) for row in rows]


def about(session: Session, subjects: list[UUID]) -> list[Recorded]:
    """Return every event about one of these things, in order."""
    rows = session.execute(select(events).where(events.c.subject.in_(subjects)).order_by(events.c.seq))
    return [_recorded(row._mapping) for row in rows]


def checked(session: Session, subjects: list[UUID]) -> list[tuple[Recorded, bool]]:
    """Return every event about one of these things, in order, and whether it holds.

    It does where its content has its hash and the event before it on the chain has the hash that it names.
    """
    found = []
    for row in plain_rows(session, _ABOUT, {"subjects": subjects}):
        seq, key, at, kind, subject, person_id, organisation_id, data, previous, current, before = row
        event = Event(key, at, kind, subject, person_id, organisation_id, _PARTICULARS.decode(data))
        fits = previous == (GENESIS if seq == 1 else before)
        holds = fits and digest(previous, seq, event, data) == current
        found.append((Recorded(seq, event, previous, current), holds))
    return found


_PARTICULARS = msgspec.json.Decoder(dict[str, object])
_before = events.alias("before")
_ABOUT = (
    select(events, _before.c.hash.label("hash_before"))
    .outerjoin(_before, _before.c.seq == events.c.seq - 1)
    .where(events.c.subject.in_(bindparam("subjects", expanding=True)))
    .order_by(events.c.seq)
)


def latest(
    session: Session,
    subjects: list[UUID],
    most: int,
    before: int | None = None,
    within: tuple[datetime | None, datetime | None] = (None, None),
) -> list[Recorded]:
    """Return the last events about some things, the newest first; `before`: only those of a lower number.

    `within`: only from one moment to before another.
    """
    wanted = select(events).where(events.c.subject.in_(subjects))
    if within[0] is not None:
        wanted = wanted.where(events.c.at >= within[0])
    if within[1] is not None:
        wanted = wanted.where(events.c.at < within[1])
    if before is not None:
        wanted = wanted.where(events.c.seq < before)
    rows = session.execute(wanted.order_by(events.c.seq.desc()).limit(most))
    return [_recorded(row._mapping) for row in rows]


def _recorded(row: RowMapping) -> Recorded:
    keep = msgspec.convert(
        {name: row[name] for name in ("id", "at", "kind", "subject", "person_id", "organisation_id")}
        | {"data": msgspec.json.decode(str(row["data"]))},
        Event,
    )
    return Recorded(int(str(row["seq"])), keep, str(row["previous_hash"]), str(row["hash"]))


def verify(engine: Engine) -> Broken | None:
    """Walk the whole chain and return its first broken row, or None if it holds to its head."""
    with snapshot(engine) as connection:
        seq, previous, broken = _walk(connection)
        if broken is not None:
            return broken
        last = connection.execute(select(head.c.seq, head.c.hash).where(head.c.id == 1)).one_or_none()
    if last is not None and last.seq > seq:
        return Broken(seq + 1, f"event {seq + 1} is missing")
    if last is None or tuple(last) != (seq, previous):
        return Broken(seq, "the head does not point at the last event")
    return None


def _walk(connection: Connection) -> tuple[int, str, Broken | None]:
    """Follow the links and return the last good row's place and hash, and what is wrong with the next."""
    seq, previous = 0, GENESIS
    ordered = select(events).order_by(events.c.seq).execution_options(yield_per=1000)
    with connection.execute(ordered) as rows:
        try:
            for row in rows.mappings():
                fault = _fault(row, seq, previous)
                if fault:
                    return seq, previous, Broken(row["seq"], fault)
                seq, previous = row["seq"], row["hash"]
        except UNREADABLE:
            return seq, previous, Broken(seq + 1, "the row cannot be read")
    return seq, previous, None


def snapshot(engine: Engine) -> Connection:
    """Return a connection that sees the database as of one moment and takes no write lock."""
    options: dict[str, object] = {"reading": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    return engine.connect().execution_options(**options)


def _fault(row: RowMapping, seq: int, previous: str) -> str | None:
    if row["seq"] != seq + 1:
        return f"event {seq + 1} is missing"
    if row["previous_hash"] != previous:
        return "the link to the event before is broken"
    recorded = _recorded(row)
    if digest(previous, recorded.seq, recorded.event, str(row["data"])) != row["hash"]:
        return "the content does not match its hash"
    return None
