"""Can what the market has brought together be driven?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from matching import Window, clear
from matching.problem import BadProblem
from matching.routing.check import check_plan
from matching.routing.day import day_of, spans
from matching.routing.evaluate import evaluate
from matching.routing.model import HoursRule, Span
from tests.matching.builders import AT, lot, market, taker

HOUR = timedelta(hours=1)


def test_a_cleared_market_can_be_driven() -> None:
    """A deal would have no way onto the road."""
    problem = market([lot("L1", kg=4000), lot("L2", kg=5000)], [taker(windows=(Window(AT, AT + 9 * HOUR),))])
    day = day_of(problem, clear(problem).assignments, AT, hours=HoursRule())
    plan = evaluate(day, ((0, 2, 1, 3), *([()] * (len(day.shifts) - 1))))
    assert plan.violations == ()
    assert check_plan(day, plan) == []
    assert max(stop.load[0] for stop in plan.tours[0].stops) == 9000.0
    assert plan.distance_source == problem.distances.source


def test_a_heavy_lot_becomes_several_loads_and_no_kilogram_is_lost() -> None:
    """Thirty tonnes would be put on a lorry for ten, or the rest forgotten."""
    problem = market([lot("L1", kg=25_001)])
    day = day_of(problem, clear(problem).assignments, AT)
    assert [one.amounts[0] for one in day.requests] == [8334.0, 8334.0, 8333.0]
    assert [one.id[-2:] for one in day.requests] == [":1", ":2", ":3"]


def test_windows_that_meet_become_one() -> None:
    """A gate that opens again the minute it closes would be refused."""
    windows = [
        Window(AT + 2 * HOUR, AT + 3 * HOUR),
        Window(AT, AT + HOUR),
        Window(AT + HOUR, AT + 1.5 * HOUR),
    ]
    assert spans(windows, AT) == (Span(0.0, 5400.0), Span(7200.0, 10800.0))


def test_a_naive_start_is_refused() -> None:
    """A route could be planned eight hours off."""
    with pytest.raises(BadProblem):
        day_of(market(), (), AT.replace(tzinfo=None))
