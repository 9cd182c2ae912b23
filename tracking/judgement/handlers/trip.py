"""With which load is the vehicle at this moment?"""

from __future__ import annotations

from tracking.judgement.rules import NOTHING, Around, Episodes
from tracking.judgement.state import State
from tracking.positions.rules import Fix


def judge(_: State, fix: Fix, around: Around) -> tuple[str, Episodes]:
    """Return the id of the trip whose load is on the vehicle, empty without one.

    The times of a trip are minima over its fixes and signatures (`trips.rules.follow`), worked out before.
    """
    if not around.legs:
        return "", NOTHING
    leg = around.leg_at(fix.at)
    return ("" if leg is None else leg.trip), NOTHING
