"""What is the best clearing when every lot may be divided (min-cost flow: proven optimal)?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.clearing.market import Flags, Ints, Market
from matching.clearing.units import Counted


def best_flow(market: Market, numbers: Counted, usable: Flags) -> Ints:
    """Find the kilograms per pair of greatest gain by OR-Tools' SimpleMinCostFlow; integral and exact.

    Only `usable` pairs are used, all of which should have a gain. Nodes that bind nothing are left out: a
    taker with one code in use, or with room for all its codes together, needs none of its own. Each lot
    may stay where it is. Memory is a few words per usable pair.
    """
    where = np.flatnonzero(usable)
    kg = np.zeros(len(usable), dtype=np.int64)
    if len(where):
        kg[where] = _solved(market, numbers, where)
    return kg


def _solved(market: Market, numbers: Counted, where: Ints) -> Ints:
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    pairs = market.pairs
    lots, lot_node = np.unique(pairs.lot[where], return_inverse=True)
    doors, door_node = np.unique(pairs.resource[where], return_inverse=True)
    gates, gate_node = np.unique(market.resources.taker[doors], return_inverse=True)
    door_kg, gate_kg = numbers.resource[doors], numbers.taker[gates]
    binds = (np.bincount(gate_node) > 1) & (np.bincount(gate_node, door_kg) > gate_kg)
    first_door, first_gate = len(lots), len(lots) + len(doors)
    sink = first_gate + int(binds.sum())
    gate_at = np.where(binds, first_gate + np.cumsum(binds) - 1, sink)
    bound = np.flatnonzero(binds)
    tails = [lot_node, np.arange(first_door), first_door + np.arange(len(doors)), gate_at[bound]]
    heads = [first_door + door_node, np.full(len(lots), sink), gate_at[gate_node], np.full(len(bound), sink)]
    mass = numbers.lot[lots]
    roofs = [mass[lot_node], mass, np.minimum(door_kg, gate_kg[gate_node]), gate_kg[bound]]
    free = np.zeros(len(lots) + len(doors) + len(bound), dtype=np.int64)
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        _joined(tails), _joined(heads), _joined(roofs), np.concatenate([-numbers.gain[where], free])
    )
    solver.set_nodes_supplies(np.append(np.arange(first_door), sink), np.append(mass, -mass.sum()))
    status = solver.solve()
    if status != solver.OPTIMAL:  # every lot may stay, so that every network has a flow
        raise ArithmeticError(status)
    return np.asarray(solver.flows(arcs[: len(where)]), dtype=np.int64)


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int64, copy=False)
