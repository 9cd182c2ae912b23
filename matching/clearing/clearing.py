"""How is a whole market cleared, how good is the answer, and what proves it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from matching.clearing.check import bound_of, checked
from matching.clearing.engine import Engine
from matching.clearing.limits import Limits, Progress
from matching.clearing.market import Floats, Ints, Market
from matching.clearing.parallel import each
from matching.clearing.parts import Part, independent, joined_prices
from matching.clearing.prices import Prices
from matching.clearing.units import tonnes_of

Model = Literal["split", "whole", "batch"]
MODELS: tuple[Model, ...] = ("split", "whole", "batch")
HURRIED = 4
"""Where so many first flows would take the time there is, no second one is made for the divisible market."""

Watcher = Callable[[Progress], bool]
"""Is told of progress; answers False to have the best so far at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Clearing:
    """A checked answer: `tonnes` per pair, their `welfare` in CNY, and how far from the best it can be.

    `bound`: no lawful clearing earns more. `split_bound`: not even with every lot divided. `prices` are those
    of the divisible market, or of `proof` where its flow would have taken most of the time given; `proof` are
    those that prove `bound`, but for the `searched_out` CNY by which independent markets that were searched
    to their end stay below what prices prove of them. `proven`: optimal, to the whole kilogram and a
    hundredth of a fen per tonne. `iterations` of search were made.
    """

    market: Market
    model: Model
    tonnes: Floats
    welfare: float
    bound: float
    split_bound: float
    prices: Prices
    proof: Prices
    proven: bool
    iterations: int
    searched_out: float = 0.0

    @property
    def gap_percent(self) -> float:
        """Give the gap to the bound in per cent of it."""
        return _gap(self.bound, self.welfare)

    @property
    def split_gap_percent(self) -> float:
        """Give the gap to what the market would earn if every lot could be divided."""
        return _gap(self.split_bound, self.welfare)


def clear_market(
    market: Market,
    model: Model = "split",
    limits: Limits | None = None,
    progress: Watcher | None = None,
    cluster: str | None = None,
) -> Clearing:
    """Clear a market: `split` to the optimum, `whole` and `batch` as well as the limits allow.

    `whole`: marked lots go entire to one taker or nowhere. `batch`: so they do, every other part is at least
    the lot's least, and a lot not above its least goes entire. Independent markets are cleared apart, by as
    many processes as `limits.threads`, or by the workers of the Dask scheduler at `cluster`; the answer does
    not depend on where. The divisible flow cannot be stopped half way, everything after it can. Raises
    `NotSound` rather than give a wrong answer.
    """
    if model not in MODELS:
        raise ValueError(f"model: {model} is none of {', '.join(MODELS)}")
    limits = limits or Limits()
    watch = Watch(limits, None)
    parts = independent(market)
    whole = len(parts) == 1 and len(parts[0].pairs) == market.sizes[3]
    if whole:
        return clear_connected(market, model, _share(limits, watch, 1.0), progress)
    work = partial(_clear_part, model=model)
    parts.sort(key=lambda part: -len(part.pairs))  # the largest waits for kernels with the least harm
    told = None if progress is None else partial(_tell_sum, progress, watch)
    if len(parts) == 1 or (limits.threads == 1 and cluster is None):
        found = _one_by_one(parts, model, limits, watch, told)
    else:
        left = sum(len(part.pairs) for part in parts)
        jobs = [(part.market, _share(limits, watch, len(part.pairs) / left)) for part in parts]
        found = each(work, jobs, limits.threads, cluster, told)
    return checked(_joined(market, model, parts, found))


def _one_by_one(
    parts: list[Part],
    model: Model,
    limits: Limits,
    watch: Watch,
    told: Callable[[Mapping[int, Progress]], bool] | None,
) -> list[Clearing]:
    """Clear one part after the other, each with its share of the seconds that are left."""
    found: list[Clearing] = []
    left = sum(len(part.pairs) for part in parts)
    begun: dict[int, Progress] = {}
    for number, part in enumerate(parts):
        share = _share(limits, watch, len(part.pairs) / left)
        tell = None if told is None else partial(_tell_part, told, begun, number)
        found.append(clear_connected(part.market, model, share, tell))
        if number in begun:
            begun[number] = _ended(found[-1], begun[number])
        left -= len(part.pairs)
    return found


def _tell_part(
    told: Callable[[Mapping[int, Progress]], bool], begun: dict[int, Progress], number: int, one: Progress
) -> bool:
    begun[number] = one
    return told(begun)


def _ended(found: Clearing, last: Progress) -> Progress:
    """Say of a part that is done what it came to, which is better than what was told of it last."""
    return replace(last, iterations=found.iterations, welfare=found.welfare, bound=found.bound)


def _share(limits: Limits, watch: Watch, share: float) -> Limits:
    """Give a part its share of the seconds that are left; threads work beside each other."""
    if limits.seconds is None:
        return limits
    seconds = max(min(1.0, share * limits.threads) * (limits.seconds - watch.seconds), 1e-3)
    return replace(limits, seconds=seconds, threads=1)


def _clear_part(job: tuple[Market, Limits], watch: Watcher | None, model: Model) -> Clearing:
    return clear_connected(job[0], model, job[1], watch)


def _tell_sum(progress: Watcher, watch: Watch, parts: Mapping[int, Progress]) -> bool:
    """Tell of the parts that have begun as of one market."""
    several = list(parts.values())
    iterations = sum(one.iterations for one in several)
    welfare, bound = sum(one.welfare for one in several), sum(one.bound for one in several)
    return progress(Progress(several[-1].stage, watch.seconds, iterations, welfare, bound))


def clear_connected(market: Market, model: Model, limits: Limits, progress: Watcher | None) -> Clearing:
    """Clear a market as one, in this process."""
    from matching.clearing.improve import improve

    watch = Watch(limits, progress)
    engine = Engine.start(market, model, limits.seed, limits.clock)
    proof = engine.prices
    bound = bound_of(market, model, proof)
    if model == "split":
        return checked(_answer(market, model, engine.kg, (bound, bound), (proof, proof), proven=True))
    hurried = limits.seconds is not None and HURRIED * watch.seconds > limits.seconds
    prices = proof if hurried else Engine.start(market, "split").prices
    split_bound = bound_of(market, "split", prices)
    bound = min(bound, split_bound)
    kg, rounds, proven = improve(engine, watch, bound)
    if proven:
        bound = min(
            bound, float((market.pairs.worth * tonnes_of(market, model, kg)).sum()) + _rounding(engine)
        )
    return checked(_answer(market, model, kg, (bound, split_bound), (prices, proof), proven, rounds))


def _rounding(engine: Engine) -> float:
    """Give the CNY by which a proof in whole numbers may err: nothing where worths were whole already."""
    numbers, market = engine.numbers, engine.market
    exact = np.array_equal(numbers.gain / numbers.per_cny, market.pairs.worth)
    return 0.0 if exact else float(market.lots.tonnes.sum()) / numbers.per_cny


def _answer(
    market: Market,
    model: Model,
    kg: Ints,
    bounds: tuple[float, float],
    prices: tuple[Prices, Prices],
    proven: bool,
    rounds: int = 0,
) -> Clearing:
    tonnes = tonnes_of(market, model, kg)
    welfare = float((market.pairs.worth * tonnes).sum())
    return Clearing(market, model, tonnes, welfare, *bounds, *prices, proven, rounds)


def _joined(market: Market, model: Model, parts: list[Part], found: list[Clearing]) -> Clearing:
    """Put the answers of independent markets together."""
    tonnes = np.zeros(market.sizes[3])
    for part, one in zip(parts, found, strict=True):
        tonnes[part.pairs] = one.tonnes
    return Clearing(
        market,
        model,
        tonnes,
        float((market.pairs.worth * tonnes).sum()),
        sum((one.bound for one in found), 0.0),
        sum((one.split_bound for one in found), 0.0),
        joined_prices(market, parts, [one.prices for one in found]),
        joined_prices(market, parts, [one.proof for one in found]),
        all(one.proven for one in found),
        sum(one.iterations for one in found),
        sum(bound_of(one.market, model, one.proof) - one.bound for one in found if one.proven),
    )


def _gap(bound: float, welfare: float) -> float:
    return 100 * max(bound - welfare, 0.0) / bound if bound > 0 else 0.0


class Watch:
    """Keep the time and tell of progress; `reserved` are the seconds for what comes last."""

    def __init__(self, limits: Limits, progress: Watcher | None) -> None:
        self.limits, self._progress = limits, progress
        self._start = limits.clock()
        self._stopped = False
        self.reserved = 0.0

    @property
    def seconds(self) -> float:
        """Give the seconds since the start."""
        return self.limits.clock() - self._start

    def goes_on(self, stage: str, iterations: int, welfare: float, bound: float) -> bool:
        """Tell of progress, and whether to go on."""
        return self.in_time(stage, iterations, welfare, bound) and not self._stopped

    def in_time(self, stage: str, iterations: int, welfare: float, bound: float) -> bool:
        """Tell of progress, and whether there is time: who was told to stop finishes what is short."""
        if self._progress is not None and not self._stopped:
            self._stopped = not self._progress(Progress(stage, self.seconds, iterations, welfare, bound))
        limit = self.limits.seconds
        return limit is None or self.seconds < limit - self.reserved
