"""What do solvers make of the same market that are used as they come?"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, hstack

from matching.clearing import Market

Tonnes = NDArray[np.float64]


def bare_flow(market: Market) -> tuple[float, float]:
    """Solve `split` by OR-Tools' SimpleMinCostFlow as documented, in kilograms and fen: seconds, welfare."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    start = time.process_time()
    pairs, (lots, resources, takers, _) = market.pairs, market.sizes
    mass, room, total = (
        np.rint(1000 * tonnes).astype(np.int64)
        for tonnes in (market.lots.tonnes, market.resources.tonnes, market.takers.tonnes)
    )
    sink = lots + resources + takers
    tails = [pairs.lot, np.arange(lots), lots + np.arange(resources), lots + resources + np.arange(takers)]
    heads = [
        lots + pairs.resource,
        np.full(lots, sink),
        lots + resources + market.resources.taker,
        np.full(takers, sink),
    ]
    caps = np.concatenate([mass[pairs.lot], mass, room, total])
    costs = np.concatenate([-np.rint(100 * pairs.worth), np.zeros(sink)]).astype(np.int64)
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        np.concatenate(tails), np.concatenate(heads), caps, costs
    )
    solver.set_nodes_supplies(np.append(np.arange(lots), sink), np.append(mass, -mass.sum()))
    if solver.solve() != solver.OPTIMAL:
        raise ArithmeticError("no optimum")
    kg = solver.flows(arcs[: len(pairs.worth)])
    return time.process_time() - start, float((kg / 1000 * pairs.worth).sum())


def greedy(market: Market, model: str) -> tuple[float, float]:
    """Fill the best pairs first, lawfully: seconds, welfare."""
    start = time.process_time()
    pairs, lots = market.pairs, market.lots
    left = lots.tonnes.tolist()
    room, total = market.resources.tonnes.tolist(), market.takers.tonnes.tolist()
    least = np.where(lots.whole, lots.tonnes, lots.least if model == "batch" else 0.0)
    least = (np.zeros_like(least) if model == "split" else least).tolist()
    welfare = 0.0
    order = np.argsort(-pairs.worth, kind="stable")
    columns = (pairs.lot[order], pairs.resource[order], pairs.taker[order], pairs.worth[order])
    for lot, code, gate, worth in zip(*(column.tolist() for column in columns), strict=True):
        amount = min(left[lot], room[code], total[gate])
        if amount > 0 and amount >= least[lot] - 1e-9:
            left[lot] -= amount
            room[code] -= amount
            total[gate] -= amount
            welfare += amount * worth
    return time.process_time() - start, welfare


def highs(market: Market, model: str, seconds: float) -> tuple[float, float]:
    """Solve `whole` or `batch` by scipy's HiGHS as a mixed-integer programme: seconds, welfare."""
    start = time.process_time()
    pairs, lots, n = market.pairs, market.lots, market.sizes[3]
    own = lots.tonnes[pairs.lot]
    least = np.where(lots.whole[pairs.lot], own, lots.least[pairs.lot] if model == "batch" else 0.0)
    marked = np.flatnonzero(least > 0)
    column = np.arange(n)
    held = []
    for owner, most in (
        (pairs.lot, lots.tonnes),
        (pairs.resource, market.resources.tonnes),
        (pairs.taker, market.takers.tonnes),
    ):
        sums = coo_array((np.ones(n), (owner, column)), shape=(len(most), n))
        nothing = coo_array((len(most), len(marked)))
        held.append(LinearConstraint(hstack([sums, nothing]).tocsr(), -np.inf, most))
    row = np.arange(len(marked))
    ones = coo_array((np.ones(len(marked)), (row, marked)), shape=(len(marked), n))
    for factor, low, high in ((own, -np.inf, 0.0), (least, 0.0, np.inf)):
        gate = coo_array((-factor[marked], (row, row)), shape=(len(marked), len(marked)))
        held.append(LinearConstraint(hstack([ones, gate]).tocsr(), low, high))
    found = milp(
        np.concatenate([-pairs.worth, np.zeros(len(marked))]),
        constraints=held,
        integrality=np.concatenate([np.zeros(n), np.ones(len(marked))]),
        bounds=Bounds(0, np.concatenate([own, np.ones(len(marked))])),
        options={"time_limit": seconds},
    )
    welfare = 0.0 if found.x is None else float(-found.fun)
    return time.process_time() - start, welfare
