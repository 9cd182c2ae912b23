"""Was nothing heard of a vehicle on its way for too long?"""

from __future__ import annotations

from datetime import timedelta

from tracking.judgement.rules import NOTHING, Around, Episode, Episodes, Kind
from tracking.judgement.state import State
from tracking.positions.rules import Fix


def judge(state: State, fix: Fix, around: Around) -> tuple[None, Episodes]:
    """Find gaps between two fixes while a load is on the road; late data that fills one disproves it."""
    track = state.track
    assert track is not None
    if track.gap_s <= around.limits.silence.gap_s or not around.legs:
        return None, NOTHING
    since = fix.at - timedelta(seconds=track.gap_s)
    leg = next((one for one in around.legs if one.away(since)), None)
    if leg is None:
        return None, NOTHING
    key = (fix.at, fix.seq)
    facts = {"seconds": round(track.gap_s), "metres": round(track.metres)}
    return None, (
        Episode(
            Kind.SILENCE,
            since,
            key,
            fix.lat,
            fix.lon,
            trip=leg.trip,
            until=fix.at,
            closed=key,
            facts={**facts},
        ),
    )
