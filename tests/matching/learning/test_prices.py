"""Does a price band hold what it promises, on time that the model has not seen?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from benchmarks.learning.simulated_deals import deals
from matching.learning.card import Card, Metric
from matching.learning.history import CONSTITUENTS, BadHistory, Deals, Unfit
from matching.learning.prices import LEAST_DEALS, Band, Prices, learn_prices, price_band
from matching.learning.recent import Basis, Recent

WET = {"moisture_percent": 20.0}


@cache
def history() -> Deals:
    """Return one simulated history for all tests."""
    return deals(seed=1, n=4_000)


def learned() -> Prices:
    """Return what was learned from it."""
    return learn_prices(history(), simulated=True)


def last_day() -> date:
    """Return the day after the last deal."""
    return date.fromordinal(int(history().day[-1]) + 1)


def later_bands(seed: int, n: int, every: int) -> list[tuple[Band, bool]]:
    """Return the bands of deals in the last fifth of time, told from the rest, and whether they held."""
    made = deals(seed, n)
    edge = int(np.searchsorted(made.day, made.day[4 * n // 5]))
    model, later = learn_prices(made.at(slice(edge)), simulated=True), made.at(slice(edge, None))
    found = []
    for row in range(0, len(later), every):
        measured = {name: float(v[row]) for name, v in later.composition.items() if not np.isnan(v[row])}
        on = date.fromordinal(int(later.day[row]))
        band = model.band(str(later.code[row]), str(later.region[row]), measured, on, float(later.kg[row]))
        if band is not None:
            found.append((band, band.low <= Decimal(later.price[row]) <= band.high))
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_bands_hold_four_in_five_of_later_deals(seed: int) -> None:
    """A producer who trusts a band would find the market's price outside it far more often than told."""
    held = [ok for _, ok in later_bands(seed, 4_000, every=4)]
    assert len(held) > 150
    assert 0.70 <= np.mean(held) <= 0.93


def test_bands_of_wider_groups_hold_as_much() -> None:
    """A producer of a rare waste, who can check least, would be promised most and given least."""
    told = [one for seed in (1, 2) for one in later_bands(seed, 1_500, every=1)]
    wider = [ok for band, ok in told if band.basis is not Basis.QUARTER_OF_CODE]
    assert len(wider) > 130
    assert 0.70 <= np.mean(wider) <= 0.93


def test_the_model_beats_the_last_quarter_of_the_code() -> None:
    """We would carry a model that tells a producer less than a list of recent prices."""
    card = learned().card
    assert card.used
    assert card.metrics[Metric.PINBALL] < 0.95 * card.rule_metrics[Metric.PINBALL]
    assert 0.75 <= card.metrics[Metric.COVERAGE] <= 0.90


def test_quantiles_never_cross_and_stand_on_deals() -> None:
    """A producer would be shown a least price above the highest, or a band that rests on nothing."""
    found = [
        learned().band(str(code), region, {}, last_day())
        for code in np.unique(history().code)
        for region in ("420100", "421300", "999999")
    ]
    bands = [band for band in found if band is not None]
    assert len(bands) > 60
    assert all(band.low <= band.middle <= band.high and band.deals >= 8 for band in bands)
    assert {band.basis for band in bands} > {Basis.QUARTER_OF_CODE}


@pytest.mark.parametrize("name", sorted(CONSTITUENTS))
def test_worse_waste_is_never_dearer(name: str) -> None:
    """A producer could be told to add water or chlorine to her waste to get more for it."""
    values = np.linspace(0, min(CONSTITUENTS[name].largest, 60.0), 13)
    for code in ("900-100-08", "907-107-17", "909-109-31", "912-112-49"):
        bands = [learned().band(code, "420100", {name: float(value)}, last_day()) for value in values]
        for edge in ("low", "middle", "high"):
            told = np.array([float(getattr(band, edge)) for band in bands])
            assert (CONSTITUENTS[name].direction * np.diff(told) >= -1e-9).all()


def test_wet_sludge_pays_more() -> None:
    """Composition would be asked of a producer and then not counted."""
    dry, wet = (
        learned().band("912-112-49", "420100", {"moisture_percent": share}, last_day()) for share in (20, 80)
    )
    assert dry is not None
    assert wet is not None
    assert wet.middle < dry.middle - 100


def test_no_deal_of_the_same_day_or_later_is_looked_at() -> None:
    """A backtest that peeks at the day's own prices would praise a model that fails in the market."""
    made = history()
    day = int(made.day[2_000])
    known = Recent(made).level("925-125-S59", "420100", day)
    changed = replace(made, price=np.where(made.day >= day, 1e6, made.price))
    assert Recent(changed).level("925-125-S59", "420100", day) == known


def test_a_rare_code_says_that_it_rests_on_a_wider_group() -> None:
    """A producer of a rare waste would take a guess from other wastes for the price of her own."""
    made = history()
    rare = "999-999-49"
    code = made.code.astype("U16")
    code[np.flatnonzero(made.code == "912-112-49")[-3:]] = rare
    band = learn_prices(replace(made, code=code), simulated=True).band(rare, "420100", {}, last_day())
    assert band is not None
    assert band.basis is Basis.YEAR_OF_FAMILY
    assert band.deals > 8


def test_a_long_silence_gives_no_band() -> None:
    """Prices of years ago would be shown as today's."""
    assert learned().band("912-112-49", "420100", {}, date(2035, 1, 1)) is None


@pytest.mark.parametrize(
    ("asked", "unfit"),
    [
        ({"code": "111-111-77"}, Unfit.UNKNOWN_CODE),
        ({"code": ""}, Unfit.UNKNOWN_CODE),
        ({"region": ""}, Unfit.EMPTY),
        ({"composition": {"moisture_percent": float("nan")}}, Unfit.NOT_FINITE),
        ({"composition": {"moisture_percent": float("inf")}}, Unfit.NOT_FINITE),
        ({"composition": {"moisture_percent": -3.0}}, Unfit.NEGATIVE),
        ({"composition": {"moisture_percent": 120.0}}, Unfit.TOO_LARGE),
        ({"composition": {"gold_percent": 3.0}}, Unfit.UNKNOWN_CONSTITUENT),
        ({"kg": -1.0}, Unfit.NOT_POSITIVE),
        ({"kg": float("nan")}, Unfit.NOT_POSITIVE),
        ({"kg": 0.0}, Unfit.NOT_POSITIVE),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(asked: dict[str, object], unfit: Unfit) -> None:
    """A slip on the form would come back as a price."""
    sound = {"code": "912-112-49", "region": "420100", "composition": WET, "on": last_day(), "kg": 5_000.0}
    with pytest.raises(BadHistory) as refused:
        learned().band(**{**sound, **asked})  # type: ignore[arg-type]
    assert refused.value.unfit is unfit


def test_few_deals_make_no_model() -> None:
    """A young market would be shown a band learned from a handful of deals."""
    few = history().at(slice(LEAST_DEALS - 1))
    with pytest.raises(BadHistory) as refused:
        learn_prices(few, simulated=True)
    assert refused.value.unfit is Unfit.TOO_FEW
    assert price_band("912-112-49", "420100", WET, last_day(), few) is None


def test_the_same_history_gives_the_same_band() -> None:
    """Two producers, or one on two days, would be told different prices for the same waste."""
    first = learned().band("912-112-49", "420100", WET, last_day())
    again = learn_prices(deals(seed=1, n=4_000), simulated=True)
    assert again.band("912-112-49", "420100", WET, last_day()) == first
    assert price_band("912-112-49", "420100", WET, last_day(), history()) == first


def test_a_model_no_better_than_its_rule_is_not_used() -> None:
    """A producer would be given a model's word where a plain list of prices knows as much."""
    model = learned()
    worse = replace(model.card, metrics=model.card.rule_metrics)
    beaten = Prices(history(), worse, model._centre, model._rule)
    band = beaten.band("912-112-49", "420100", WET, last_day())
    assert band is not None
    assert not worse.used
    assert not band.learned
    assert band.low < band.middle < band.high


def test_the_card_says_what_was_learned_from() -> None:
    """A reader could take a lesson from a simulator for one from the market."""
    card: Card = learned().card
    told = card.told()
    assert (told["n"], told["simulated"], told["used"]) == (4_000, True, True)
    assert told["first"] == date.fromordinal(int(history().day[0])).isoformat()
    assert set(told["metrics"]) == {"pinball", "median_error", "coverage", "width"}  # type: ignore[call-overload]


def test_nothing_measured_is_a_history_too() -> None:
    """A market in which nobody measures composition would have no bands at all."""
    made = history()
    bare = Deals(made.code, made.region, made.day, made.kg, made.price)
    assert learn_prices(bare, simulated=True).band("912-112-49", "420100", WET, last_day()) is not None
