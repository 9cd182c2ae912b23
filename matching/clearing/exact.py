"""What is the very best clearing of a small market with whole lots or least parts (CP-SAT: proven)?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from matching.clearing.engine import Engine
from matching.clearing.market import Ints

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar

MOST_PAIRS = 400
WORK = 2.0
"""CP-SAT's own deterministic measure, some seconds: the same answer on every machine."""


def solve_exactly(engine: Engine, hint: Ints, seconds: float | None = None) -> tuple[Ints, bool]:
    """Give kilograms per pair, and whether nothing better exists; one worker, a fixed seed.

    The search starts from a lawful answer; without a better one in time that answer stands.
    """
    from ortools.sat.python import cp_model

    numbers = engine.numbers
    rows = np.flatnonzero(numbers.fits)
    model = cp_model.CpModel()
    lot = engine.market.pairs.lot
    kg: dict[int, IntVar] = {}
    for pair in rows.tolist():
        least, most = max(1, int(numbers.least[lot[pair]])), int(numbers.lot[lot[pair]])
        domain = cp_model.Domain.from_intervals([[0, 0], [least, max(most, least)]])
        kg[pair] = model.new_int_var_from_domain(domain, f"kg{pair}")
        model.add_hint(kg[pair], int(hint[pair]))
    _capacities(model, engine, kg)
    model.maximize(sum(int(numbers.gain[pair]) * amount for pair, amount in kg.items()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = WORK
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(seconds, 1e-3)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return hint, False
    found = hint.copy()
    for pair, amount in kg.items():
        found[pair] = solver.value(amount)
    better = int(found @ numbers.gain) >= int(hint @ numbers.gain)
    return (found if better else hint), status == cp_model.OPTIMAL


def _capacities(model: CpModel, engine: Engine, kg: dict[int, IntVar]) -> None:
    """Bound the mass out of each lot, into each resource and into each taker."""
    pairs, numbers = engine.market.pairs, engine.numbers
    limits = (
        (pairs.lot, numbers.lot),
        (pairs.resource, numbers.resource),
        (pairs.taker, numbers.taker),
    )
    for owner, most in limits:
        members: defaultdict[int, list[IntVar]] = defaultdict(list)
        for pair, amount in kg.items():
            members[int(owner[pair])].append(amount)
        for one, amounts in members.items():
            model.add(sum(amounts) <= int(most[one]))
