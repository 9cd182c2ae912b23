"""Is the vehicle faster than a lorry with its load may be anywhere?"""

from __future__ import annotations

from datetime import datetime

import msgspec

from tracking.judgement.rules import NOTHING, Around, Episode, Episodes, Kind
from tracking.judgement.state import State, TooFast
from tracking.positions.rules import Fix


def judge(state: State, fix: Fix, around: Around) -> tuple[TooFast | None, Episodes]:
    """Find stretches above the limit that last, until the speed has been below it for a while."""
    before, speed, figures = state.overspeed, fix.speed_kmh, around.limits.speed
    if before is None and (speed is None or speed <= figures.hazardous_kmh):
        return None, NOTHING
    leg = around.leg_at(fix.at) if state.trip else None
    limit = figures.hazardous_kmh if leg is not None and leg.hazardous else figures.other_kmh
    over = speed is not None and speed > limit
    track = state.track
    assert track is not None
    if before is None:
        return (TooFast(fix.at, track.lat, track.lon, speed or 0.0, limit) if over else None), NOTHING
    if track.gap_s > around.limits.silence.gap_s:
        return None, _ended(before, fix, before.back_at or fix.at)
    if over:
        assert speed is not None
        return _goes_on(before, speed, state.trip, fix, around)
    return _slower(before, fix, around)


def _goes_on(before: TooFast, speed: float, trip: str, fix: Fix, around: Around) -> tuple[TooFast, Episodes]:
    faster = msgspec.structs.replace(before, most_kmh=max(before.most_kmh, speed), back_at=None)
    if before.episode is not None or (fix.at - before.since).total_seconds() < around.limits.speed.over_s:
        return faster, NOTHING
    opened = Episode(
        Kind.OVERSPEED,
        before.since,
        (fix.at, fix.seq),
        before.lat,
        before.lon,
        trip=trip,
        facts={"limit_kmh": before.limit_kmh},
    )
    return msgspec.structs.replace(faster, episode=opened), (opened,)


def _slower(before: TooFast, fix: Fix, around: Around) -> tuple[TooFast | None, Episodes]:
    if before.episode is None:
        return None, NOTHING
    if before.back_at is None:
        return msgspec.structs.replace(before, back_at=fix.at), NOTHING
    if (fix.at - before.back_at).total_seconds() < around.limits.speed.back_s:
        return before, NOTHING
    return None, _ended(before, fix, before.back_at)


def _ended(before: TooFast, fix: Fix, until: datetime) -> Episodes:
    if before.episode is None:
        return NOTHING
    return (before.episode.ended(until, (fix.at, fix.seq), most_kmh=round(before.most_kmh, 1)),)
