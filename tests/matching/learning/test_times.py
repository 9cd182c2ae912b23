"""Do told times come true, and does nine in ten mean nine in ten?"""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from benchmarks.learning.simulated_times import stays, ways
from matching.learning.card import Metric, Model
from matching.learning.history import BadHistory, Unfit
from matching.learning.times import LEAST_TIMES, Durations, Expected, Times, learn_times

ON = date(2025, 9, 2)


@cache
def learned(model: Model) -> Durations:
    """Return what was learned from one simulated history."""
    made = (ways if model is Model.LEG_TIME else stays)(4, 6_000)
    return learn_times(made, model, simulated=True)


def asked(model: Durations, **changed: object) -> Expected:
    """Ask for a way of an hour in the morning."""
    sound = {
        "place": "lane-3",
        "party": "driver-4",
        "on": ON,
        "minute": 600,
        "amount": 55.0,
        "planned_s": 3_600.0,
    }
    return model.expected(**{**sound, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize("model", [Model.LEG_TIME, Model.SERVICE_TIME])
def test_times_beat_the_plan_corrected_by_the_place(model: Model) -> None:
    """A dispatcher would be told no more than the place's usual lateness, which any list shows."""
    card = learned(model).card
    assert card.used
    assert card.metrics[Metric.PINBALL] < card.rule_metrics[Metric.PINBALL]
    assert card.metrics[Metric.MEDIAN_ERROR] < card.rule_metrics[Metric.MEDIAN_ERROR]


@pytest.mark.parametrize("model", [Model.LEG_TIME, Model.SERVICE_TIME])
def test_one_in_ten_is_later_than_the_high_time(model: Model) -> None:
    """A processor's gate would be booked too tight for the lorries that were promised."""
    assert 0.05 <= learned(model).card.metrics[Metric.LATE_SHARE] <= 0.16


def test_the_high_time_is_never_below_the_median() -> None:
    """A page would promise the bad day sooner than the usual one."""
    found = [
        asked(learned(Model.LEG_TIME), place=f"lane-{lane}", minute=minute, planned_s=plan)
        for lane in range(45)
        for minute, plan in ((0, 300.0), (480, 3_600.0), (1_439, 30_000.0))
    ]
    assert all(0 < one.median_s <= one.high_s for one in found)


def test_a_place_never_seen_has_a_time_too() -> None:
    """The first load of a new producer could not be planned."""
    one = asked(learned(Model.LEG_TIME), place="new", party="new")
    assert 1_800 < one.median_s < one.high_s < 14_400


@pytest.mark.parametrize(
    ("changed", "unfit"),
    [
        ({"planned_s": 0.0}, Unfit.NOT_POSITIVE),
        ({"planned_s": float("nan")}, Unfit.NOT_FINITE),
        ({"amount": -1.0}, Unfit.NOT_POSITIVE),
        ({"minute": 1_440}, Unfit.TOO_LARGE),
        ({"minute": -1}, Unfit.NEGATIVE),
        ({"place": ""}, Unfit.EMPTY),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(changed: dict[str, object], unfit: Unfit) -> None:
    """A slip in a plan would come back as an hour of arrival."""
    with pytest.raises(BadHistory) as refused:
        asked(learned(Model.LEG_TIME), **changed)
    assert refused.value.unfit is unfit


def test_few_times_make_no_model() -> None:
    """A fleet's first week would be taken for its habit."""
    made = ways(1, LEAST_TIMES - 1)
    with pytest.raises(BadHistory) as refused:
        learn_times(made, Model.LEG_TIME, simulated=True)
    assert refused.value.unfit is Unfit.TOO_FEW


def test_the_same_past_gives_the_same_time() -> None:
    """Two dispatchers would be told two hours of arrival for one load."""
    again = learn_times(ways(4, 6_000), Model.LEG_TIME, simulated=True)
    assert asked(again) == asked(learned(Model.LEG_TIME))


def test_a_model_no_better_than_its_rule_is_not_used() -> None:
    """A dispatcher would be given a model's word where the plan and the place's past know as much."""
    made: Times = ways(4, 6_000)
    model = learned(Model.LEG_TIME)
    worse = type(model.card)(
        **{name: getattr(model.card, name) for name in model.card.__dataclass_fields__}
        | {"metrics": model.card.rule_metrics}
    )
    told = asked(Durations(made, worse, model._learned, model._rule))
    assert not told.learned
    assert told.median_s <= told.high_s
