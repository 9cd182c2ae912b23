"""What would a lot fetch in this market, between which bounds, and what is that said from?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from matching.pairs import lawful_pairs, score_of
from matching.price import Prices
from matching.problem import Lot, Problem
from matching.score import Part, to_fen

FEW_TAKERS = 3
FEW_DEALS = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """What a lot would fetch at one taker, in CNY per tonne that the taker pays the holder (P1).

    `fetch` is the highest price its holder could expect and still be taken here: the gate price, less
    freight, carbon and what else the score counts, less `ask`, which is what the room is worth to the lots
    that would have to give way. `bid` is what one more tonne of licence here would earn.
    """

    taker_id: str
    processor_id: str
    gate_price: Decimal
    freight: Decimal
    metres: int
    room_kg: int
    ask: Decimal
    bid: Decimal
    fetch: Decimal


@dataclass(frozen=True, slots=True)
class Comparables:
    """Prices of like lots that were agreed, CNY per tonne: how many, the middle, the tenths at the ends."""

    count: int
    low: Decimal | None
    middle: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class PriceGuidance:
    """What a lot would fetch, in signed CNY per tonne that the taker pays the holder.

    `high`: the first tonne at the best taker. `likely`: the whole mass, at the best takers that have room
    for it. `low`: the same if the best processor fell away; None: nobody else could take it all.
    `placed_kg`: so much of the mass has room at all. `capacity_worth`: what one more tonne of licence for
    this code would earn at each of the takers looked at, the least and the most of it. `thin`: few takers
    and few comparable deals stand behind this.
    """

    code: str
    kg: int
    low: Decimal | None
    likely: Decimal | None
    high: Decimal | None
    placed_kg: int
    offers: tuple[Offer, ...]
    capacity_worth: tuple[Decimal, Decimal] | None
    comparables: Comparables
    thin: bool
    distance_source: str


def guidance(
    problem: Problem,
    lot: Lot,
    prices: Prices | Mapping[tuple[str, str], tuple[Decimal, Decimal]],
    agreed: Sequence[Decimal] = (),
) -> PriceGuidance:
    """Say what a lot, in the market or not, would fetch in it.

    `prices` are the shadow prices of the cleared market, or (ask, bid) by taker id and code where they were
    kept; `agreed` are the prices of like lots that were agreed lately. Looks at the nearest takers only, so
    that it is quick. Expectation and minimum part of the lot do not matter.
    """
    table = prices.table() if isinstance(prices, Prices) else prices
    offers = _offers(problem, lot, table)
    best = offers[0].processor_id if offers else ""
    likely, placed = _filled(offers, lot.kg)
    low, rest = _filled([one for one in offers if one.processor_id != best], lot.kg)
    bids = [one.bid for one in offers]
    like = comparables(agreed)
    return PriceGuidance(
        code=lot.code,
        kg=lot.kg,
        low=low if rest == placed else None,
        likely=likely,
        high=offers[0].fetch if offers else None,
        placed_kg=placed,
        offers=offers,
        capacity_worth=(min(bids), max(bids)) if bids else None,
        comparables=like,
        thin=len({one.processor_id for one in offers}) < FEW_TAKERS and like.count < FEW_DEALS,
        distance_source=problem.distances.source,
    )


def comparables(agreed: Sequence[Decimal]) -> Comparables:
    """Sum up the prices of like lots."""
    rows = sorted(agreed)
    if not rows:
        return Comparables(0, None, None, None)
    last = len(rows) - 1
    low, middle, high = (rows[round(share * last / 10)] for share in (1, 5, 9))
    return Comparables(len(rows), low, middle, high)


def _offers(
    problem: Problem, lot: Lot, table: Mapping[tuple[str, str], tuple[Decimal, Decimal]]
) -> tuple[Offer, ...]:
    """Give what the lot would fetch at each lawful taker, the most first."""
    pairs = lawful_pairs(problem, [lot])
    found = []
    for n in range(len(pairs)):
        pair = pairs.row(n)
        parts = score_of(problem, pair, pairs.facts.rates).parts
        ask, bid = table.get((pair.taker.id, lot.code), (Decimal(0), Decimal(0)))
        fetch = Decimal(pair.fen) / 100 - parts[Part.VALUE] - ask
        found.append(
            Offer(
                taker_id=pair.taker.id,
                processor_id=pair.taker.processor_id,
                gate_price=pair.taker.price,
                freight=-parts[Part.FREIGHT],
                metres=pair.metres,
                room_kg=pair.taker.room_kg(lot.code),
                ask=ask,
                bid=bid,
                fetch=fetch,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.fetch, one.metres, one.taker_id)))


def _filled(offers: Sequence[Offer], kg: int) -> tuple[Decimal | None, int]:
    """Give the mean price when a mass goes to the best offers as far as each has room, and how much goes."""
    left, sum_ = kg, Decimal(0)
    for one in offers:
        part = min(left, one.room_kg)
        sum_ += one.fetch * part
        left -= part
    placed = kg - left
    return (to_fen(sum_ / placed) if placed else None), placed
