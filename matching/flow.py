"""What is the best clearing when every lot may be divided (min-cost flow: proven optimal)?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.distances import Ints
from matching.pairs import Pair


@dataclass(frozen=True, slots=True)
class Network:
    """The flow network of the pairs: source, lots, (taker, code), takers, sink, one unit = one kilogram.

    Arc n runs `tails[n]` to `heads[n]`, holds `caps[n]` kg at `costs[n]` = -fen per tonne. The first arcs
    are the pairs, in their order. The last arc lets what is not worth moving stay where it is.
    """

    tails: Ints
    heads: Ints
    caps: Ints
    costs: Ints
    lot_nodes: dict[str, int]
    resource_nodes: dict[tuple[str, str], int]
    taker_nodes: dict[str, int]
    supply: int

    @property
    def source(self) -> int:
        """Give the node all mass comes from."""
        return 0

    @property
    def sink(self) -> int:
        """Give the node all mass ends in."""
        return 1


@dataclass(frozen=True, slots=True)
class Flow:
    """An optimal flow: `kg` per arc of the network, and its welfare in fen x kg / tonne."""

    network: Network
    kg: Ints
    welfare: int


def network_of(pairs: Sequence[Pair]) -> Network:
    """Build the network of the pairs, all of which should have a gain."""
    lots = {pair.lot.id: pair.lot for pair in pairs}
    takers = {pair.taker.id: pair.taker for pair in pairs}
    quotas = {(pair.taker.id, pair.lot.code): pair.taker.codes[pair.lot.code] for pair in pairs}
    lot_nodes = {one: n for n, one in enumerate(lots, 2)}
    resource_nodes = {one: n for n, one in enumerate(quotas, 2 + len(lots))}
    taker_nodes = {one: n for n, one in enumerate(takers, 2 + len(lots) + len(quotas))}
    supply = sum(lot.kg for lot in lots.values()) + 1
    arcs = [(lot_nodes[p.lot.id], resource_nodes[p.taker.id, p.lot.code], p.lot.kg, -p.fen) for p in pairs]
    arcs += [(0, node, lots[one].kg, 0) for one, node in lot_nodes.items()]
    arcs += [(node, taker_nodes[one[0]], quotas[one], 0) for one, node in resource_nodes.items()]
    arcs += [(node, 1, takers[one].total_kg, 0) for one, node in taker_nodes.items()]
    arcs.append((0, 1, supply, 0))
    tails, heads, caps, costs = np.array(arcs, dtype=np.int64).T
    return Network(tails, heads, caps, costs, lot_nodes, resource_nodes, taker_nodes, supply)


def solve_flow(pairs: Sequence[Pair]) -> Flow:
    """Find the flow of greatest welfare by OR-Tools' SimpleMinCostFlow; integral and exact."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    net = network_of(pairs)
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(net.tails, net.heads, net.caps, net.costs)
    solver.set_node_supply(net.source, net.supply)
    solver.set_node_supply(net.sink, -net.supply)
    status = solver.solve()
    if status != solver.OPTIMAL:  # the by-pass arc makes every network feasible
        raise ArithmeticError(status)
    kg = np.asarray(solver.flows(arcs), dtype=np.int64)
    return Flow(net, kg, -int(np.dot(kg, net.costs)))
