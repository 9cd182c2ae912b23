"""Which promises about clearing does this machine keep, side by side with solvers used as they come?

Seconds are those of the processor; each trial has a process of its own. Gaps are to the best proven bound,
that of the divisible market without pairs that cannot hold an all-or-nothing lot; the note gives the gap to
the plain divisible market, which whole lots cannot reach. CLEARING=quick: small markets and one seed.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np

from benchmarks import cold
from benchmarks.clearing.instances import generate
from benchmarks.clearing.references import bare_flow, greedy, highs
from benchmarks.lines import Line, middle
from matching.clearing import Limits, Market, clear_market
from matching.clearing.again import Standing
from matching.clearing.clearing import Model

QUICK = os.environ.get("CLEARING") == "quick"
SEEDS = (1,) if QUICK else (1, 2, 3)
MIDDLING = (2_000, 100) if QUICK else (10_000, 500)
LARGE = (10_000, 500) if QUICK else (100_000, 5_000)


def measure() -> Iterator[Line]:
    """Yield seconds, ratios, megabytes and gaps in per cent."""
    yield from cold.first("first clearing", cold.CLEARING)
    size = f"{LARGE[0]:,} x {LARGE[1]:,}"
    flows = [alone(split_trial, *LARGE, seed) for seed in SEEDS]
    ours, bare, spent, quoted, peak, off = (middle(column) for column in zip(*flows, strict=True))
    note = f"the solver alone {bare:.2f} s; welfare {off:+.1e} of its; aim 1.15"
    yield Line(f"split {size}: whole call to the solver alone", ours / bare, "x", None, 1.3, note=note)
    yield Line(f"split {size}: most memory of the call", peak, "MB", None, 1024)
    yield Line(f"gate prices, {size}", spent, "s", None, 3.0, note="aim 1 s")
    yield Line(f"quote for a new lot, {size}", quoted, "ms", None, 5.0, note="aim 1 ms")
    size = f"{MIDDLING[0]:,} x {MIDDLING[1]:,}"
    yield from _gap_lines(f"whole {size}", "whole", MIDDLING, ((2.0, 1.0), (5.0, None), (20.0, 0.1)))
    yield from _gap_lines(f"batch {size}", "batch", MIDDLING, ((10.0, 1.5),))
    yield from _gap_lines(f"whole {LARGE[0]:,} x {LARGE[1]:,}", "whole", LARGE, ((60.0, 1.0),))
    again = [alone(again_trial, *MIDDLING, seed) for seed in SEEDS]
    share, off = (middle(column) for column in zip(*again, strict=True))
    note = f"welfare {off:+.1e} of it; aim 2 %"
    yield Line(f"after one change, {size}, of clearing anew", 100 * share, "%", None, 10.0, note=note)


def _gap_lines(
    name: str, model: Model, size: tuple[int, int], bars: tuple[tuple[float, float | None], ...]
) -> Iterator[Line]:
    for seconds, most in bars:
        found = [alone(gap_trial, *size, seed, model, seconds) for seed in SEEDS]
        gap, plain, took, passed = (middle(column) for column in zip(*found, strict=True))
        each = ", ".join(f"{one[0]:.3f}" for one in found)
        note = f"{each}; to the plain bound {plain:.3f} %; {took:.1f} s, {passed:.1f} s by the clock"
        yield Line(f"{name}, {seconds:g} s", gap, "%", None, most, note=note)
    lines = [alone(reference_trial, *size, seed, model, bars[-1][0]) for seed in SEEDS]
    easy, easy_s, mip, mip_s = (middle(column) for column in zip(*lines, strict=True))
    yield Line(f"{name}, greedy", easy, "%", note=f"to the same bound; took {easy_s:.2f} s")
    if size == MIDDLING:
        yield Line(f"{name}, HiGHS", mip, "%", note=f"to the same bound; took {mip_s:.1f} s")


def alone(trial: Callable[..., tuple[float, ...]], *what: object) -> tuple[float, ...]:
    """Run a trial in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(trial, *what).result()


def split_trial(lots: int, takers: int, seed: int) -> tuple[float, ...]:
    """Give seconds ours, bare and of prices, milliseconds of a quote, megabytes, difference of welfare."""
    clear_market(generate(300, 20, seed))
    market = generate(lots, takers, seed)
    before = time.process_time()
    found = clear_market(market)
    ours = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bare, welfare = bare_flow(market)
    standing = Standing(market)
    standing.quote(1.0, market.pairs.resource[:1], market.pairs.worth[:1])
    standing._open.fresh = False
    before = time.process_time()
    assert standing.prices.lot.shape == market.lots.tonnes.shape
    spent = time.process_time() - before
    took = []
    for lot in np.random.default_rng(seed).choice(market.pairs.lot, 30):
        rows = market.pairs.lot == lot
        where, worth = market.pairs.resource[rows], market.pairs.worth[rows]
        before = time.process_time()
        standing.quote(2.0, where, worth)
        took.append(1000 * (time.process_time() - before))
    return ours, bare, spent, middle(took), peak, found.welfare / welfare - 1


def gap_trial(lots: int, takers: int, seed: int, model: Model, seconds: float) -> tuple[float, ...]:
    """Give the gap to the best and to the plain bound in per cent, and seconds of processor and clock.

    The limit is the one a user gives, and counts from the call in a new process, loading what it needs
    included. It is counted in seconds of the processor, so that a machine in use tells the same as an idle
    one, where both clocks agree.
    """
    market = generate(lots, takers, seed)
    before, since = time.process_time(), time.perf_counter()
    found = clear_market(market, model, Limits(seconds=seconds, processor=True))
    took = time.process_time() - before
    return found.gap_percent, found.split_gap_percent, took, time.perf_counter() - since


def reference_trial(lots: int, takers: int, seed: int, model: Model, seconds: float) -> tuple[float, ...]:
    """Give the gap in per cent and the seconds of greedy filling and of HiGHS, to the bound of ours."""
    market = generate(lots, takers, seed)
    bound = clear_market(market, model, Limits(iterations=1), lambda _: False).bound
    easy_s, easy = greedy(market, model)
    mip_s, mip = highs(market, model, seconds) if lots <= MIDDLING[0] else (0.0, 0.0)
    return 100 * (1 - easy / bound), easy_s, 100 * (1 - mip / bound), mip_s


def again_trial(lots: int, takers: int, seed: int) -> tuple[float, ...]:
    """Give the share of clearing anew that mending after one change takes, and the difference of welfare."""
    market = generate(lots, takers, seed)
    standing = Standing(market)
    rng = np.random.default_rng(seed)
    standing.changed(_changed(market, 0, rng))
    shares, off = [], []
    for n in range(12):
        market = _changed(standing.clearing.market, n, rng)
        before = time.process_time()
        mended = standing.changed(market).welfare
        between = time.process_time()
        anew = clear_market(market).welfare
        shares.append((between - before) / (time.process_time() - between))
        off.append(mended / anew - 1)
    return middle(shares), max(off, key=abs)


def _changed(market: Market, n: int, rng: np.random.Generator) -> Market:
    """Halve a licence, raise a lot's worth, or half as much again of a lot."""
    if n % 3 == 0:
        room = market.resources.tonnes.copy()
        room[rng.integers(len(room))] *= 0.5
        return replace(market, resources=replace(market.resources, tonnes=room))
    lot = market.pairs.lot[rng.integers(len(market.pairs.lot))]
    if n % 3 == 1:
        worth = market.pairs.worth + 25.0 * (market.pairs.lot == lot)
        return replace(market, pairs=replace(market.pairs, worth=worth))
    tonnes = market.lots.tonnes.copy()
    tonnes[lot] *= 1.5
    return replace(market, lots=replace(market.lots, tonnes=tonnes))
