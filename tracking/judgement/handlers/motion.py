"""Does the vehicle drive or stand, since when, and how far has it come?"""

from __future__ import annotations

from datetime import datetime, timedelta

from tracking.judgement.rules import NOTHING, Around, Episode, Episodes, Kind
from tracking.judgement.state import Motion, State, Track
from tracking.positions.rules import Fix

SEEN_M = 150.0
"""So far between two fixes the vehicle has moved, whatever its speed says."""


def judge(state: State, fix: Fix, around: Around) -> tuple[Motion, Episodes]:
    """Change between driving and standing only once the other has lasted; it counts from its first fix.

    A long silence ends a drive where it was last seen driving.
    """
    track, before = state.track, state.motion
    assert track is not None
    rolls = _rolls(track, fix, around)
    if before is None:
        began = _begin(rolls, fix.at, fix, track.lat, track.lon)
        return Motion(began, rolls), (began,)
    if before.moving and track.gap_s > around.limits.silence.gap_s:
        return _broken_off(before, track, fix, rolls)
    metres = before.metres + track.metres
    if rolls is before.moving:
        return Motion(before.episode, rolls, metres, driven_m=before.driven_m), NOTHING
    if before.turn_at is None:
        turned = Motion(
            before.episode, before.moving, metres, fix.at, track.lat, track.lon, driven_m=before.driven_m
        )
    else:
        turned = Motion(
            before.episode,
            before.moving,
            metres,
            before.turn_at,
            before.turn_lat,
            before.turn_lon,
            before.turn_metres + track.metres,
            before.driven_m,
        )
    return _turn(turned, fix) if _lasts(turned, fix, around) else (turned, NOTHING)


def _rolls(track: Track, fix: Fix, around: Around) -> bool:
    if track.metres > SEEN_M:
        return True
    speed = fix.speed_kmh
    if speed is None:
        speed = track.metres / track.gap_s * 3.6 if track.gap_s > 0 else 0.0
    return speed > around.limits.motion.rolling_kmh


def _lasts(turned: Motion, fix: Fix, around: Around) -> bool:
    assert turned.turn_at is not None
    figures = around.limits.motion
    lasted_s = (fix.at - turned.turn_at).total_seconds()
    if turned.moving:
        return lasted_s >= figures.halt_s
    return lasted_s >= figures.start_s or turned.turn_metres > figures.start_m


def _begin(rolls: bool, since: datetime, fix: Fix, lat: float, lon: float) -> Episode:
    return Episode(Kind.DRIVE if rolls else Kind.STOP, since, (fix.at, fix.seq), lat, lon)


def _turn(turned: Motion, fix: Fix) -> tuple[Motion, Episodes]:
    assert turned.turn_at is not None
    driven_m = turned.metres - turned.turn_metres
    over = _over(turned, turned.turn_at, fix, driven_m, turned.turn_lat, turned.turn_lon)
    began = _begin(not turned.moving, turned.turn_at, fix, turned.turn_lat, turned.turn_lon)
    kept = driven_m if turned.moving else turned.driven_m
    return Motion(began, not turned.moving, turned.turn_metres, driven_m=kept), (over, began)


def _over(motion: Motion, until: datetime, fix: Fix, metres: float, lat: float, lon: float) -> Episode:
    key = (fix.at, fix.seq)
    if not motion.moving:
        return motion.episode.ended(until, key)
    return motion.episode.ended(until, key, metres=round(metres), to_lat=round(lat, 6), to_lon=round(lon, 6))


def _broken_off(before: Motion, track: Track, fix: Fix, rolls: bool) -> tuple[Motion, Episodes]:
    """End a drive at its last fix before a silence, and begin anew behind it."""
    last_at = before.turn_at or fix.at - timedelta(seconds=track.gap_s)
    over = _over(before, last_at, fix, before.metres, track.lat, track.lon)
    began = _begin(rolls, fix.at, fix, track.lat, track.lon)
    return Motion(began, rolls, driven_m=before.metres), (over, began)
