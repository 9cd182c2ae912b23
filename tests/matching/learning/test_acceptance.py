"""Is a told chance that an offer is taken the rate at which such offers are taken?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from benchmarks.learning.simulated_offers import offers
from matching.learning.acceptance import LEAST_OFFERS, Acceptance, Offers, learn_acceptance
from matching.learning.card import Metric
from matching.learning.history import BadHistory, Floats, Unfit


@cache
def learned(seed: int) -> Acceptance:
    """Return what was learned from one simulated history."""
    return learn_acceptance(offers(seed, lots=1_500), simulated=True)


def one(rank: int = 1, **changed: float) -> Offers:
    """Return one offer that nothing speaks against."""
    sound: dict[str, Floats] = {
        name: np.array([changed.get(name, value)])
        for name, value in (("price", -320.0), ("expectation", -340.0), ("km", 60.0), ("days_left", 10.0))
    }
    whole = np.array([1])
    return Offers(
        whole, np.array(["900-214-08"]), whole, np.array([rank]), **sound, accepted=np.array([False])
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_chances_beat_the_rate_of_the_rank(seed: int) -> None:
    """A processor would be told no more than that first offers are taken more often."""
    card = learned(seed).card
    assert card.used
    assert card.metrics[Metric.BRIER] < 0.95 * card.rule_metrics[Metric.BRIER]
    assert card.metrics[Metric.RELIABILITY] < card.rule_metrics[Metric.RELIABILITY]


@pytest.mark.parametrize("seed", [1, 2])
def test_told_chances_come_true(seed: int) -> None:
    """A processor told "one in five" would find one in three, and bid wrong."""
    assert learned(seed).card.metrics[Metric.RELIABILITY] < 0.08


def test_chances_are_chances() -> None:
    """A page would show a chance below nothing or above certainty."""
    told = learned(1).chances(offers(3, lots=300))
    assert ((told > 0) & (told < 1)).all()


def test_a_better_price_is_likelier_taken_and_a_later_rank_less() -> None:
    """A processor would be advised to pay less to win more."""
    model = learned(1)
    prices = [float(model.chances(one(price=price))[0]) for price in (-450.0, -380.0, -320.0, -280.0)]
    assert prices == sorted(prices)
    assert prices[-1] > prices[0] + 0.05
    assert model.chances(one(rank=4))[0] < model.chances(one(rank=1))[0]


def test_rivals_of_the_same_lot_count() -> None:
    """An offer would look as likely to be taken alone as beside a far better one."""
    alone, better = one(), one(price=-200.0)
    both = Offers(
        *(
            np.concatenate([getattr(better, name), getattr(alone, name)])
            for name in ("lot", "code", "day", "rank", "price", "expectation", "km", "days_left", "accepted")
        )
    )
    assert learned(1).chances(both)[1] < learned(1).chances(alone)[0] - 0.05


def test_no_expectation_is_no_error() -> None:
    """Producers who name no price would have no chances at all."""
    assert 0 < learned(1).chances(one(expectation=float("nan")))[0] < 1


def test_an_unknown_code_is_refused() -> None:
    """A chance would be made up for a waste that nobody ever offered for."""
    strange = replace(one(), code=np.array(["111-111-11"]))
    with pytest.raises(BadHistory) as refused:
        learned(1).chances(strange)
    assert refused.value.unfit is Unfit.UNKNOWN_CODE


def test_few_offers_and_offers_all_refused_make_no_model() -> None:
    """A young market would be told chances learned from a handful of answers."""
    made = offers(1, lots=1_000)
    few = Offers(*(getattr(made, name)[: LEAST_OFFERS - 1] for name in made.__dataclass_fields__))
    for bad in (few, replace(made, accepted=np.zeros(len(made), dtype=np.bool_))):
        with pytest.raises(BadHistory) as refused:
            learn_acceptance(bad, simulated=True)
        assert refused.value.unfit is Unfit.TOO_FEW


def test_the_same_offers_give_the_same_chances() -> None:
    """Two people looking at one offer would see two chances."""
    asked = offers(3, lots=200)
    again = learn_acceptance(offers(1, lots=1_500), simulated=True)
    assert (again.chances(asked) == learned(1).chances(asked)).all()
