"""In which arrays do the rules stand that plain pickup and delivery with time windows does not have?

A search without such rules is compiled with None in their place and pays nothing for them.
"""

from __future__ import annotations

from typing import NamedTuple

from matching.routing.search.arrays import I4, I8, F

TOLERANCE = 1e-6

# Columns of `Rules.tours`, then one column a compartment: the mask of the classes it takes.
TYPE, OPEN_END, COMPARTMENTS, TAKES = 0, 1, 2, 3
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
# Places in `Rules.limits`.
CHANGE_COST, MOST_MOVED, OLD_STOPS, EXCESS_COST, RIDES, LOADING = range(6)
# Rows of `Rules.trial`: the stops of the trial, of each request where it was picked up and its compartment,
# what is on board, and room for the longest rising sequence.
STOPS, PICKED, BERTH, ABOARD, TAILS = range(5)
# Rows of `Rules.times`: of each stop of the trial the arrival, the beginning, and the earliest it may begin.
ARRIVES, BEGINS, HOLDS = range(3)
# Places in `Rules.meter`: a vehicle under way.
CLOCK, SINCE, DRIVEN, COSTS, IDLE, HELD_S, LOADS = range(7)


class Rules(NamedTuple):
    """The rich rules of a problem, and where a trial drive keeps its figures.

    `spans[span_at[node, type, 0]:span_at[node, type, 1]]` is when service may begin; `leg_at` the same for
    closed hours, by `leg_of[from, to]` > 0. `slots[dock]` says who is served when, `owners` by whom (last
    column: how many). `held` is the load of each compartment under way, `soiled` the mask of its wastes.
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
