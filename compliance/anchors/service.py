"""How is the record anchored day by day, and an event proved back to its anchor?"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.anchors import offline, queries
from compliance.anchors.offline import Row
from compliance.anchors.tables import Anchor, AnchorPublication, AnchorStamp
from compliance.record import ledger
from compliance.record.ledger import Recorded
from compliance.record.work import Work


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an authority gave: the whole answer (DER), and the moment it states."""

    token: bytes
    at: datetime


class StampRefused(Exception):
    """The authority could not be reached, or what it answered does not hold."""


class Authority(Protocol):
    """Who stamps texts with a time (RFC 3161); a simulator says so in `simulated`.

    `roots` are the certificates (PEM) that a time stamp is checked against.
    """

    name: str
    simulated: bool
    roots: bytes

    def stamp(self, text: bytes, at: datetime) -> Stamp:
        """Return a time stamp over a text; only a simulator believes `at`.

        Raises `StampRefused`.
        """

    def fault(self, token: bytes, text: bytes) -> str:
        """Say what is wrong with a time stamp of this authority over a text; empty where it holds."""


def anchor(work: Work) -> Anchor | None:
    """Anchor what has happened up to now for the day before today; None where that was done already.

    Appends `AnchorPublished`, which the next anchor covers.
    """
    session, day = work.session, work.today
    last = queries.newest(session)
    if last is not None and last.day >= day:
        return None
    head = session.execute(select(ledger.head.c.seq, ledger.head.c.hash).where(ledger.head.c.id == 1)).one()
    first = last.last_seq + 1 if last else 1
    if head.seq < first:
        return None
    stated: Row = {
        "day": day.isoformat(),
        "first_seq": first,
        "last_seq": head.seq,
        "head": head.hash,
        "root": offline.root_of(queries.hashes(session, first, head.seq)),
        "previous": last.digest if last else offline.GENESIS,
        "at": moment(work.now),
    }
    digest = hashlib.sha256(offline.statement(stated).encode()).hexdigest()
    row = Anchor(
        id=work.new_id(),
        day=day,
        first_seq=first,
        last_seq=head.seq,
        head=head.hash,
        root=stated["root"],
        previous=stated["previous"],
        digest=digest,
        at=work.now,
    )
    session.add(row)
    work.append("AnchorPublished", row.id, day=stated["day"], last_seq=head.seq, digest=digest)
    return row


def keep_stamp(work: Work, row: Anchor, authority: Authority, stamp: Stamp) -> None:
    """Put an authority's time stamp beside an anchor."""
    work.session.add(
        AnchorStamp(
            id=work.new_id(),
            anchor_id=row.id,
            authority=authority.name,
            simulated=authority.simulated,
            token=stamp.token,
            at=stamp.at,
        )
    )


def published(work: Work, count: int) -> None:
    """Note that the oldest anchors, so many, have been written out; those after them have not been yet."""
    noted = set(work.session.scalars(select(AnchorPublication.anchor_id)))
    written = work.session.scalars(queries.anchors().order_by(Anchor.last_seq).limit(count))
    fresh = [row.id for row in written if row.id not in noted]
    work.session.add_all(AnchorPublication(anchor_id=key, at=work.now) for key in fresh)
    work.session.flush()


def moment(at: datetime) -> str:
    """Return a moment as the record writes it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def stated(row: Anchor) -> Row:
    """Return an anchor as plain values."""
    return {
        "day": row.day.isoformat(),
        "first_seq": row.first_seq,
        "last_seq": row.last_seq,
        "head": row.head,
        "root": row.root,
        "previous": row.previous,
        "digest": row.digest,
        "at": moment(row.at),
    }


def statement_of(row: Anchor) -> bytes:
    """Return the text of an anchor that is stamped."""
    return offline.statement(stated(row)).encode()


def event_row(one: Recorded) -> Row:
    """Return an event as plain values, its particulars as the text that is hashed."""
    event = one.event
    return {
        "seq": one.seq,
        "id": str(event.id),
        "at": moment(event.at),
        "kind": event.kind,
        "subject": str(event.subject),
        "person_id": str(event.person_id or ""),
        "organisation_id": str(event.organisation_id or ""),
        "data": ledger.canonical(event.data),
        "previous_hash": one.previous_hash,
        "hash": one.hash,
    }


def proof(session: Session, one: Recorded) -> Row | None:
    """Return an event's way to the anchor that covers it, with its time stamps; None while it has none."""
    row = queries.covering(session, one.seq)
    if row is None:
        return None
    hashes = queries.hashes(session, row.first_seq, row.last_seq)
    return {
        "event": event_row(one),
        "path": [list(step) for step in offline.path_of(hashes, one.seq - row.first_seq)],
        "anchor": stated(row),
        "stamps": [
            {
                "authority": stamp.authority,
                "simulated": stamp.simulated,
                "at": moment(stamp.at),
                "token": base64.b64encode(stamp.token).decode(),
            }
            for stamp in queries.stamps(session, [row.id]).get(row.id, [])
        ],
    }


def faults(session: Session) -> list[tuple[str, str]]:
    """Return what does not hold of all anchors against the chain as it now is: (anchor, what is wrong)."""
    found = []
    previous, reached = offline.GENESIS, 0
    for row in session.scalars(queries.anchors().order_by(Anchor.last_seq)):
        name = f"anchor {row.day.isoformat()}"
        if hashlib.sha256(statement_of(row)).hexdigest() != row.digest or row.previous != previous:
            found.append((name, "it is not what its digest says, or does not follow the one before"))
        own = queries.hashes(session, row.first_seq, row.last_seq)
        if row.first_seq != reached + 1 or len(own) != row.last_seq - reached:
            found.append((name, "events that it covers are missing"))
        elif offline.root_of(own) != row.root or own[-1] != row.head:
            found.append((name, "the chain was written anew after it was anchored"))
        previous, reached = row.digest, row.last_seq
    return found
