"""How is a very large market of whole lots cut up: code by code, at what the divisible flow left each taker?

A displaced kilogram finds its new place through ever more lots as a market grows, and every trial pays for
that. Lots of different codes meet only in the yearly totals of takers. So the codes are decided one after
another, the largest first, each with the totals that all others leave it at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.clearing.engine import Engine
from matching.clearing.layout import RESOURCES, ROOM, TAKERS
from matching.clearing.market import Ints
from matching.clearing.parts import Part, part_of


class ByCode:
    """A market decided code by code: `kg` per pair, in which no lot is cut once all codes were begun."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.kg = engine, engine.kg.copy()
        self.pieces: list[tuple[Part, Engine]] = []

    def begin(self) -> Iterator[Engine]:
        """Make the engine of one code after the other; each is to be decided before the next is made."""
        market, fits = self.engine.market, self.engine.numbers.fits
        codes = market.resources.code[market.pairs.resource]
        found, count = np.unique(codes[fits], return_counts=True)
        for code in found[np.argsort(-count, kind="stable")]:
            rows = np.flatnonzero(fits & (codes == code))
            piece = part_of(market, rows, self._taken(rows))
            small = Engine.start(piece.market, self.engine.model, int(code))
            self.pieces.append((piece, small))
            yield small
            self.keep(small)

    def keep(self, small: Engine) -> None:
        """Take over what the engine of a code has come to."""
        for piece, one in self.pieces:
            if one is small:
                self.kg[piece.pairs] = small.kg

    def again(self) -> Iterator[Engine]:
        """Give each code's engine for more search, with no more room than all others leave it."""
        for piece, small in self.pieces:
            left = self.engine.numbers.taker - self._taken(piece.pairs)
            first = int(small.net[ROOM] + small.net[RESOURCES])
            room = small.net[first : first + int(small.net[TAKERS])]
            np.minimum(room, left[piece.takers], out=room)
            yield small
            self.kg[piece.pairs] = small.kg

    def _taken(self, rows: Ints) -> Ints:
        """Sum what each taker has from all pairs but these."""
        market, takers = self.engine.market, self.engine.market.sizes[2]
        taken = np.bincount(market.pairs.taker, self.kg, takers)
        own = np.bincount(market.pairs.taker[rows], self.kg[rows], takers)
        left: Ints = np.rint(taken - own).astype(np.int64)
        return left

    @property
    def gain(self) -> int:
        """Give what all kilograms together earn."""
        return int(self.kg @ self.engine.numbers.gain)
