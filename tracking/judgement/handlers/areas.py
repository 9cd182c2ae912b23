"""Is the vehicle with a dangerous load where it may not be without the police's approval (M8)?"""

from __future__ import annotations

from tracking.geofences.rules import Place
from tracking.judgement.handlers import fences
from tracking.judgement.rules import NOTHING, RULES, Around, Episode, Episodes, Kind
from tracking.judgement.state import Inside, State
from tracking.positions.rules import Fix


def judge(state: State, fix: Fix, around: Around) -> tuple[tuple[Inside, ...], Episodes]:
    """Find stays in restricted areas in force, of vehicles that carry hazardous waste without approval."""
    track, inside = state.track, state.areas
    assert track is not None
    near = around.areas.near(track.lat, track.lon) if state.trip else ()
    if not near and not inside:
        return inside, NOTHING
    leg = around.leg_at(fix.at)
    if leg is None or not leg.hazardous:
        near = ()
    near = tuple(one for one in near if one.in_force(fix.at) and not one.approved(around.plate_key, fix.at))

    def enter(one: Inside, place: Place, fix: Fix) -> Episode:
        facts = {"name": place.name, "rule": RULES[Kind.AREA]}
        trip = leg.trip if leg else ""
        return Episode(
            Kind.AREA, one.since, (fix.at, fix.seq), one.lat, one.lon, place.key, trip, facts={**facts}
        )

    dwell_s = around.limits.areas.dwell_s
    return fences.follow(inside, near, {one.key: one for one in near}, track, fix, dwell_s, enter)
