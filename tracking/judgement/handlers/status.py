"""Were doors, lock or load changed, and was that where it should be?"""

from __future__ import annotations

from tracking.judgement.rules import NOTHING, Around, Episode, Episodes, Kind
from tracking.judgement.state import State, Status
from tracking.positions.rules import Fix

DOORS = tuple(range(13, 18))
"""Bits of the doors in a JT/T 808 status: 13 to 17 are open when set."""
LOCK = 12
WATCHED = sum(1 << bit for bit in DOORS) | 1 << LOCK


def judge(state: State, fix: Fix, around: Around) -> tuple[Status, Episodes]:
    """Find openings of doors, changes of the load, and whatever was opened on the road with a load on."""
    bits, before = fix.status_bits & WATCHED, state.status
    if before is not None and bits == before.bits and fix.load is before.load and not before.open:
        return before, NOTHING
    if before is None:
        before = Status(0 if bits & ~(1 << LOCK) else bits, fix.load)
    leg = around.leg_at(fix.at) if state.trip else None
    way = leg.trip if leg is not None and leg.away(fix.at) and not state.sites else ""
    found: list[Episode] = []
    still: list[Episode] = []
    for one in before.open:
        if bits >> int(one.subject) & 1:
            still.append(one)
        else:
            found.append(one.ended(fix.at, (fix.at, fix.seq)))
    begun = [bit for bit in DOORS if bits >> bit & 1 and not before.bits >> bit & 1]
    opened = [_opening(Kind.SEAL if way else Kind.DOOR, bit, way, fix) for bit in begun]
    found += opened
    if way and before.bits >> LOCK & 1 and not bits >> LOCK & 1:
        found.append(_moment(Kind.SEAL, fix, str(LOCK), way, {}))
    if fix.load is not before.load:
        change = {"before": before.load.value, "after": fix.load.value}
        found.append(_moment(Kind.LOAD, fix, "load", way, change))
    return Status(bits, fix.load, way, (*still, *opened)), found


def _opening(kind: Kind, bit: int, trip: str, fix: Fix) -> Episode:
    return Episode(kind, fix.at, (fix.at, fix.seq), fix.lat, fix.lon, str(bit), trip)


def _moment(kind: Kind, fix: Fix, subject: str, trip: str, facts: dict[str, str]) -> Episode:
    key = (fix.at, fix.seq)
    return Episode(
        kind, fix.at, key, fix.lat, fix.lon, subject, trip, until=fix.at, closed=key, facts={**facts}
    )
