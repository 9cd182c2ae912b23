"""How do the lawful pairs of a live market become the arrays that are cleared, and the answer kilograms?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import numpy as np

from matching.clearing.limits import Limits as ArrayLimits
from matching.clearing.market import MOST_WORTH, Lots, Market, Resources, Takers
from matching.clearing.market import Pairs as Arcs
from matching.distances import Ints
from matching.facts import Bools
from matching.pairs import Pairs
from matching.problem import Division
from matching.stopping import Limits

if TYPE_CHECKING:
    from matching.clearing import Clearing

KG = 1000
FEN_KG = 100 * KG  # of them one CNY is made: fen per tonne x kilograms
MOST_FEN = int(MOST_WORTH) * 100


@dataclass(frozen=True, slots=True)
class Cleared:
    """A cleared market: `kg` per lawful pair, the bound in fen x kg per tonne, whether it is proven best."""

    pairs: Pairs
    kg: Ints
    bound_fen_kg: int
    proven: bool


def cleared(pairs: Pairs, limits: Limits) -> Cleared:
    """Clear the market of the lawful pairs within the limits."""
    market, rows = market_of(pairs)
    kg = np.zeros(len(pairs), dtype=np.int64)
    if not len(rows):
        return Cleared(pairs, kg, 0, proven=True)
    model = model_of(pairs)
    found = solved(market, model, limits)
    kg[rows] = np.rint(found.tonnes * KG)
    bound = _bound(pairs, rows, found)
    cut = bool((pairs.fen[rows] > MOST_FEN).any())
    return Cleared(pairs, kg, bound, proven=found.proven and not cut)


def cleared_as(pairs: Pairs, kg: Ints) -> Cleared:
    """Give a market in which every lot divides freely as it was cleared, to the optimum."""
    return Cleared(pairs, kg, _welfare(pairs, kg), proven=True)


def solved(market: Market, model: Literal["split", "whole", "batch"], limits: Limits) -> Clearing:
    """Clear a market of arrays within the limits."""
    from matching.clearing import clear_market

    return clear_market(market, model, ArrayLimits(seconds=limits.seconds, iterations=limits.rounds))


def market_of(pairs: Pairs) -> tuple[Market, Ints]:
    """Give the market of the pairs with a gain, and which pairs these are."""
    facts = pairs.facts
    rows = np.flatnonzero(pairs.fen > 0)
    lots, taker = facts.lots, pairs.taker[rows]
    resource = facts.resources.at[taker, lots.code[pairs.lot[rows]]]
    whole, least = parts_of(pairs)
    worth = np.minimum(pairs.fen[rows], MOST_FEN) / 100
    return (
        Market(
            Arcs(pairs.lot[rows], taker, resource, pairs.metres[rows] / 1000, worth),
            Lots(lots.kg / KG, whole, least / KG),
            Resources(facts.resources.taker, facts.resources.code, facts.resources.kg / KG),
            Takers(facts.takers.total_kg / KG),
        ),
        rows,
    )


def divisible(market: Market) -> Market:
    """Give a market in which every lot may be divided."""
    n = len(market.lots.tonnes)
    return replace(market, lots=Lots(market.lots.tonnes, np.zeros(n, dtype=bool), np.zeros(n)))


def model_of(pairs: Pairs) -> Literal["split", "whole", "batch"]:
    """Say how lots divide in this market: freely, some only entire, or with least parts besides."""
    whole, least = parts_of(pairs)
    return "batch" if least.any() else "whole" if whole.any() else "split"


def parts_of(pairs: Pairs) -> tuple[Bools, Ints]:
    """Give for each lot whether it goes entire, and the least kilograms of a part otherwise."""
    lots = pairs.facts.lots.rows
    whole = np.array([lot.division is Division.WHOLE for lot in lots], dtype=bool)
    least = np.array([0 if lot.division is Division.WHOLE else lot.min_kg for lot in lots], dtype=np.int64)
    return whole, least


def _welfare(pairs: Pairs, kg: Ints) -> int:
    """Add up in Python's own whole numbers, which never overflow."""
    return _sum(kg, pairs.fen)


def _sum(a: Ints, b: Ints) -> int:
    numbers: list[int] = (a.astype(object) * b).tolist()
    return sum(numbers)


def _bound(pairs: Pairs, rows: Ints, found: Clearing) -> int:
    """Give the bound in whole fen x kg; what was cut off extreme worths is counted in full."""
    cut = np.maximum(pairs.fen[rows] - MOST_FEN, 0)
    most = np.zeros(len(pairs.facts.lots.kg), dtype=np.int64)
    np.maximum.at(most, pairs.lot[rows], cut)
    kg = np.zeros(len(pairs), dtype=np.int64)
    kg[rows] = np.rint(found.tonnes * KG)
    reached = _welfare(pairs, kg)
    if found.proven and not cut.any():
        return reached
    more = _sum(most, pairs.facts.lots.kg)
    return max(reached, math.ceil(round(found.bound * FEN_KG, 2)) + more)


def in_cny(fen_kg: int) -> Decimal:
    """Give welfare in CNY from fen per tonne x kilograms."""
    return Decimal(fen_kg) / FEN_KG
