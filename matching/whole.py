"""What is the best clearing when some lots go entire or in least parts (CP-SAT, market by market)?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matching.pairs import Pair
from matching.stopping import Limits

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, Domain, IntVar


@dataclass(frozen=True, slots=True)
class Cleared:
    """Kilograms per pair, in the order of the pairs; `proven`: nothing better exists."""

    kg: list[int]
    proven: bool


def keeps_parts(pairs: Sequence[Pair], kg: Sequence[int]) -> bool:
    """Tell whether these kilograms leave whole lots whole and no part below its least mass."""
    return all(amount == 0 or amount >= p.lot.smallest_kg for p, amount in zip(pairs, kg, strict=True))


def markets(pairs: Sequence[Pair]) -> list[list[int]]:
    """Part the pairs into markets that share no lot and no taker; indices in order."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for pair in pairs:
        parent[root(("lot", pair.lot.id))] = root(("taker", pair.taker.id))
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for n, pair in enumerate(pairs):
        groups[root(("lot", pair.lot.id))].append(n)
    return list(groups.values())


def rounded(pairs: Sequence[Pair], flow: Sequence[int]) -> list[int]:
    """Round a divisible flow to lawful parts: keep what keeps its part, then fill the best pairs first."""
    lot_left = {pair.lot.id: pair.lot.kg for pair in pairs}
    code_left = {(p.taker.id, p.lot.code): p.taker.codes[p.lot.code] for p in pairs}
    total_left = {pair.taker.id: pair.taker.total_kg for pair in pairs}
    kg = [0] * len(pairs)

    def fill(n: int, wanted: int) -> None:
        lot, taker = pairs[n].lot, pairs[n].taker
        room = min(wanted, lot_left[lot.id], code_left[taker.id, lot.code], total_left[taker.id])
        if room >= (1 if kg[n] else lot.smallest_kg):
            kg[n] += room
            lot_left[lot.id] -= room
            code_left[taker.id, lot.code] -= room
            total_left[taker.id] -= room

    for n, amount in enumerate(flow):
        fill(n, amount)
    for n in sorted(range(len(pairs)), key=lambda n: (-pairs[n].fen, pairs[n].lot.id, pairs[n].taker.id)):
        fill(n, pairs[n].lot.kg)
    return kg


def solve_whole(pairs: Sequence[Pair], flow: Sequence[int], limits: Limits) -> Cleared:
    """Clear one market of whole lots, lots with a least part and freely divisible ones by CP-SAT.

    The search starts from the rounded `flow`. One worker and a fixed seed: the same answer every time.
    Without an answer in time the start stands, unproven.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    start = rounded(pairs, flow)
    kg = [model.new_int_var_from_domain(_amounts(pair), f"kg{n}") for n, pair in enumerate(pairs)]
    for variable, amount in zip(kg, start, strict=True):
        model.add_hint(variable, amount)
    _capacities(model, pairs, kg)
    model.maximize(sum(pair.fen * variable for pair, variable in zip(pairs, kg, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = limits.work
    if limits.seconds is not None:
        solver.parameters.max_time_in_seconds = limits.seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Cleared(start, proven=False)
    return Cleared([solver.value(variable) for variable in kg], status == cp_model.OPTIMAL)


def _amounts(pair: Pair) -> Domain:
    """Give what may go this way: nothing, or from the least part to what the taker has room for."""
    from ortools.sat.python.cp_model import Domain

    most = min(pair.lot.kg, pair.taker.room_kg(pair.lot.code))
    return Domain.from_intervals([[0, 0], [pair.lot.smallest_kg, most]])


def _capacities(model: CpModel, pairs: Sequence[Pair], kg: Sequence[IntVar]) -> None:
    """Bound the mass out of each lot, into each (taker, code) and into each taker."""
    limits: dict[tuple[str, ...], int] = {}
    members: defaultdict[tuple[str, ...], list[IntVar]] = defaultdict(list)
    for pair, variable in zip(pairs, kg, strict=True):
        lot, taker = pair.lot, pair.taker
        bounds: dict[tuple[str, ...], int] = {
            ("lot", lot.id): lot.kg,
            ("code", taker.id, lot.code): taker.codes[lot.code],
            ("total", taker.id): taker.total_kg,
        }
        limits |= bounds
        for key in bounds:
            members[key].append(variable)
    for key, variables in members.items():
        model.add(sum(variables) <= limits[key])
