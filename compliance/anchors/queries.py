"""Which anchors are there, and which covers an event? They hold hashes alone: everybody may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from compliance.anchors.tables import Anchor, AnchorPublication, AnchorStamp
from compliance.record import ledger


def anchors() -> Select[Anchor]:
    """Return the statement for all anchors."""
    return select(Anchor)


def newest(session: Session) -> Anchor | None:
    """Return the last anchor."""
    return session.scalar(select(Anchor).order_by(Anchor.last_seq.desc()).limit(1))


def is_published(session: Session, row: Anchor) -> bool:
    """Tell whether an anchor has been written out."""
    return session.get(AnchorPublication, row.id) is not None


def covering(session: Session, seq: int) -> Anchor | None:
    """Return the anchor that covers an event, None while the day has not ended."""
    return session.scalar(select(Anchor).where(Anchor.last_seq >= seq).order_by(Anchor.last_seq).limit(1))


def unstamped(session: Session, authority: str) -> Sequence[Anchor]:
    """Return the anchors that an authority has not stamped yet, the oldest first."""
    stamped = select(AnchorStamp.anchor_id).where(AnchorStamp.authority == authority)
    return session.scalars(select(Anchor).where(Anchor.id.not_in(stamped)).order_by(Anchor.last_seq)).all()


def stamps(session: Session, anchor_ids: Iterable[UUID]) -> dict[UUID, list[AnchorStamp]]:
    """Return the time stamps by anchor."""
    found: dict[UUID, list[AnchorStamp]] = {}
    rows = session.scalars(
        select(AnchorStamp).where(AnchorStamp.anchor_id.in_(set(anchor_ids))).order_by(AnchorStamp.at)
    )
    for row in rows:
        found.setdefault(row.anchor_id, []).append(row)
    return found


def hashes(session: Session, first_seq: int, last_seq: int) -> list[str]:
    """Return the hashes of the events from one to another, both included, in order."""
    wanted = ledger.events.c.seq.between(first_seq, last_seq)
    return list(session.scalars(select(ledger.events.c.hash).where(wanted).order_by(ledger.events.c.seq)))


def one(session: Session, seq: int) -> ledger.Recorded | None:
    """Return one event by its place on the chain."""
    found = ledger.read(session, seq - 1, 1)
    return found[0] if found and found[0].seq == seq else None


def named(session: Session, key: UUID) -> list[ledger.Recorded]:
    """Return the event of an id, or every event about the thing of an id."""
    seq = session.scalar(select(ledger.events.c.seq).where(ledger.events.c.id == key))
    event = one(session, seq) if seq is not None else None
    return [event] if event is not None else ledger.about(session, [key])
