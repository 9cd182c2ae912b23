"""Can this record be proved back to an anchor?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from compliance.anchors import offline, queries, service
from compliance.anchors.offline import Row
from compliance.anchors.service import Authority
from compliance.anchors.tables import AnchorStamp
from compliance.manifests.tables import Manifest
from compliance.record import ledger
from compliance.record.errors import N_, Invalid, NotFound
from compliance.record.ledger import Recorded

MOST = 500


class Standing(StrEnum):
    """How an event stands: it holds to its anchor, waits for one, or does not hold."""

    HOLDS = "holds"
    WAITS = "waits"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Stamped:
    """A time stamp on the anchor, and what is wrong with it; `checked`: here is what is needed to tell."""

    authority: str
    simulated: bool
    at: datetime
    checked: bool
    fault: str


@dataclass(frozen=True, slots=True)
class Proved:
    """One event with what was found."""

    recorded: Recorded
    standing: Standing
    faults: tuple[str, ...]
    anchor_day: date | None
    stamps: tuple[Stamped, ...]
    proof: Row | None


def look_up(session: Session, text: str) -> list[Recorded]:
    """Return the events that a text names: an event's or thing's id, a place, a manifest's number.

    Raises `NotFound` for none and `Invalid` for what names nothing.
    """
    plain = text.strip().lstrip("#")
    if plain.isdecimal() and len(plain) == 14:
        key = session.scalar(
            select(Manifest.id).where(or_(Manifest.number == plain, Manifest.national_number == plain))
        )
        found = ledger.about(session, [key]) if key is not None else []
    elif plain.isdecimal() and len(plain) < 14:
        event = queries.one(session, int(plain))
        found = [event] if event is not None else []
    else:
        found = queries.named(session, _key(plain))
    if not found:
        raise NotFound("event", plain)
    return found[:MOST]


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(
            N_("“{text}” names no record."),
            field="record",
            way_out=N_(
                "Give the id of an event or a thing, an event's place on the chain, or a manifest's number."
            ),
            values={"text": text[:60]},
        ) from None


def proved(session: Session, one: Recorded, authority: Authority | None) -> Proved:
    """Prove one event: its own hash, its link, its way to the anchor, the anchor, the time stamp."""
    faults = []
    before = queries.one(session, one.seq - 1)
    if (before.hash if before else ledger.GENESIS) != one.previous_hash:
        faults.append("the link to the event before is broken")
    proof = service.proof(session, one)
    if proof is None:
        if offline.event_hash(service.event_row(one)) != one.hash:
            faults.append("the event is not what its hash says")
        return Proved(one, Standing.BROKEN if faults else Standing.WAITS, tuple(faults), None, (), None)
    faults += offline.faults_of_proof(proof)
    row = queries.covering(session, one.seq)
    assert row is not None
    stamps = [
        _stamped(stamp, service.statement_of(row), authority)
        for stamp in queries.stamps(session, [row.id]).get(row.id, [])
    ]
    faults += [f"the time stamp does not hold: {stamp.fault}" for stamp in stamps if stamp.fault]
    standing = Standing.BROKEN if faults else Standing.HOLDS
    return Proved(one, standing, tuple(faults), row.day, tuple(stamps), proof)


def _stamped(stamp: AnchorStamp, text: bytes, authority: Authority | None) -> Stamped:
    known = authority is not None and authority.name == stamp.authority
    fault = authority.fault(stamp.token, text) if authority is not None and known else ""
    return Stamped(stamp.authority, stamp.simulated, stamp.at, known, fault)
