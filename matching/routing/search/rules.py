"""In which arrays do the rules stand that plain pickup and delivery with time windows does not have?

A search without such rules is compiled with None in their place and pays nothing for them.
"""

from __future__ import annotations

from typing import NamedTuple

from matching.routing.search.arrays import I4, I8, F

TOLERANCE = 1e-6
OFFERS = 24
"""So many places for one request are driven at most."""

# Columns of `Rules.tours` (`DELAYED`: a pickup is put off), then one a compartment: the classes it takes.
TYPE, OPEN_END, COMPARTMENTS, DELAYED, OLD_DELAYED, TAKES = range(6)
# Columns of `Rules.cards`: what the driver has behind her, and what a paid second costs.
DRIVEN_BEFORE, SINCE_BEFORE, PER_SECOND = 0, 1, 2
# Columns of `Rules.classes`: masks of the classes that may not be on board too, or only before a cleaning.
APART, SOILED_BY = 0, 1
# Places in `Rules.hours`.
DRIVE_S, BREAK_S, DAY_S = 0, 1, 2
# Columns of `Rules.wash`.
WASH_S, WASH_COST = 0, 1
# Columns of `Rules.old`: tour and rank in the running plan.
OLD_TOUR, OLD_RANK = 0, 1
# Places in `Rules.limits` (`LOADING`: stops begin when they did; `KEEPING`: the drive is the route's own).
CHANGE_COST, MOST_MOVED, OLD_STOPS, EXCESS_COST, RIDES, LOADING, KEEPING = range(7)
# Rows of `Rules.trial`: the stops of the trial, of each request where it was picked up and its compartment,
# what is on board, and room for the longest rising sequence.
STOPS, PICKED, BERTH, ABOARD, TAILS = range(5)
# Rows of `Rules.times`: of each stop of the trial the earliest it may begin, and when it begins.
HOLDS, AFTER = 0, 1
# Columns of `Rules.past`, of each stop of a route: when it begins, and the meter after it.
BEGINS, PAST = 0, 1
# Places in `Rules.meter`: a vehicle under way.
CLOCK, SINCE, DRIVEN, COSTS, IDLE, LOADS = range(6)
METERS = 5


# Places in `Rules.links`: the addresses of the units.
DRIVE, FOLLOW, TRY = 0, 1, 2


class Rules(NamedTuple):
    """The rich rules of a problem, and where a trial drive keeps its figures.

    `spans[span_at[node, type, 0]:span_at[node, type, 1]]` is when service may begin; `leg_at` the same for
    closed hours, by `leg_of[from, to]` > 0. `slots[dock]` says who is served when, `owners` by whom (last
    column: how many). `held` is the load of each compartment under way, `soiled` the mask of its wastes.
    `past` and `traces` keep how each route stands after each stop, now and before this step, so that a trial
    begins where it differs.
    """

    spans: F
    span_at: I8
    leg_of: I4
    leg_at: I8
    goods: F
    class_of: I8
    rooms: F
    start_load: F
    start_soiled: I8
    aboard: I8
    tours: I8
    cards: F
    classes: I8
    hours: F
    wash_nodes: I8
    wash: F
    docks: I8
    dock_count: I8
    slots: F
    owners: I8
    old: I8
    limits: F
    common: I8
    begins: F
    trial: I8
    times: F
    held: F
    soiled: I8
    meter: F
    offers: F
    past: F
    traces: I8
    links: I8
