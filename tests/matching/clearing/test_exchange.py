"""Does annealing keep every rule, remember its best, and give the same answer every time?"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.clearing.instances import generate
from matching.clearing import Limits, Model
from matching.clearing.annealing import annealed, best_around
from matching.clearing.check import bound_of, plan_breaches
from matching.clearing.clearing import Watch
from matching.clearing.engine import Engine
from matching.clearing.rounding import rounded
from matching.clearing.units import tonnes_of

MARKET = generate(600, 40, 1)


@pytest.mark.parametrize("model", ["whole", "batch"])
def test_annealing_is_lawful_better_than_rounding_and_the_same_every_time(model: Model) -> None:
    """Lots would be sent in parts too small to be taken, or otherwise at the next press of the button."""
    engine = Engine.start(MARKET, model)
    bound = bound_of(MARKET, model, engine.prices)
    watch = Watch(Limits(iterations=60), None)
    kg, rounds = annealed(engine, engine.kg, watch, bound, 60)
    again, _ = annealed(engine, engine.kg, watch, bound, 60)
    tonnes = tonnes_of(MARKET, model, kg)
    assert not list(plan_breaches(MARKET, model, tonnes))
    assert rounds == 60
    assert np.array_equal(kg, again)
    gain = engine.numbers.gain
    assert kg @ gain > rounded(MARKET, engine.numbers, engine.kg) @ gain
    assert (MARKET.pairs.worth * tonnes).sum() <= bound


def test_the_best_flow_around_decisions_keeps_them_and_earns_no_less() -> None:
    """The last step of a clearing would undo what the search had found."""
    engine = Engine.start(MARKET, "batch")
    kg = rounded(MARKET, engine.numbers, engine.kg)
    better = best_around(engine, kg)
    numbers, lot = engine.numbers, MARKET.pairs.lot
    entire = numbers.least[lot] == numbers.lot[lot]
    assert np.array_equal(better[entire], kg[entire])
    assert np.array_equal(better > 0, kg > 0)
    assert better @ numbers.gain >= kg @ numbers.gain
    assert not list(plan_breaches(MARKET, "batch", tonnes_of(MARKET, "batch", better)))
