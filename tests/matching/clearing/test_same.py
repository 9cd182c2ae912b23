"""Is the answer the same however the market is told and wherever it is cleared?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from distributed import LocalCluster

from benchmarks.clearing.instances import generate
from matching.clearing import Limits, Lots, Market, Pairs, Progress, Resources, Takers, clear_market, parts
from matching.clearing.clearing import MODELS, Model
from tests.matching.clearing.small import tiny

LIMITS = Limits(iterations=60, seed=3)


def beside(markets: list[Market]) -> Market:
    """Put markets side by side that have nothing to do with each other."""
    sizes = np.array([m.sizes for m in markets])
    lots, resources, takers = np.vstack([np.zeros(4, int), np.cumsum(sizes, axis=0)])[:-1, :3].T
    each = list(zip(markets, lots, resources, takers, strict=True))
    join = np.concatenate
    return Market(
        Pairs(
            join([m.pairs.lot + lot for m, lot, _, _ in each]),
            join([m.pairs.taker + taker for m, _, _, taker in each]),
            join([m.pairs.resource + resource for m, _, resource, _ in each]),
            join([m.pairs.km for m in markets]),
            join([m.pairs.worth for m in markets]),
        ),
        Lots(*(join([getattr(m.lots, f) for m in markets]) for f in ("tonnes", "whole", "least"))),
        Resources(
            join([m.resources.taker + taker for m, _, _, taker in each]),
            join([m.resources.code for m in markets]),
            join([m.resources.tonnes for m in markets]),
        ),
        Takers(join([m.takers.tonnes for m in markets])),
    )


MANY = beside([tiny(seed, lots=40, takers=8, codes=2) for seed in range(30)])


@pytest.mark.parametrize("model", MODELS)
def test_the_same_seed_gives_the_same_answer(model: Model) -> None:
    """Two operators would clear the same market differently."""
    market = tiny(7, lots=60, takers=12, codes=3)
    one, two = (clear_market(market, model, LIMITS) for _ in range(2))
    assert np.array_equal(one.tonnes, two.tonnes)
    watched = clear_market(market, model, LIMITS, lambda progress: True)
    assert np.array_equal(one.tonnes, watched.tonnes)


def test_processes_and_cluster_give_the_answer_of_one() -> None:
    """Growing from one machine to a cluster would change who is sent where."""
    here = clear_market(MANY, "whole", LIMITS)
    spread = clear_market(MANY, "whole", replace(LIMITS, threads=2))
    with LocalCluster(n_workers=1, processes=False, threads_per_worker=2, dashboard_address=None) as cluster:
        far = clear_market(MANY, "whole", LIMITS, cluster=cluster.scheduler_address)
    for other in (spread, far):
        assert np.array_equal(here.tonnes, other.tonnes)
        assert (here.welfare, here.bound) == (other.welfare, other.bound)
        assert np.array_equal(here.prices.resource_ask, other.prices.resource_ask)


def test_processes_tell_how_far_they_are_and_stop_when_told() -> None:
    """Who presses Ctrl-C would lose what two processes have found, after minutes without a word."""
    two = beside([generate(600, 40, seed) for seed in (1, 2)])
    told: list[Progress] = []

    def stop(found: Progress) -> bool:
        told.append(found)
        return found.iterations < 1

    found = clear_market(two, "whole", Limits(iterations=10**6, threads=2), stop)
    assert told
    assert 0 < found.iterations < 10**6
    assert found.gap_percent < 2


def test_markets_after_each_other_are_told_of_as_one() -> None:
    """Who waits would see the gap of the last small market and take it for that of all."""
    two = beside([generate(600, 40, seed) for seed in (1, 2)])
    told: list[Progress] = []

    def watch(found: Progress) -> bool:
        told.append(found)
        return True

    found = clear_market(two, "batch", Limits(iterations=40), watch)
    assert found.bound - 1e-6 <= told[-1].bound < 1.02 * found.bound
    assert 0.9 * found.welfare < told[-1].welfare <= found.welfare
    assert told[-1].iterations <= found.iterations
    assert [one.iterations for one in told] == sorted(one.iterations for one in told)


def test_a_market_solved_to_the_end_may_stand_beside_one_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator would get an error and no answer because one small region was solved for certain."""
    monkeypatch.setattr(parts, "LEAST_PAIRS", 1)
    small = [tiny(seed, lots=5, takers=2) for seed in range(6)]
    found = clear_market(beside([*small, generate(600, 40, 1)]), "whole", Limits(iterations=5))
    assert not found.proven
    assert found.searched_out > 0


def test_markets_beside_each_other_do_not_touch() -> None:
    """A lot in the east would be matched otherwise because of a licence in the west."""
    alone = [tiny(seed, lots=6) for seed in range(12)]
    for model in MODELS:
        together = clear_market(beside(alone), model, LIMITS)
        assert together.welfare == pytest.approx(sum(clear_market(m, model).welfare for m in alone))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", range(12))
def test_names_units_and_the_useless_do_not_matter(model: Model, seed: int) -> None:
    """Welfare would depend on the order in which processors were registered."""
    market = tiny(seed, lots=7, takers=4)
    rng = np.random.default_rng(seed)
    welfare = clear_market(market, model).welfare
    order = rng.permutation(4)
    renamed = replace(
        market,
        pairs=replace(market.pairs, taker=order[market.pairs.taker]),
        resources=replace(market.resources, taker=order[market.resources.taker]),
        takers=Takers(market.takers.tonnes[np.argsort(order)]),
    )
    assert clear_market(renamed, model).welfare == pytest.approx(welfare)
    dearer = replace(market, pairs=replace(market.pairs, worth=market.pairs.worth * 3))
    assert clear_market(dearer, model).welfare == pytest.approx(3 * welfare)
    larger = Market(
        market.pairs,
        Lots(market.lots.tonnes * 2, market.lots.whole, market.lots.least * 2),
        replace(market.resources, tonnes=market.resources.tonnes * 2),
        Takers(market.takers.tonnes * 2),
    )
    assert clear_market(larger, model).welfare == pytest.approx(2 * welfare)
    useless = replace(market, takers=Takers(np.append(market.takers.tonnes, 99.0)))
    assert clear_market(useless, model).welfare == pytest.approx(welfare)


def test_a_lot_that_gains_everywhere_alike_earns_that_much_more() -> None:
    """A subsidy paid to everybody would change who is matched with whom."""
    market = tiny(5, lots=7, takers=3)
    ample = replace(
        market,
        takers=Takers(np.full(3, 1e6)),
        resources=replace(market.resources, tonnes=market.resources.tonnes + 1e5),
    )
    before = clear_market(ample)
    after = clear_market(replace(ample, pairs=replace(ample.pairs, worth=ample.pairs.worth + 10)))
    assert np.array_equal(after.tonnes, before.tonnes)
    assert after.welfare == pytest.approx(before.welfare + 10 * before.tonnes.sum())


def test_it_stops_when_told_with_a_lawful_answer() -> None:
    """An operator who presses stop would lose the answer, or wait for it."""
    told: list[Progress] = []

    def stop(progress: Progress) -> bool:
        told.append(progress)
        return len(told) < 3

    market = tiny(2, lots=120, takers=20, codes=2)
    found = clear_market(market, "batch", Limits(iterations=10**6), stop)
    assert len(told) == 3
    assert 0 < found.welfare <= found.bound
    assert found.gap_percent == pytest.approx(100 * (found.bound - found.welfare) / found.bound)
    assert Limits(seconds=0.2).rounds is None


@pytest.mark.parametrize(
    "limits", [{"seconds": 0.0}, {"iterations": -1}, {"threads": 0}, {"seconds": float("nan")}]
)
def test_limits_that_limit_nothing_are_refused(limits: dict[str, float]) -> None:
    """A clearing would run for ever, or not at all."""
    with pytest.raises(ValueError, match=next(iter(limits))):
        Limits(**limits)  # type: ignore[arg-type]
