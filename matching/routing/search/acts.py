"""What can the compiled search be asked to do?

Python calls one function, so that what annealing and taking vehicles away have in common is compiled once.
"""

from __future__ import annotations

from matching.routing.search.anneal import anneal, return_to_best
from matching.routing.search.arrays import Data, State
from matching.routing.search.fleet import fewer
from matching.routing.search.jit import entry
from matching.routing.search.rules import Rules

RETURN, COOL, REDUCE = range(3)


@entry
def act(
    data: Data, rules: Rules | None, state: State, what: int, steps: int, temperature: float, removals: float
) -> None:
    """Go back to the best plan, or make so many steps of annealing or with ever fewer vehicles."""
    if what == RETURN:
        return_to_best(data, rules, state)
    elif what == COOL:
        anneal(data, rules, state, steps, temperature, removals)
    else:
        fewer(data, rules, state, steps, temperature, removals)
