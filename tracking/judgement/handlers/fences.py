"""Which fences is a vehicle in, once it has been inside for a while and until it is clear of them?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from tracking.geofences.rules import Place
from tracking.judgement.rules import Episode, Episodes
from tracking.judgement.state import Inside, Track
from tracking.positions.rules import Fix

Open = Callable[[Inside, Place, Fix], Episode]


def follow(
    inside: tuple[Inside, ...], near: tuple[Place, ...], places: Mapping[str, Place], track: Track, fix: Fix,
    dwell_s: float, open_: Open,
) -> tuple[tuple[Inside, ...], Episodes]:  # fmt: skip
    """Return the fences held after a fix, and the stays that became certain or ended.

    A stay counts from the first fix inside once it has lasted for the dwell; it ends with the first fix
    outside, once the vehicle is beyond the outer line. A fix between the lines changes nothing.
    """
    kept: list[Inside] = []
    found: list[Episode] = []
    held = {one.place for one in inside}
    for one in inside:
        after, told = _stay(one, places.get(one.place), track, fix, dwell_s, open_)
        if after is not None:
            kept.append(after)
        if told is not None:
            found.append(told)
    kept += [
        Inside(place.key, fix.at, track.lat, track.lon)
        for place in near
        if place.key not in held and place.fence.holds(track.lat, track.lon)
    ]
    return tuple(kept), found


def _stay(
    one: Inside, place: Place | None, track: Track, fix: Fix, dwell_s: float, open_: Open
) -> tuple[Inside | None, Episode | None]:
    if place is not None and place.fence.holds(track.lat, track.lon):
        if one.episode is None and (fix.at - one.since).total_seconds() >= dwell_s:
            opened = open_(one, place, fix)
            return msgspec.structs.replace(one, out_at=None, episode=opened), opened
        return (one if one.out_at is None else msgspec.structs.replace(one, out_at=None)), None
    if one.episode is None:
        return None, None
    if place is None or place.fence.is_left(track.lat, track.lon):
        return None, one.episode.ended(one.out_at or fix.at, (fix.at, fix.seq))
    return (one if one.out_at is not None else msgspec.structs.replace(one, out_at=fix.at)), None
