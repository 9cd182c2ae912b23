"""What is the proven best of a small market in which some lots go entire or in least parts (CP-SAT)?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from matching.bridge import EXACT_PAIRS, FEN_KG, KG, Cleared, parts_of
from matching.distances import Ints
from matching.pairs import Pairs
from matching.stopping import Limits

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, Domain, IntVar

    from matching.clearing import Prices


def polished(answer: Cleared, rows: Ints, prices: Prices, limits: Limits) -> Cleared:
    """Solve each small independent market of the pairs with a gain to its proven best.

    Markets that earn what they would with every lot divided are left alone, by the `prices` of that; large
    ones stay as they were found, unproven.
    """
    pairs, kg = answer.pairs, answer.kg.copy()
    proven = True
    for market in markets(pairs, rows):
        if _earned(pairs, market, kg) >= _bound(pairs, market, prices):
            continue
        if len(market) > EXACT_PAIRS:
            proven = False
            continue
        kg[market], closed = _best(pairs, market, kg[market], limits)
        proven = proven and closed
    return Cleared(pairs, kg, answer.bound_fen_kg, proven)


def markets(pairs: Pairs, rows: Ints) -> list[Ints]:
    """Part the pairs into markets that share no lot and no taker; rows of `pairs`, in order."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    lots = len(pairs.facts.lots.kg)
    size = lots + len(pairs.facts.takers.total_kg)
    links = coo_array((np.ones(len(rows)), (pairs.lot[rows], lots + pairs.taker[rows])), shape=(size, size))
    label = connected_components(links, directed=False)[1][pairs.lot[rows]]
    order = np.argsort(label, kind="stable")
    edges = np.flatnonzero(np.diff(label[order])) + 1
    return np.split(rows[order], edges)


def _earned(pairs: Pairs, rows: Ints, kg: Ints) -> float:
    return float(np.dot(kg[rows], pairs.fen[rows] / FEN_KG))


def _bound(pairs: Pairs, rows: Ints, prices: Prices) -> float:
    """Give what a market would earn with every lot divided, by linear duality, less a rounding error."""
    facts = pairs.facts
    lots, doors, takers = (np.unique(one) for one in (pairs.lot[rows], _door(pairs, rows), pairs.taker[rows]))
    sums = (
        np.dot(prices.lot[lots], facts.lots.kg[lots]),
        np.dot(prices.resource_rent[doors], facts.resources.kg[doors]),
        np.dot(prices.taker_rent[takers], facts.takers.total_kg[takers]),
    )
    bound = float(sum(sums)) / KG
    return bound - 1e-9 * bound - 0.5 / FEN_KG


def _best(pairs: Pairs, rows: Ints, start: Ints, limits: Limits) -> tuple[Ints, bool]:
    """Clear one market, starting from what is known; and say whether that is proven best.

    One worker, a fixed seed and a deterministic limit: the same answer every time.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    kg = [model.new_int_var_from_domain(one, f"kg{n}") for n, one in enumerate(_amounts(pairs, rows))]
    for variable, amount in zip(kg, start.tolist(), strict=True):
        model.add_hint(variable, amount)
    _capacities(model, pairs, rows, kg)
    model.maximize(sum(f * variable for f, variable in zip(pairs.fen[rows].tolist(), kg, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = limits.work
    if limits.seconds is not None:
        solver.parameters.max_time_in_seconds = limits.seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return start, False
    found = np.array([solver.value(variable) for variable in kg], dtype=np.int64)
    better = int(np.dot(found, pairs.fen[rows])) >= int(np.dot(start, pairs.fen[rows]))
    return (found if better else start), status == cp_model.OPTIMAL


def _amounts(pairs: Pairs, rows: Ints) -> list[Domain]:
    """Give what may go each way: nothing, or from the least part to what the taker has room for."""
    from ortools.sat.python.cp_model import Domain

    lots, facts = pairs.lot[rows], pairs.facts
    whole, least = parts_of(pairs)
    part = np.where(whole, facts.lots.kg, np.maximum(least, 1))[lots]
    room = np.minimum(facts.resources.kg[_door(pairs, rows)], facts.takers.total_kg[pairs.taker[rows]])
    most = np.minimum(facts.lots.kg[lots], room)
    bounds = zip(part.tolist(), most.tolist(), strict=True)
    return [Domain.from_intervals([[0, 0], [low, high]] if low <= high else [[0, 0]]) for low, high in bounds]


def _capacities(model: CpModel, pairs: Pairs, rows: Ints, kg: list[IntVar]) -> None:
    """Bound the mass out of each lot, into each taker's room for a code and into each taker."""
    facts = pairs.facts
    for owner, limit in (
        (pairs.lot[rows], facts.lots.kg),
        (_door(pairs, rows), facts.resources.kg),
        (pairs.taker[rows], facts.takers.total_kg),
    ):
        members: defaultdict[int, list[IntVar]] = defaultdict(list)
        for one, variable in zip(owner.tolist(), kg, strict=True):
            members[one].append(variable)
        for one, variables in members.items():
            model.add(sum(variables) <= int(limit[one]))


def _door(pairs: Pairs, rows: Ints) -> Ints:
    return pairs.facts.resources.at[pairs.taker[rows], pairs.facts.lots.code[pairs.lot[rows]]]
