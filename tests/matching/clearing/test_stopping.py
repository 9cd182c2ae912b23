"""Is there a lawful answer at whatever moment a clearing is stopped?"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from benchmarks.clearing.instances import generate
from matching.clearing import Limits, Model, Progress, clear_market
from matching.clearing import improve as improving
from matching.clearing.engine import Engine
from matching.clearing.market import Ints


@pytest.mark.parametrize("model", ["whole", "batch"])
@pytest.mark.parametrize("many", [False, True])
def test_a_clearing_that_is_stopped_at_once_is_lawful_and_near(
    model: Model, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C or a short limit on a large market would be kept waiting, or give nothing."""
    if many:
        monkeypatch.setattr(improving, "MANY_LOTS", 100)
    asked: list[Progress] = []

    def stop(found: Progress) -> bool:
        asked.append(found)
        return len(asked) < 2

    found = clear_market(generate(600, 40, 1), model, Limits(seconds=600), stop)
    assert found.gap_percent < 8


@pytest.mark.parametrize("stage", ["dive", "improve"])
def test_who_stops_a_search_gets_its_first_answer_at_least(stage: str) -> None:
    """The second of two markets would lose a fiftieth of its welfare to an operator who presses stop."""
    told: list[Progress] = []

    def stop(found: Progress) -> bool:
        told.append(found)
        return found.stage != stage

    found = clear_market(generate(600, 40, 1), "whole", Limits(iterations=10**6), stop)
    assert told[-1].stage == stage
    assert found.gap_percent < 0.7


def test_lots_that_time_did_not_do_for_are_rounded_around_those_that_are_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A busy machine would throw the half of an answer away that it had found."""
    cut = []
    anneal = improving.annealed

    def annealed(engine: Engine, *what: Any) -> tuple[Ints, int]:
        cut.append(len(engine.cut()))
        return anneal(engine, *what)

    monkeypatch.setattr(improving, "annealed", annealed)
    monkeypatch.setattr(improving, "CHUNK_LOTS", 1)
    for seconds in (0.5, 12.0):
        steps = count()
        monkeypatch.setattr(Limits, "clock", property(lambda _, at=steps: lambda: float(next(at))))
        assert clear_market(generate(600, 40, 1), "whole", Limits(seconds=seconds)).gap_percent < 8
    at_once, later = cut
    assert 0 < later < at_once
