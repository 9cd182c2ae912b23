"""Which promises about routes does this machine keep, side by side with the others that route?

The table of gaps here is of six instances, one a size class, and one seed, unless ROUTING=all asks for the
twenty and three seeds at 10 and 60 seconds, which takes a day. `python -m benchmarks.routing` does it in
pieces, and what it has found in its file is taken from there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from benchmarks import cold
from benchmarks.children import ROOT
from benchmarks.lines import Line
from benchmarks.routing import bars
from benchmarks.routing.gaps import median_extra, median_gap, medians, table
from benchmarks.routing.trials import PEERS, SOLVERS, Trial, names, run

FEW = ("lr104", "lr1_2_4", "lrc1_4_5", "lr1_6_5", "lc2_8_9", "lrc1_10_1")
PLOT = ROOT / "var" / "benchmarks" / "routing-growth.png"
MOST_GAP = {10.0: 1.0, 60.0: 0.3}
FLEET_S = 60.0


def measure() -> Iterator[Line]:
    """Yield gaps in percent, seconds of the processor and ratios."""
    yield from _moments()
    whole = os.environ.get("ROUTING") == "all"
    chosen, seeds = (names(), (1, 2, 3)) if whole else (FEW, (1,))
    for seconds in (10.0, 60.0) if whole else (10.0,):
        yield from _gaps(_trials(chosen, seeds, "distance", seconds, SOLVERS), seconds)
    if whole:
        yield from _fleet(_trials(chosen, seeds, "vehicles", FLEET_S, SOLVERS))


def _moments() -> Iterator[Line]:
    yield Line("import of `matching`", cold.imported(), "s", None, 1.0)
    yield from cold.first("first solves", cold.ROUTES)
    yield from cold.first("first solve under all rules", cold.RICH_ROUTES)
    yield Line("first plan that serves 1,054 nodes", bars.first_plan(), "s", None, 3.0, note="aim 1 s")
    seconds, moved = bars.inserted()
    yield Line("5 lots into a running plan of 1,000", seconds, "s", None, 2.0, note="aim 0.5 s")
    yield Line("stops moved for them", 100 * moved, "%", None, 5.0)
    mine, pure, ratio = bars.rich_against_pure()
    note = f"an iteration takes {mine:.3f} ms against {pure:.3f} ms; aim 2"
    yield Line("every rule on, against the pure problem", ratio, "x", None, 3.0, note=note)
    exponent, points = bars.growth(PLOT)
    told = ", ".join(f"{n}: {s:.2f} s" for n, s in points)
    yield Line("growth: exponent of the nodes, 3 % gap", exponent, "", None, 1.6, note=f"{told}; {PLOT.name}")


def _trials(
    chosen: Sequence[str], seeds: Sequence[int], goal: str, seconds: float, solvers: Sequence[str]
) -> list[Trial]:
    return [
        run(solver, instance, goal, seconds, seed)
        for instance in chosen
        for seed in seeds
        for solver in solvers
        if seed == seeds[0] or solver in ("ours", "pyvrp")
    ]


def _gaps(trials: Sequence[Trial], seconds: float) -> Iterator[Line]:
    """Give our mean gap beside that of the best peer, and our worst."""
    print(table(trials), flush=True)
    gathered = medians(trials)
    gaps = {
        name: [median_gap(group) for (solver, _), group in gathered.items() if solver == name]
        for name in SOLVERS
    }
    ours = [gap for gap in gaps["ours"] if gap is not None]
    others = {name: [gap for gap in gaps[name] if gap is not None] for name in PEERS}
    means = {
        n: sum(found) / len(found) for n, found in others.items() if found and len(found) == len(gaps[n])
    }
    best = min(means, key=lambda name: means[name], default="")
    name = f"routes, mean gap to the best known at {seconds:g} s"
    note = f"{len(ours)} of {len(gaps['ours'])} instances; the reference is {best}"
    yield Line(name, sum(ours) / len(ours), "%", means.get(best), MOST_GAP.get(seconds), note=note)
    yield Line(f"routes, worst gap at {seconds:g} s", max(ours), "%", None, 3.0)


def _fleet(trials: Sequence[Trial]) -> Iterator[Line]:
    """Give the vehicles above the best known, as a share of the whole fleet."""
    from benchmarks.routing.trials import best_known

    print(table(trials), flush=True)
    gathered = {key: group for key, group in medians(trials).items() if key[0] == "ours"}
    extra = sum(median_extra(group) or 0.0 for group in gathered.values())
    fleet = sum(best_known("vehicles")[instance].vehicles or 0 for _, instance in gathered)
    note = f"{extra:g} of {fleet}"
    yield Line(
        "routes, vehicles above the best known at 60 s", 100 * extra / fleet, "%", None, 2.0, note=note
    )
