"""Does the vehicle stand on its way where nobody expects it to?"""

from __future__ import annotations

from tracking.judgement.rules import NOTHING, Around, Episode, Episodes, Kind
from tracking.judgement.state import State
from tracking.positions.rules import Fix


def judge(state: State, fix: Fix, around: Around) -> tuple[Episode | None, Episodes]:
    """Find stops on the road between the two sites, away from every known site, that last too long."""
    before, motion = state.halt, state.motion
    if before is None and not state.trip:
        return None, NOTHING
    assert motion is not None
    leg = around.leg_at(fix.at)
    stands = leg is not None and leg.away(fix.at) and not motion.moving and not state.sites
    if before is not None:
        if stands:
            return before, NOTHING
        until = max(motion.episode.since, before.since) if motion.moving else fix.at
        seconds = round((until - before.since).total_seconds())
        return None, (before.ended(until, (fix.at, fix.seq), seconds=seconds),)
    if not stands:
        return None, NOTHING
    assert leg is not None
    assert leg.away_from is not None
    since = max(motion.episode.since, leg.away_from)
    if (fix.at - since).total_seconds() < around.limits.stops.unplanned_s:
        return None, NOTHING
    opened = Episode(
        Kind.HALT, since, (fix.at, fix.seq), motion.episode.lat, motion.episode.lon, trip=leg.trip
    )
    return opened, (opened,)
