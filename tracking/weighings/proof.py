"""Is a stored ticket still what its scale signed, and does it fit the tickets on either side?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from devices.codecs.weighing_json import verify_weighing, weighing_hash
from devices.readings import Stability, WeighingReading
from tracking.fleet import queries as fleet
from tracking.weighings import queries
from tracking.weighings.rules import chained
from tracking.weighings.tables import Weighing


@dataclass(frozen=True, slots=True)
class Proof:
    """What was checked just now: hash, signature, links; None where a neighbour is not here."""

    content: bool
    signature: bool
    before: bool | None
    after: bool | None

    @property
    def holds(self) -> bool:
        """Tell whether nothing that could be checked fails."""
        return self.content and self.signature and self.before is not False and self.after is not False


def of(session: Session, row: Weighing) -> Proof:
    """Check a stored ticket anew against its scale's keys and its neighbours in the chain."""
    told = reading(row)
    keys = fleet.signing_keys(session, row.device_id, row.at, row.received_at)
    near = queries.neighbours(session, row.device_id, row.inc, row.seq, row.ticket_number)
    before = near.before.ticket_hash if near.before is not None else None
    after = near.after.previous_hash if near.after is not None else None
    first = row.ticket_number == 1
    return Proof(
        content=weighing_hash(row.device_id, row.inc, told) == row.ticket_hash,
        signature=any(verify_weighing(row.device_id, row.inc, told, key) for key in keys),
        before=None
        if before is None and not first
        else chained(row.previous_hash, row.ticket_hash, row.ticket_number, before, None),
        after=None if after is None else after == row.ticket_hash,
    )


def reading(row: Weighing) -> WeighingReading:
    """Return a stored ticket as the scale told it."""
    return WeighingReading(
        seq=row.seq,
        device_time=row.at,
        ticket_number=row.ticket_number,
        plate=row.plate,
        weight_kg=row.kg,
        division_kg=row.division_kg,
        stability=Stability(row.stability),
        frames_hex=tuple(row.frames),
        previous_hash=row.previous_hash,
        ticket_hash=row.ticket_hash,
        signature=row.signature,
        shadow=row.shadow,
        extra=row.extra or {},
    )
