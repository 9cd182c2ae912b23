"""Which plan is the best so far, and what is tried next?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matching.routing.evaluate import evaluate
from matching.routing.faults import Fault
from matching.routing.model import Problem, Tours
from matching.routing.search.acts import COOL, REDUCE, RETURN, act
from matching.routing.search.arrays import (
    ABSENT,
    ABSENTS,
    ACTIVES,
    BEST,
    COST,
    LIMIT,
    MANDATORY,
    STEPS,
    TOP,
    TOP_LENGTH,
)
from matching.routing.search.compile import Compiled, start_state, write_best
from matching.routing.search.drive import drive
from matching.routing.search.follow import best_trial, follow
from matching.routing.search.frame import frame, frame_kinds
from matching.routing.search.rules import LOADING
from matching.routing.search.units import address_of
from matching.solution import NotSound, Violation

HOT, COLD = 10.0, 0.1
REMOVALS, FLEET_REMOVALS = 15.0, 10.0
CHUNK = 250


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan as the kernel has it: its cost, nodes per tour, and when service begins at each node.

    `begins` is -inf where the kernel leaves that to the rules.
    """

    cost: float
    tours: Tours
    begins: tuple[float, ...]


class Searcher:
    """A search under way, of which the best plan can be had at any time."""

    def __init__(self, compiled: Compiled, seed: int, start: Tours | None) -> None:
        self._compiled = compiled
        self._state = start_state(compiled, seed, start)
        self._frames = (
            frame(compiled.data),
            None if compiled.rules is None else frame(compiled.rules),
            frame(self._state),
        )
        if compiled.rules is not None:
            kinds = frame_kinds(*self._frames)
            compiled.rules.links[:] = [address_of(unit, kinds) for unit in (drive, follow, best_trial)]
        self._return(())
        if np.isinf(self._state.sums[COST]):
            raise NotSound(list(_fixed_faults(compiled.problem)))
        act(*self._frames, COOL, 1, 1e-9, 0.0)

    @property
    def best(self) -> float:
        """Give the cost of the best plan as the kernel counts it."""
        return float(self._state.sums[BEST])

    @property
    def problem(self) -> Problem:
        """Give the problem that is searched."""
        return self._compiled.problem

    @property
    def iterations(self) -> int:
        """Count the steps so far."""
        return int(self._state.tally[STEPS])

    def reduce(self, steps: int) -> bool:
        """Try for so many steps to get along with fewer vehicles; False: there can't be fewer."""
        heat, before = self._compiled.warmth, self.iterations
        act(*self._frames, REDUCE, steps, heat, FLEET_REMOVALS)
        return self.iterations - before == steps

    def settle_fleet(self) -> None:
        """Go back to the best plan; if it serves all that is mandatory, use no more vehicles than it does."""
        self._return(self.draft().begins)
        left_out = self._state.lists[ABSENT, : self._state.tally[ABSENTS]]
        if not self._compiled.data.wants[left_out, MANDATORY].any():
            self._state.tally[LIMIT] = self._state.tally[ACTIVES]

    def cool(self, part: float, steps: int) -> None:
        """Anneal for so many steps, at the temperature for this part of the time: hot at 0, cold at 1."""
        heat = self._compiled.warmth * HOT * (COLD / HOT) ** part
        act(*self._frames, COOL, steps, heat, REMOVALS)

    def draft(self) -> Draft:
        """Give the best plan so far."""
        state, compiled = self._state, self._compiled
        tours: list[tuple[int, ...]] = [()] * len(compiled.tours)
        for k, tour in enumerate(compiled.tours):
            tours[tour] = tuple(int(node) for node in state.seq[TOP, k, 1 : state.row[k, TOP_LENGTH] - 1])
        rules = compiled.rules
        begins = () if rules is None else tuple(float(begin) for begin in rules.begins)
        return Draft(self.best, tuple(tours), begins)

    def adopt(self, draft: Draft) -> None:
        """Go on from a plan that another search has found."""
        rows = {tour: k for k, tour in enumerate(self._compiled.tours)}
        for tour, nodes in enumerate(draft.tours):
            write_best(self._compiled, self._state, rows[tour], nodes)
        self._return(draft.begins)

    def _return(self, begins: tuple[float, ...]) -> None:
        """Make the best plan the one that is changed; stops begin when they did."""
        rules = self._compiled.rules
        if rules is not None:
            rules.begins[: len(begins)] = begins
            rules.limits[LOADING] = 1.0 if begins else 0.0
        act(*self._frames, RETURN, 0, 0.0, 0.0)
        if rules is not None:
            rules.limits[LOADING] = 0.0


def _fixed_faults(problem: Problem) -> Iterator[Violation]:
    """Name what is wrong with the fixed stops alone."""
    assert problem.running is not None
    half = {Fault.NODE_COUNT, Fault.MOVED_TOO_MANY}
    for fault in evaluate(problem, problem.running.fixed).violations:
        if fault.breach not in half:
            yield fault
