"""Can the vehicle be where this fix says, after where it was?"""

from __future__ import annotations

import math

from tracking.judgement.rules import NORTH_M, NOTHING, Around, Episode, Episodes, Kind
from tracking.judgement.state import State, Track
from tracking.positions.rules import Fix

_RADIAN = math.pi / 180


def judge(state: State, fix: Fix, around: Around) -> tuple[Track, Episodes]:
    """Believe a fix that the vehicle can have reached; doubt any other until several agree.

    A vehicle that stands and is seen a little beside its place has not moved. What lies outside China, is
    swapped or comes from the future is set apart before, by itself alone (`positions.rules.exclusion`).
    """
    last = state.track
    if last is None:
        return Track(fix.at, fix.seq, fix.lat, fix.lon), NOTHING
    figures = around.limits.validity
    gap_s = (fix.at - last.at).total_seconds()
    metres = math.hypot(
        (fix.lat - last.lat) * NORTH_M, (fix.lon - last.lon) * NORTH_M * math.cos(fix.lat * _RADIAN)
    )
    if metres > figures.jump_slack_m and metres > figures.jump_slack_m + figures.jump_kmh / 3.6 * gap_s:
        return _doubt(last, fix, around)
    if metres <= figures.drift_m and fix.speed_kmh is not None and fix.speed_kmh <= figures.drift_kmh:
        return Track(fix.at, fix.seq, last.lat, last.lon, 0.0, gap_s), NOTHING
    return Track(fix.at, fix.seq, fix.lat, fix.lon, metres, gap_s), NOTHING


def _doubt(last: Track, fix: Fix, around: Around) -> tuple[Track, Episodes]:
    """Set a fix apart; once enough in a row agree with each other, the vehicle is where they are."""
    doubted = last.doubted if last.doubted and _agree(last.doubted[-1], fix, around) else ()
    if len(doubted) + 1 >= around.limits.validity.agreeing:
        gap_s = (fix.at - last.at).total_seconds()
        return Track(fix.at, fix.seq, fix.lat, fix.lon, 0.0, gap_s), NOTHING
    kept = Track(
        last.at,
        last.seq,
        last.lat,
        last.lon,
        last.metres,
        last.gap_s,
        believed=False,
        doubted=(*doubted, fix),
    )
    key = (fix.at, fix.seq)
    found = Episode(Kind.JUMP, fix.at, key, fix.lat, fix.lon, str(fix.seq), until=fix.at, closed=key)
    return kept, (found,)


def _agree(before: Fix, fix: Fix, around: Around) -> bool:
    figures = around.limits.validity
    gap_s = (fix.at - before.at).total_seconds()
    east = (fix.lon - before.lon) * NORTH_M * math.cos(fix.lat * _RADIAN)
    metres = math.hypot((fix.lat - before.lat) * NORTH_M, east)
    return metres <= figures.jump_slack_m + figures.jump_kmh / 3.6 * gap_s
