"""Does the search find the best of all plans whichever kind of rule is in the way?"""

from __future__ import annotations

from random import Random

import pytest

from matching.routing.check import check_plan
from matching.routing.plan import value
from matching.routing.search.limits import Limits
from matching.routing.search.solve import solve
from tests.matching.routing import kinds
from tests.matching.routing.test_brute_force import best

DAYS = 40
LEAST_BINDING = 3
"""So many days of each kind would be better without its rule, and mostly far more."""
MOST_MISSED = 3
"""What it takes first (compartment, break, dock) will do; now and then another would do better."""


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_the_best_plan_is_found_with_each_kind_of_rule_in_the_way(kind: str) -> None:
    """A rule taken too strictly would cost a carrier money, and one overlooked get her fined."""
    missed, binding = [], 0
    for seed in range(DAYS):
        rnd = Random(f"{kind} {seed}")
        free = kinds.plain(rnd)
        bound = kinds.KINDS[kind](rnd, free)
        plan = solve(bound, Limits(iterations=600))
        assert check_plan(bound, plan) == []
        found, least = value(bound, plan), best(bound)
        apart = [one - other for one, other in zip(found, least, strict=True)]
        assert apart >= [-1e-6] * 3, (seed, found, least)
        if any(abs(one) > 1e-6 for one in apart):
            missed.append(seed)
        binding += any(abs(one - other) > 1e-6 for one, other in zip(least, best(free), strict=True))
    assert len(missed) <= MOST_MISSED, missed
    assert binding >= LEAST_BINDING
