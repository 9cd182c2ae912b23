"""How does one lot stand in the light of the whole market, also after another has come, gone or changed?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np

from matching.assign import matches_of, solution_of
from matching.book import Book
from matching.bridge import MOST_FEN, Cleared, cleared, cleared_as, market_of, model_of
from matching.clearing.limits import Limits as ArrayLimits
from matching.clearing.market import Floats
from matching.distances import Ints
from matching.guide import PriceGuidance, guidance
from matching.misses import misses
from matching.pairs import Pairs, lawful_pairs, spliced
from matching.price import Prices, Quote, prices_from
from matching.problem import Lot, Problem
from matching.score import Part
from matching.solution import Match, Refusal, Solution
from matching.stopping import Limits


@dataclass(frozen=True, slots=True)
class Prospect:
    """A match in the light of all other lots, CNY per tonne.

    `ask`: what the others lose when one more tonne comes here; `bid`: what one more tonne of licence would
    earn. `lead`: by how much the match is worth more than its room; so far may its welfare fall, or the ask
    rise, before it gives way, and below zero it has given way already. `fetch`: the highest price the
    holder could expect and still be taken. `kg`: what the cleared market sends this way.
    """

    match: Match
    ask: Decimal
    bid: Decimal
    lead: Decimal
    fetch: Decimal
    kg: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """One lot in the cleared market: its matches, best for it first, those who refuse it, and its quote.

    `slack` is what the best match leads the second by, in `fetch`: prices may move so far against each other
    before another taker is the better one. None: there is no second.
    """

    lot_id: str
    prospects: tuple[Prospect, ...]
    refusals: tuple[Refusal, ...]
    quote: Quote | None
    slack: Decimal | None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """In how many of `samples` slightly other markets a match is made; `made`: in this one too."""

    made: bool
    again: int
    samples: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a clearing sends from a lot to a taker, over so many metres."""

    lot_id: str
    taker_id: str
    kg: int
    metres: int


@dataclass(frozen=True, slots=True)
class TradeOff:
    """One way to clear the whole market that no other beats in every goal.

    `welfare` in CNY, `tonne_km` loaded, `emissions` in kg CO2e with the way to the lot, `lots` the share
    (0..1) of lots of which something goes. `shipments` is the clearing itself.
    """

    welfare: float
    tonne_km: float
    emissions: float
    lots: float
    shipments: tuple[Shipment, ...] = ()


class LiveMarket:
    """A market kept warm: its pairs, its prices and its clearing are worked out once and asked many times."""

    def __init__(
        self,
        problem: Problem,
        limits: Limits | None = None,
        pairs: Pairs | None = None,
        book: Book | None = None,
    ) -> None:
        self.problem = problem
        self.limits = limits or Limits()
        self.pairs = pairs if pairs is not None else lawful_pairs(problem)
        self._book = book

    @property
    def book(self) -> Book:
        """Give the divisible market, kept cleared; the next market takes it over and mends it."""
        if self._book is None:
            self._book = Book(self.pairs)
        return self._book

    @cached_property
    def prices(self) -> Prices:
        """Give the prices at which the divisible market clears."""
        return prices_from(self.pairs, self.book.prices)

    @cached_property
    def cleared(self) -> Cleared:
        """Give the cleared market as kilograms per pair: mended where lots divide freely, else anew."""
        if model_of(self.pairs) == "split" and self.pairs.fen.max(initial=0) <= MOST_FEN:
            return cleared_as(self.pairs, self.book.kg)
        return cleared(self.pairs, self.limits)

    @cached_property
    def solution(self) -> Solution:
        """Give the checked clearing in full."""
        return solution_of(self.cleared)

    def outlook(self, lot_id: str, k: int = 5) -> Outlook:
        """Rank the takers of a lot by what it would fetch there. Raises BadProblem for an unknown lot."""
        lot = self.problem.lot(lot_id)
        mine = self.pairs.of_lot(self.problem.lots.index(lot))
        kg = {self.problem.takers[self.pairs.taker[n]].id: int(self.cleared.kg[n]) for n in mine}
        everyone = matches_of(self.pairs, mine, len(mine))
        prospects = sorted(
            (self._prospect(lot, one, kg[one.taker_id]) for one in everyone),
            key=lambda one: (-one.fetch, one.match.metres, one.match.taker_id),
        )
        ranked = tuple(replace(s, match=replace(s.match, rank=n)) for n, s in enumerate(prospects[:k], 1))
        slack = prospects[0].fetch - prospects[1].fetch if len(prospects) > 1 else None
        best = prospects[0] if prospects else None
        quote = None if best is None else Quote(lot.id, best.match.taker_id, best.fetch)
        return Outlook(lot.id, ranked, misses(self.problem, lot, k), quote, slack)

    def guidance(self, lot: Lot, agreed: Sequence[Decimal] = ()) -> PriceGuidance:
        """Say what a lot that is not in the market would fetch in it."""
        return guidance(self.problem, lot, self.prices, agreed)

    def with_lot(self, lot: Lot) -> LiveMarket:
        """Give the market after one lot has come, or changed: only its own pairs are worked out anew."""
        rest = tuple(one for one in self.problem.lots if one.id != lot.id)
        problem = replace(self.problem, lots=(*rest, lot))
        return self._next(problem, self._row(lot.id), lawful_pairs(problem, [lot]))

    def without_lot(self, lot_id: str) -> LiveMarket:
        """Give the market after a lot has left it. Raises BadProblem for an unknown one."""
        gone = self.problem.lot(lot_id)
        problem = replace(self.problem, lots=tuple(one for one in self.problem.lots if one is not gone))
        return self._next(problem, self._row(lot_id), None)

    def quote(self, lot: Lot) -> tuple[Decimal, int] | None:
        """Say exactly what the whole mass of a lot that is not in the market would fetch in it.

        CNY per tonne of the kilograms that find room, after every other lot has made room where that costs
        least; None: nobody may take it.
        """
        return self.book.quote(lawful_pairs(self.problem, [lot]))

    def trade_offs(
        self,
        goals: Sequence[str] = ("welfare", "emissions"),
        steps: int = 5,
        tell: Callable[[int], bool] | None = None,
    ) -> tuple[TradeOff, ...]:
        """Clear the market for several goals: give the points that no other beats in all of them.

        `goals` are welfare, tonne_km, emissions, lots. Clears `steps` times for each goal beside welfare, and
        all combinations of several: for one who asks, not for a page. `tell` hears after each how many are
        done, and says whether to go on.
        """
        from matching.clearing.pareto import Goal, pareto

        market, rows = market_of(self.pairs)
        if not len(rows):
            return ()
        charged = (
            self.pairs.metres[rows] + float(self.problem.weights.empty_share) * self.pairs.approach_m[rows]
        )
        per_km = (
            float(self.problem.weights.carbon_kg_per_tkm) * charged / np.maximum(self.pairs.metres[rows], 1)
        )
        limits = ArrayLimits(seconds=self.limits.seconds, iterations=self.limits.rounds)
        wanted = [Goal(goal) for goal in goals]
        found = pareto(market, model_of(self.pairs), wanted, steps, limits, per_km, tell)
        return tuple(
            TradeOff(
                one.welfare, one.tonne_km, one.emissions, one.lots, self._shipments(rows, one.clearing.tonnes)
            )
            for one in found
        )

    def _shipments(self, rows: Ints, tonnes: Floats) -> tuple[Shipment, ...]:
        """Name what a clearing of arrays sends; `rows` are the lawful pairs its own pairs stand for."""
        facts, kg = self.pairs.facts, np.rint(tonnes * 1000).astype(np.int64)
        return tuple(
            Shipment(
                facts.lots.rows[self.pairs.lot[row]].id,
                facts.takers.rows[self.pairs.taker[row]].id,
                int(kg[n]),
                int(self.pairs.metres[row]),
            )
            for n, row in enumerate(rows.tolist())
            if kg[n] > 0
        )

    def firmness(
        self, percent: float = 2.0, samples: int = 20, seed: int = 1
    ) -> dict[tuple[str, str], float]:
        """Say of each match of the cleared market in what share of slightly other markets it is made again.

        Worths and rooms are off by up to so many percent, by chance from a seed; by (lot id, taker id).
        Clears once for each sample.
        """
        found = self.recurrence(percent, samples, seed)
        return {key: one.again / one.samples for key, one in found.items() if one.made}

    def recurrence(
        self,
        percent: float = 2.0,
        samples: int = 20,
        seed: int = 1,
        tell: Callable[[int], bool] | None = None,
    ) -> dict[tuple[str, str], Recurrence]:
        """Say of each match that is made at all in how many slightly other markets it is; as `firmness`.

        `tell` hears how many samples are done, and says whether to go on.
        """
        from matching.clearing.stability import stability

        market, rows = market_of(self.pairs)
        if not len(rows):
            return {}
        limits = ArrayLimits(seconds=self.limits.seconds, iterations=self.limits.rounds)
        found = stability(market, model_of(self.pairs), percent, samples, seed, limits, tell)
        facts, made = self.pairs.facts, found.clearing.tonnes > 0
        return {
            (
                facts.lots.rows[self.pairs.lot[row]].id,
                facts.takers.rows[self.pairs.taker[row]].id,
            ): Recurrence(bool(made[n]), int(found.again[n]), found.samples)
            for n, row in enumerate(rows.tolist())
            if made[n] or found.again[n]
        }

    def _next(self, problem: Problem, gone: int | None, fresh: Pairs | None) -> LiveMarket:
        """Hand the book on to the market after a change; this market builds its own anew if it is asked."""
        pairs = spliced(self.pairs, problem, gone, fresh)
        book, self._book = self._book, None
        if book is not None:
            book.change(pairs, gone, 0 if fresh is None else len(fresh), self.pairs)
        return LiveMarket(problem, self.limits, pairs, book)

    def _row(self, lot_id: str) -> int | None:
        return next((n for n, lot in enumerate(self.problem.lots) if lot.id == lot_id), None)

    def _prospect(self, lot: Lot, match: Match, kg: int) -> Prospect:
        key = (match.taker_id, lot.code)
        ask = self.prices.ask.get(key, Decimal(0))
        return Prospect(
            match=match,
            ask=ask,
            bid=self.prices.bid.get(key, Decimal(0)),
            lead=match.score.total - ask,
            fetch=match.score.total - match.score.parts[Part.VALUE] - ask,
            kg=kg,
        )
