"""What is one more tonne worth, at each gate and of each lot, in the cleared market?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.clearing.layout import DISTANCE, FAR, LOTS, PRICE, RESOURCE_TAKER, RESOURCES, TAKERS, part
from matching.clearing.market import Floats, Ints
from matching.clearing.units import Counted


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Dual prices in CNY per tonne, exact for the next kilogram of the divisible market.

    `lot`: what one more tonne of a lot earns. `resource_ask`, `taker_ask`: what everybody else loses when
    one more tonne is squeezed in there (infinite: there is no room, and never was). `resource_bid`,
    `taker_bid`: what one more tonne of room would earn, at the resource together with its taker, and at the
    taker alone. Where the market has a kink, ask and bid
    differ: the honest range. `resource_rent`, `taker_rent`: an ask parted into the share of the code's room
    and that of the taker's total; they prove the bound. For whole lots and batches these are the prices of
    the divisible market from which they were cut: a guide, and a proof of the bound, but no exact margin.
    """

    lot: Floats
    resource_ask: Floats
    resource_bid: Floats
    taker_ask: Floats
    taker_bid: Floats
    resource_rent: Floats
    taker_rent: Floats


def prices_of(net: Ints, state: Ints, work: Ints, numbers: Counted) -> Prices:
    """Read the prices of an optimal flow whose nodes have exact prices, by one search from the sink."""
    from matching.clearing.labels import earn

    lots, resources = int(net[LOTS]), int(net[RESOURCES])
    nodes = lots + resources + int(net[TAKERS])
    earn(net, state, work)
    far = work[net[DISTANCE] : net[DISTANCE] + nodes]
    earned = np.where(far < FAR, part(net, state, PRICE) - far, 0)[lots:] / numbers.per_cny
    taker = net[net[RESOURCE_TAKER] : net[RESOURCE_TAKER] + resources]
    gate = np.maximum(earned[resources:], 0)
    bid = np.maximum(np.maximum(earned[:resources], gate[taker]), 0)
    return replace(supporting_prices(net, state, numbers), resource_bid=bid, taker_bid=gate)


def supporting_prices(net: Ints, state: Ints, numbers: Counted) -> Prices:
    """Read prices that support an optimal flow: somewhere between bid and ask, and a proof of the optimum."""
    lots, resources = int(net[LOTS]), int(net[RESOURCES])
    price = part(net, state, PRICE)
    taker = net[net[RESOURCE_TAKER] : net[RESOURCE_TAKER] + resources]
    ask = np.where(price[lots:] < FAR // 2, np.maximum(price[lots:], 0) / numbers.per_cny, np.inf)
    # A room of some grams is as good as none, and yet has to be paid for in the bound.
    finite = np.minimum(ask, numbers.gain.max(initial=0) / numbers.per_cny)
    gate_rent = finite[resources:]
    return Prices(
        lot=np.maximum(-price[:lots], 0) / numbers.per_cny,
        resource_ask=ask[:resources],
        resource_bid=ask[:resources],
        taker_ask=ask[resources:],
        taker_bid=ask[resources:],
        resource_rent=np.maximum(finite[:resources] - gate_rent[taker], 0),
        taker_rent=gate_rent,
    )
