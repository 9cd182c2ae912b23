"""The market as arrays: cleared to the optimum or near it, with bound, prices and a check on every answer."""

from matching.clearing.check import NotSound
from matching.clearing.clearing import Clearing, Model, Watcher, clear_market
from matching.clearing.limits import Limits, Progress
from matching.clearing.market import BadMarket, Lots, Market, Pairs, Resources, Takers
from matching.clearing.prices import Prices

__all__ = [
    "BadMarket",
    "Clearing",
    "Limits",
    "Lots",
    "Market",
    "Model",
    "NotSound",
    "Pairs",
    "Prices",
    "Progress",
    "Resources",
    "Takers",
    "Watcher",
    "clear_market",
]
