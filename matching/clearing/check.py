"""Does a clearing keep every rule of its market, and is its bound a bound? (numpy alone, no solver's code)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from matching.clearing.market import Flags, Floats, Ints, Market

if TYPE_CHECKING:
    from matching.clearing.clearing import Clearing
    from matching.clearing.prices import Prices

SLACK = 1e-9
"""Tonnes, relative to what is added up: the rounding of a sum of floats, a thousandth of a gram per tonne."""


class NotSound(AssertionError):
    """A clearing that broke a rule: it is stopped here and never handed on."""

    def __init__(self, breaches: list[str]) -> None:
        super().__init__("; ".join(breaches[:5]))
        self.breaches = breaches


def checked(clearing: Clearing) -> Clearing:
    """Hand a clearing on if it is sound; raise `NotSound` otherwise."""
    if breaches := list(breaches_of(clearing)):
        raise NotSound(breaches)
    return clearing


def breaches_of(clearing: Clearing) -> Iterator[str]:
    """Tell every kind of breach once, with the first place where it is found."""
    market, tonnes = clearing.market, clearing.tonnes
    yield from plan_breaches(market, clearing.model, tonnes)
    scale = max(1.0, float(np.abs(market.pairs.worth * tonnes).sum()))
    welfare = float((market.pairs.worth * tonnes).sum())
    if abs(welfare - clearing.welfare) > SLACK * scale:
        yield f"welfare is {welfare} and not {clearing.welfare}"
    if welfare > clearing.bound + SLACK * scale:
        yield f"welfare {welfare} is above the bound {clearing.bound}"
    if clearing.bound > clearing.split_bound + 1e-6 * scale:
        yield f"the bound {clearing.bound} is above that of the divisible market, {clearing.split_bound}"
    value = bound_of(market, clearing.model, clearing.proof)
    if value > clearing.bound + clearing.searched_out + SLACK * scale and not clearing.proven:
        yield f"the prices prove no bound below {value}, and {clearing.bound} is claimed"


def plan_breaches(market: Market, model: str, tonnes: Floats) -> Iterator[str]:
    """Tell every kind of breach of a plan of tonnes per pair."""
    pairs, lots = market.pairs, market.lots
    if tonnes.shape != pairs.worth.shape or not np.isfinite(tonnes).all():
        yield "tonnes are not one finite number for each pair"
        return
    if (tonnes < 0).any():
        yield f"tonnes[{int(np.argmin(tonnes))}] is negative"
    yield from _over(pairs.lot, tonnes, lots.tonnes, "lot")
    yield from _over(pairs.resource, tonnes, market.resources.tonnes, "resource")
    yield from _over(pairs.taker, tonnes, market.takers.tonnes, "taker")
    if model == "split":
        return
    own, least, entire = _rules(market, model)
    moved = tonnes > 0
    divided = moved & entire & (tonnes != own)
    if divided.any():
        yield f"pair {int(np.argmax(divided))}: an all-or-nothing lot is divided"
    small = moved & ~entire & (tonnes < least)
    if small.any():
        yield f"pair {int(np.argmax(small))}: a part is below its least tonnes"


def bound_of(market: Market, model: str, prices: Prices) -> float:
    """Give the bound in CNY that prices prove (weak duality): any that are not negative prove one."""
    pairs = market.pairs
    own, least, entire = _rules(market, model)
    room = np.minimum(market.resources.tonnes[pairs.resource], market.takers.tonnes[pairs.taker])
    can = (room > 0) & (room >= np.where(entire, own, least))
    code = np.maximum(prices.resource_rent, 0.0)
    gate = np.maximum(prices.taker_rent, 0.0)
    left = np.where(can, pairs.worth - code[pairs.resource] - gate[pairs.taker], 0.0)
    best = np.zeros(len(market.lots.tonnes))
    np.maximum.at(best, pairs.lot, left)
    rents = (code * market.resources.tonnes).sum() + (gate * market.takers.tonnes).sum()
    return float(rents + (best * market.lots.tonnes).sum())


def _rules(market: Market, model: str) -> tuple[Floats, Floats, Flags]:
    """Give each pair's lot, its least part and whether it is all or nothing."""
    lots, lot = market.lots, market.pairs.lot
    own = lots.tonnes[lot]
    nothing = np.zeros(len(lot))
    if model == "split":
        return own, nothing, np.zeros(len(lot), dtype=np.bool_)
    if model == "whole":
        return own, nothing, lots.whole[lot]
    return own, lots.least[lot], lots.whole[lot] | (lots.least[lot] >= own)


def _over(owner: Ints, tonnes: Floats, most: Floats, what: str) -> Iterator[str]:
    total = np.bincount(owner, tonnes, len(most))
    over = total > most * (1 + SLACK) + SLACK
    if over.any():
        worst = int(np.argmax(total - most))
        yield f"{what} {worst}: {total[worst]} t where {most[worst]} t are allowed"
