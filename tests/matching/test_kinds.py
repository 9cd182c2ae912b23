"""Is the market cleared at its best whichever kind of rule decides who is sent where?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

import pytest

from matching import Calendar, Division, Problem, Window, clear
from tests.matching.brute import best_welfare
from tests.matching.builders import AT, CODES, drawn_market

DECIDED = 12
"""So many markets of each kind, of which the rule decides who is served."""
MOST_DRAWN = 1500

PAST = Window(AT - timedelta(days=2), AT - timedelta(days=1))
OPEN = Window(AT + timedelta(days=1), AT + timedelta(days=2))
Lifted = Callable[[Problem], Problem]


def drawn(seed: int) -> Problem:
    """Draw a market in which receiving hours, days and the mass of approvals are often in the way too."""
    rnd = Random(seed)
    problem = drawn_market(rnd, divisible=False)
    takers = [
        replace(
            one,
            windows=rnd.choice(((), (), (PAST,), (PAST, OPEN))),
            days=rnd.choice((None, None, Calendar(frozenset({rnd.randint(1, 7)})))),
        )
        for one in problem.takers
    ]
    over = [
        (a.id, b.id) for a, b in product(problem.lots, takers) if a.hazardous and a.province != b.province
    ]
    masses = {pair: rnd.randint(0, 4) * 1000 for pair in over if rnd.random() < 0.7}
    return replace(problem, takers=tuple(takers), approved_kg=masses)


def lots(**changes: Any) -> Lifted:
    """Change every lot alike."""
    return lambda problem: replace(problem, lots=tuple(replace(one, **changes) for one in problem.lots))


def takers(**changes: Any) -> Lifted:
    """Change every taker alike."""
    return lambda problem: replace(problem, takers=tuple(replace(one, **changes) for one in problem.takers))


def vehicles(**changes: Any) -> Lifted:
    """Change every vehicle alike."""
    return lambda problem: replace(
        problem, vehicles=tuple(replace(one, **changes) for one in problem.vehicles)
    )


def licensed(problem: Problem) -> Problem:
    """License every code everywhere."""
    wider = (
        replace(one, codes={code: one.codes.get(code, 4000) for code in CODES}) for one in problem.takers
    )
    return replace(problem, takers=tuple(wider))


def roomy(problem: Problem) -> Problem:
    """License as much of each licensed code as anybody has."""
    wider = (replace(one, codes=dict.fromkeys(one.codes, 90_000)) for one in problem.takers)
    return replace(problem, takers=tuple(wider))


def approved(problem: Problem) -> Problem:
    """Let everything cross the border."""
    every = frozenset((a.id, b.id) for a, b in product(problem.lots, problem.takers))
    return replace(problem, approvals=every, approved_kg={})


def enough(problem: Problem) -> Problem:
    """Let approvals cover any mass."""
    return replace(problem, approved_kg=dict.fromkeys(problem.approved_kg, 90_000))


LIFTED: dict[str, Lifted] = {
    "licensed code": licensed,
    "quantity of the code": roomy,
    "quantity in total": takers(total_kg=90_000),
    "mode": lots(modes=frozenset()),
    "composition": takers(limits=()),
    "receiving days": takers(days=None),
    "receiving hours": takers(windows=()),
    "hazardous carrier": vehicles(hazardous_ok=True),
    "carrier class": vehicles(dg_classes=frozenset({"8", "9"})),
    "one trip": lots(one_trip=False),
    "approval": approved,
    "quantity of an approval": enough,
    "exclusion": lambda problem: replace(problem, excluded=frozenset()),
    "reach": lambda problem: replace(problem, weights=replace(problem.weights, reach_km=None)),
    "whole lots": lambda problem: replace(
        problem,
        lots=tuple(
            replace(one, division=Division.SPLIT, min_kg=min(one.min_kg, 1000)) for one in problem.lots
        ),
    ),
    "least parts": lots(min_kg=0),
}
"""The same market without one kind of rule; it may be worth less, where a rate or a tariff follows."""


@pytest.mark.parametrize("kind", LIFTED)
def test_the_market_is_cleared_at_its_best_where_this_kind_of_rule_decides(kind: str) -> None:
    """A rule taken too strictly would leave waste where it is, and one overlooked send it to a wrong gate."""
    decided = 0
    for seed in range(MOST_DRAWN):
        bound = drawn(seed)
        free = LIFTED[kind](bound)
        least, most = best_welfare(bound), best_welfare(free)
        if least != most:
            decided += 1
            assert (clear(bound).welfare, clear(free).welfare) == (least, most), seed
        if decided == DECIDED:
            return
    pytest.fail(f"only {decided} markets are decided by {kind}")
