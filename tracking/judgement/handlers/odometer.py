"""Does the vehicle's own odometer agree with the satellites?"""

from __future__ import annotations

from tracking.judgement.rules import NOTHING, Around, Episode, Episodes, Kind
from tracking.judgement.state import Odometer, State
from tracking.positions.rules import Fix


def judge(state: State, fix: Fix, around: Around) -> tuple[Odometer | None, Episodes]:
    """Find an odometer that runs backwards, or counts another length for a drive than the fixes do."""
    told, before, motion = fix.odometer_m, state.odometer, state.motion
    if told is None:
        return before, NOTHING
    assert motion is not None
    since = motion.episode.since
    if before is None:
        return Odometer(told, told, since), NOTHING
    if told < before.told_m:
        return Odometer(told, told, since), (_found(fix, before=before.told_m, after=told),)
    if since == before.since:
        return Odometer(told, before.began_m, since), NOTHING
    after = Odometer(told, before.told_m, since)
    counted = before.told_m - before.began_m
    if motion.moving or not _differ(counted, motion.driven_m, around):
        return after, NOTHING
    return after, (_found(fix, odometer_m=counted, satellites_m=round(motion.driven_m)),)


def _differ(counted_m: int, driven_m: float, around: Around) -> bool:
    figures = around.limits.odometer
    return counted_m >= figures.least_m and abs(counted_m - driven_m) > figures.differs * counted_m


def _found(fix: Fix, **facts: int) -> Episode:
    key = (fix.at, fix.seq)
    return Episode(
        Kind.ODOMETER,
        fix.at,
        key,
        fix.lat,
        fix.lon,
        str(fix.seq),
        until=fix.at,
        closed=key,
        facts=dict(facts),
    )
