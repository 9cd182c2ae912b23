"""What is one more tonne worth, at each gate and of each lot, in the cleared market?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.clearing.layout import DISTANCE, FAR, LOTS, PRICE, RESOURCE_TAKER, RESOURCES, TAKERS, part
from matching.clearing.market import MOST_WORTH, Floats, Ints
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
    """Read the prices of an optimal flow whose nodes are priced, by one search from the sink."""
    from matching.clearing.labels import earn

    lots, resources = int(net[LOTS]), int(net[RESOURCES])
    nodes = lots + resources + int(net[TAKERS])
    price = part(net, state, PRICE)
    earn(net, state, work)
    far = work[net[DISTANCE] : net[DISTANCE] + nodes]
    earned = np.where(far < FAR, price - far, 0) / numbers.per_cny
    taker = net[net[RESOURCE_TAKER] : net[RESOURCE_TAKER] + resources]
    gate_bid = np.maximum(earned[lots + resources :], 0)
    code_bid = np.maximum(np.maximum(earned[lots : lots + resources], gate_bid[taker]), 0)
    ask = np.where(price[lots:] < FAR // 2, np.maximum(price[lots:], 0) / numbers.per_cny, np.inf)
    finite = np.minimum(ask, MOST_WORTH)
    gate_rent = finite[resources:]
    return Prices(
        lot=np.maximum(-price[:lots], 0) / numbers.per_cny,
        resource_ask=ask[:resources],
        resource_bid=code_bid,
        taker_ask=ask[resources:],
        taker_bid=gate_bid,
        resource_rent=np.maximum(finite[:resources] - gate_rent[taker], 0),
        taker_rent=gate_rent,
    )
