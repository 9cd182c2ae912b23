"""Pure optimisation: dataclasses in, checked solutions out; no database, no web, no clock."""

from matching.assign import clear, rank
from matching.explain import Explanation, explain_lot
from matching.guide import PriceGuidance, guidance
from matching.price import Prices, shadow_prices
from matching.problem import (
    BadProblem,
    Calendar,
    Carrier,
    Division,
    Limit,
    Lot,
    Mode,
    Point,
    Problem,
    Taker,
    Vehicle,
    Weights,
    Window,
    fleet,
)
from matching.reasons import Reason, ReasonCode
from matching.relax import Relaxation, cheapest_relaxation, relaxed
from matching.score import Part, Score
from matching.session import LiveMarket, Outlook, Prospect
from matching.solution import Assignment, Match, NotSound, Ranking, Solution
from matching.stopping import Limits

__all__ = [
    "Assignment",
    "BadProblem",
    "Calendar",
    "Carrier",
    "Division",
    "Explanation",
    "Limit",
    "Limits",
    "LiveMarket",
    "Lot",
    "Match",
    "Mode",
    "NotSound",
    "Outlook",
    "Part",
    "Point",
    "PriceGuidance",
    "Prices",
    "Problem",
    "Prospect",
    "Ranking",
    "Reason",
    "ReasonCode",
    "Relaxation",
    "Score",
    "Solution",
    "Taker",
    "Vehicle",
    "Weights",
    "Window",
    "cheapest_relaxation",
    "clear",
    "explain_lot",
    "fleet",
    "guidance",
    "rank",
    "relaxed",
    "shadow_prices",
]
