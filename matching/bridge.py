"""How do the lawful pairs of a live market become the arrays that are cleared, and the answer kilograms?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from matching.clearing.market import MOST_WORTH, Lots, Market, Resources, Takers
from matching.clearing.market import Pairs as Arcs
from matching.distances import Ints
from matching.facts import Bools
from matching.pairs import Pairs
from matching.problem import Division
from matching.stopping import Limits
from matching.whole import keeps_parts, markets, solve_whole

TONNE = 1000
MOST_FEN = int(MOST_WORTH) * 100


@dataclass(frozen=True, slots=True)
class Cleared:
    """A cleared market: `kg` per lawful pair, the bound in fen x kg per tonne, whether it is proven best."""

    pairs: Pairs
    kg: Ints
    bound_fen_kg: Decimal
    proven: bool


def cleared(pairs: Pairs, limits: Limits) -> Cleared:
    """Clear the market of the lawful pairs."""
    rows, flow = flow_of(pairs)
    kg = np.zeros(len(pairs), dtype=np.int64)
    kg[rows] = flow
    bound = Decimal(int(np.dot(kg, pairs.fen)))
    proven = True
    gainful = [pairs.row(n) for n in rows.tolist()]
    if not keeps_parts(gainful, flow.tolist()):
        for market in markets(gainful):
            members, divided = [gainful[n] for n in market], [int(flow[n]) for n in market]
            if keeps_parts(members, divided):
                continue
            found = solve_whole(members, divided, limits)
            proven = proven and found.proven
            kg[rows[market]] = found.kg
    return Cleared(pairs, kg, bound, proven)


def flow_of(pairs: Pairs) -> tuple[Ints, Ints]:
    """Give the pairs with a gain, and the kilograms of each where every lot may be divided."""
    from matching.clearing.flow import best_flow
    from matching.clearing.units import counted

    market, rows = market_of(pairs)
    numbers = counted(market, "split")
    return rows, best_flow(market, numbers, numbers.fits)


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
            Lots(lots.kg / TONNE, whole, least / TONNE),
            Resources(facts.resources.taker, facts.resources.code, facts.resources.kg / TONNE),
            Takers(facts.takers.total_kg / TONNE),
        ),
        rows,
    )


def parts_of(pairs: Pairs) -> tuple[Bools, Ints]:
    """Give for each lot whether it goes entire, and the least kilograms of a part otherwise."""
    lots = pairs.facts.lots.rows
    whole = np.array([lot.division is Division.WHOLE for lot in lots], dtype=bool)
    least = np.array([0 if lot.division is Division.WHOLE else lot.min_kg for lot in lots], dtype=np.int64)
    return whole, least
