"""How many whole kilograms and hundredths of a fen is a market, so that flows are exact?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.clearing.market import Flags, Floats, Ints, Market

KG = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """A market in whole numbers, for one model of dividing lots.

    `lot`, `resource`, `taker`: kilograms; no capacity is ever rounded up, a lot that goes entire is never
    rounded down. `least`: the least kilograms of a part (equal to `lot`: all or nothing; 0: free). `gain`:
    worth per tonne in 1/`per_cny` CNY, rounded to the nearest. `fits`: pairs with a gain and room for their
    least part.
    """

    lot: Ints
    least: Ints
    resource: Ints
    taker: Ints
    gain: Ints
    fits: Flags
    per_cny: int


def counted(market: Market, model: str) -> Counted:
    """Count a market in whole kilograms; `model` is split, whole or batch."""
    pairs, lots = market.pairs, market.lots
    entire = all_or_nothing(market, model)
    lot = np.where(entire, kg_up(lots.tonnes), kg_down(lots.tonnes))
    least = np.where(entire, lot, kg_up(lots.least) if model == "batch" else 0)
    resource, taker = kg_down(market.resources.tonnes), kg_down(market.takers.tonnes)
    whole_fen = bool((np.rint(pairs.worth * 100) / 100 == pairs.worth).all())
    per_cny = 100 if whole_fen else 10_000
    gain = np.rint(pairs.worth * per_cny).astype(np.int64)
    room = np.minimum(resource[pairs.resource], taker[pairs.taker])
    fits = (gain > 0) & (room >= np.maximum(least[pairs.lot], 1)) & (lot[pairs.lot] > 0)
    return Counted(lot, least, resource, taker, gain, fits, per_cny)


def all_or_nothing(market: Market, model: str) -> Flags:
    """Say which lots go entire or nowhere: marked ones, and in batches those not above their least part.

    A lot below its least part is not lost for that: it goes in one piece, which is the most it can do.
    """
    lots = market.lots
    if model == "split":
        return np.zeros(len(lots.tonnes), dtype=np.bool_)
    return lots.whole | (lots.least >= lots.tonnes) if model == "batch" else lots.whole.copy()


def tonnes_of(market: Market, model: str, kg: Ints) -> Floats:
    """Turn kilograms per pair into tonnes per pair; a lot that went entire gets its own figure back."""
    entire = all_or_nothing(market, model)[market.pairs.lot]
    own = market.lots.tonnes[market.pairs.lot]
    return np.where(entire & (kg > 0), own, np.minimum(kg / KG, own))


def kg_down(tonnes: Floats) -> Ints:
    """Give the most whole kilograms that are not above these tonnes, as the floats compare."""
    kg = np.floor(tonnes * KG)
    kg = np.where((kg + 1) / KG <= tonnes, kg + 1, kg)
    return np.where(kg / KG > tonnes, kg - 1, kg).astype(np.int64)


def kg_up(tonnes: Floats) -> Ints:
    """Give the least whole kilograms that are not below these tonnes, as the floats compare."""
    down = kg_down(tonnes)
    return np.where(down / KG < tonnes, down + 1, down)
