"""What is asked of a load while it is on the road?"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import N_
from compliance.rulebook.basis import Regulation
from compliance.rulebook.book.entry import TRANSIT, WARN, entry
from compliance.rulebook.book.licences import CARRIAGE

CARRIED = (Regulation("危险废物转移管理办法（部令第23号）", "第11条", date(2022, 1, 1)),)

ROAD = (
    entry(
        "M7.off_route",
        TRANSIT,
        WARN,
        CARRIED,
        N_("{plate} left its planned route: {metres} m in {seconds} s, {farthest_m} m beside it at most."),
        N_("Ask the carrier why; the load must reach the named receiver at the named address."),
    ),
    entry(
        "M7.unplanned_stop",
        TRANSIT,
        WARN,
        CARRIED,
        N_("{plate} stood on its way for {seconds} s, away from every known site."),
        N_("Ask the carrier why; compare the weights and the seal at the receiver with care."),
    ),
    entry(
        "M7.silent",
        TRANSIT,
        WARN,
        CARRIED,
        N_("Nothing was heard of {plate} for {seconds} s while its load was on the road."),
        N_("Call the driver; what the terminal kept comes in later and may disprove this."),
    ),
    entry(
        "M8.restricted_area",
        TRANSIT,
        WARN,
        CARRIAGE,
        N_("{plate} was in the restricted area {name} with hazardous waste and without approval."),
        N_("Leave the area; note the police's approval with the area if there is one."),
    ),
)
