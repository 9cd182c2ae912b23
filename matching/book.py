"""How is the divisible market of a live one kept cleared while single lots come, change and go?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from matching.bridge import KG, MOST_FEN, divisible, market_of
from matching.clearing.market import Lots
from matching.clearing.market import Pairs as Arcs
from matching.distances import Floats, Ints
from matching.facts import UNKNOWN
from matching.pairs import Pairs

if TYPE_CHECKING:
    from matching.clearing.again import Standing
    from matching.clearing.prices import Prices

ABOVE_ALL = 100_000
"""CNY per tonne added while a whole mass is placed, so that all of it finds room where there is any."""


class Book:
    """The divisible market of some pairs. What has left it stays behind as an empty row.

    `row_of` gives the arc of each pair (UNKNOWN: no gain), `lot_of` the array row of each lot of the problem.
    """

    def __init__(self, pairs: Pairs) -> None:
        from matching.clearing.again import Standing

        market, rows = market_of(pairs)
        self.standing: Standing = Standing(divisible(market))
        self.row_of: Ints = np.full(len(pairs), UNKNOWN, dtype=np.int64)
        self.row_of[rows] = np.arange(len(rows))
        self.lot_of: Ints = np.arange(len(pairs.facts.lots.kg))
        self.market = self.standing.clearing.market

    @property
    def prices(self) -> Prices:
        """Give the exact asks and bids of the market as it stands, by the rows of the resources."""
        return self.standing.prices

    @property
    def kg(self) -> Ints:
        """Give the kilograms of each pair."""
        tonnes = self.standing.clearing.tonnes
        known = self.row_of != UNKNOWN
        kg = np.zeros(len(self.row_of), dtype=np.int64)
        kg[known] = np.rint(tonnes[self.row_of[known]] * KG)
        return kg

    def change(self, pairs: Pairs, gone: int | None, fresh: int, was: Pairs) -> None:
        """Follow `pairs.spliced`: lot row `gone` has left, the last `fresh` rows have come."""
        kept = was.lot != (UNKNOWN if gone is None else gone)
        self.row_of = self.row_of[kept]
        tonnes = self.market.lots.tonnes.copy()
        if gone is not None:
            tonnes[self.lot_of[gone]] = 0.0
            self.lot_of = np.delete(self.lot_of, gone)
        if fresh or len(pairs.facts.lots.kg) > len(self.lot_of):
            self._come(pairs, fresh, tonnes)
        else:
            self._move(self.market.pairs, tonnes)

    def quote(self, pairs: Pairs) -> tuple[Decimal, int] | None:
        """Say what the one lot of these pairs would fetch, CNY per tonne of the kilograms that find room.

        All its mass is placed where that costs the others least, exactly; None: nobody may take it.
        """
        if not len(pairs):
            return None
        facts = pairs.facts
        worth = (pairs.fen - facts.lots.value_fen[pairs.lot]) / 100 + ABOVE_ALL
        doors = facts.resources.at[pairs.taker, facts.lots.code[pairs.lot]]
        price, tonnes = self.standing.quote(float(facts.lots.kg[0]) / KG, doors, worth)
        kg = round(tonnes * KG)
        return (Decimal(round((price - ABOVE_ALL) * 100)) / 100, kg) if kg else None

    def _come(self, pairs: Pairs, fresh: int, tonnes: Floats) -> None:
        facts, arcs = pairs.facts, self.market.pairs
        lot = len(tonnes)
        new = np.arange(len(pairs) - fresh, len(pairs))
        gainful = new[pairs.fen[new] > 0]
        rows = np.full(fresh, UNKNOWN, dtype=np.int64)
        rows[gainful - (len(pairs) - fresh)] = len(arcs.worth) + np.arange(len(gainful))
        taker = pairs.taker[gainful]
        door = facts.resources.at[taker, facts.lots.code[pairs.lot[gainful]]]
        self.row_of = np.concatenate([self.row_of, rows])
        self.lot_of = np.append(self.lot_of, lot)
        self._move(
            Arcs(
                np.concatenate([arcs.lot, np.full(len(gainful), lot)]),
                np.concatenate([arcs.taker, taker]),
                np.concatenate([arcs.resource, door]),
                np.concatenate([arcs.km, pairs.metres[gainful] / 1000]),
                np.concatenate([arcs.worth, np.minimum(pairs.fen[gainful], MOST_FEN) / 100]),
            ),
            np.append(tonnes, facts.lots.kg[-1] / KG),
        )

    def _move(self, arcs: Arcs, tonnes: Floats) -> None:
        free = Lots(tonnes, np.zeros(len(tonnes), dtype=bool), np.zeros(len(tonnes)))
        self.market = replace(self.market, pairs=arcs, lots=free)
        self.standing.changed(self.market)
