"""Has the vehicle left its planned route, for how long and how far?"""

from __future__ import annotations

from datetime import datetime

import msgspec

from tracking.judgement.rules import NOTHING, Around, Episode, Episodes, Kind, Route
from tracking.judgement.state import Astray, State, Track
from tracking.positions.rules import Fix


def judge(state: State, fix: Fix, around: Around) -> tuple[Astray | None, Episodes]:
    """Find deviations: beside the corridor for so long and so far, until back within it.

    The corridor of a straight line, for want of a road, is wide and marked as an estimate.
    """
    before = state.corridor
    if before is None and not state.trip:
        return None, NOTHING
    leg = around.leg_at(fix.at)
    route = leg.route if leg is not None and leg.away(fix.at) else None
    if before is not None and (leg is None or route is None or leg.trip != before.trip):
        return None, _ended(before, fix, before.back_at or fix.at)
    if leg is None or route is None:
        return None, NOTHING
    track = state.track
    assert track is not None
    if before is None:
        return _leave(leg.trip, route, track), NOTHING
    if route.has_back(track.lat, track.lon):
        return _back(before, fix, around)
    farther = msgspec.structs.replace(
        before,
        metres=before.metres + track.metres,
        farthest_m=max(before.farthest_m, route.beside_m(track.lat, track.lon)),
        back_at=None,
    )
    return _certain(farther, route, fix, around)


def _leave(trip: str, route: Route, track: Track) -> Astray | None:
    if route.holds(track.lat, track.lon):
        return None
    return Astray(track.at, track.lat, track.lon, trip, 0.0, route.beside_m(track.lat, track.lon))


def _back(before: Astray, fix: Fix, around: Around) -> tuple[Astray | None, Episodes]:
    if before.episode is None:
        return None, NOTHING
    if before.back_at is None:
        return msgspec.structs.replace(before, back_at=fix.at), NOTHING
    if (fix.at - before.back_at).total_seconds() < around.limits.corridor.back_s:
        return before, NOTHING
    return None, _ended(before, fix, before.back_at)


def _certain(astray: Astray, route: Route, fix: Fix, around: Around) -> tuple[Astray, Episodes]:
    figures = around.limits.corridor
    out_s = (fix.at - astray.since).total_seconds()
    if astray.episode is not None or out_s < figures.out_s or astray.metres < figures.out_m:
        return astray, NOTHING
    opened = Episode(
        Kind.DEVIATION,
        astray.since,
        (fix.at, fix.seq),
        astray.lat,
        astray.lon,
        trip=astray.trip,
        facts={"corridor_m": round(route.half_width_m), "estimated": route.estimated},
    )
    return msgspec.structs.replace(astray, episode=opened), (opened,)


def _ended(astray: Astray, fix: Fix, until: datetime) -> Episodes:
    if astray.episode is None:
        return NOTHING
    return (
        astray.episode.ended(
            until,
            (fix.at, fix.seq),
            metres=round(astray.metres),
            farthest_m=round(astray.farthest_m),
            seconds=round((until - astray.since).total_seconds()),
        ),
    )
