"""Which known site is the vehicle at?"""

from __future__ import annotations

from tracking.geofences.rules import Place
from tracking.judgement.handlers import fences
from tracking.judgement.rules import NOTHING, Around, Episode, Episodes, Kind
from tracking.judgement.state import Inside, State
from tracking.positions.rules import Fix


def judge(state: State, fix: Fix, around: Around) -> tuple[tuple[Inside, ...], Episodes]:
    """Find visits of sites: inside the fence for the dwell, until clear of it."""
    track, inside = state.track, state.sites
    assert track is not None
    near = around.sites.near(track.lat, track.lon)
    if not near and not inside:
        return inside, NOTHING
    dwell_s = around.limits.sites.dwell_s
    return fences.follow(inside, near, around.sites.by_key, track, fix, dwell_s, _visit)


def _visit(one: Inside, place: Place, fix: Fix) -> Episode:
    key = (fix.at, fix.seq)
    return Episode(Kind.VISIT, one.since, key, one.lat, one.lon, place.key, facts={"name": place.name})
