"""How soon, how fast and how well does our search answer, apart from the gaps: one figure a question."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.lines import middle
from benchmarks.routing.rich import rich
from benchmarks.routing.trials import DATA, best_known
from matching.routing.edits import without
from matching.routing.instances import Instance, read_instance
from matching.routing.model import Goal, Problem, Running
from matching.routing.search.limits import Limits, Progress
from matching.routing.search.solve import solve

LARGE = "lr1_10_5"
SEEDS = (1, 2, 3)
GROWTH = ("lr1_2_4", "lr1_4_4", "lr1_6_5", "lr1_8_3", "lr1_10_5")
NEW_LOTS = 5
MOST_MOVED = 0.05


def instance(name: str) -> Instance:
    return read_instance(DATA / f"{name}.txt", Goal.DISTANCE)


class Watch:
    """Tell when everything is served, and stop the search then."""

    def __init__(self) -> None:
        self.served = False

    def see(self, found: Progress) -> None:
        self.served = found.unserved == 0

    def cancelled(self) -> bool:
        return self.served


def until_served(problem: Problem, seed: int, most_s: float = 60.0) -> tuple[float, int, int]:
    """Give the CPU seconds of the call until all is served, what is left out and what is moved."""
    watch = Watch()
    start = time.process_time()
    limits = Limits(seconds=most_s, seed=seed)
    plan = solve(problem, limits, progress=watch.see, cancelled=watch.cancelled, clock=time.process_time)
    return time.process_time() - start, len(plan.left_out), plan.moved


def first_plan() -> float:
    """Give the CPU seconds to the first plan of a thousand nodes that serves all, checked and all."""
    problem = instance(LARGE).problem
    found = [until_served(problem, seed) for seed in SEEDS]
    assert all(out == 0 for _, out, _ in found)
    return middle([seconds for seconds, _, _ in found])


def inserted() -> tuple[float, float]:
    """Give the CPU seconds to put five lots into a running plan of 1,000, and the share of stops moved."""
    large = instance(LARGE)
    routes = json.loads((DATA / "bks_routes" / f"{LARGE}.json").read_text())["routes"]
    tours = large.tours(routes)
    found = []
    for seed in SEEDS:
        new = np.random.default_rng(seed).choice(len(large.problem.requests), NEW_LOTS, replace=False)
        before = tours
        for number in new.tolist():
            before = without(before, number)
        stops = sum(len(tour) for tour in before)
        running = Running(before, change_fen=0.0, most_moved=int(MOST_MOVED * stops))
        seconds, out, moved = until_served(replace(large.problem, running=running), seed)
        found.append((seconds, moved / stops if out == 0 else math.inf))
    return middle([seconds for seconds, _ in found]), max(share for _, share in found)


def per_iteration(problem: Problem, few: int = 200, many: int = 2200) -> float:
    """Give the CPU seconds of one iteration, what the call takes besides left out."""
    took = []
    for iterations in (few, many):
        start = time.process_time()
        solve(problem, Limits(iterations=iterations))
        took.append(time.process_time() - start)
    return (took[1] - took[0]) / (many - few)


def rich_against_pure(
    names: Sequence[str] = ("lr1_2_4", "lrc1_4_5", "lr1_6_5"),
) -> tuple[float, float, float]:
    """Give milliseconds an iteration with every rule on and with none, and the median of the ratios."""
    pairs = []
    for name in names:
        pure = instance(name).problem
        pairs.append((per_iteration(rich(pure)), per_iteration(pure)))
    ratio = middle([mine / other for mine, other in pairs])
    return 1000 * middle([a for a, _ in pairs]), 1000 * middle([b for _, b in pairs]), ratio


def growth(file: Path, gap_percent: float = 3.0) -> tuple[float, list[tuple[int, float]]]:
    """Give the exponent of the CPU seconds to a fixed gap over the nodes, and the points; plot them.

    The seconds are the least of 0.25, 0.5, 1 … with which the search ends within the gap: its cooling
    depends on how long it may go on, so that a longer search is not a shorter one continued.
    """
    points = []
    for name in GROWTH:
        one = instance(name)
        target = best_known("distance")[name].distance * (1 + gap_percent / 100)
        points.append((len(one.problem.places) - 1, _seconds_to(one.problem, target)))
    nodes, seconds = (np.log([point[side] for point in points]) for side in (0, 1))
    exponent = float(np.polyfit(nodes, seconds, 1)[0])
    _plot(points, exponent, gap_percent, file)
    return exponent, points


def _seconds_to(problem: Problem, target: float) -> float:
    budget = 0.25
    while budget < 200:
        start = time.process_time()
        plan = solve(problem, Limits(seconds=budget), clock=time.process_time)
        if not plan.left_out and plan.metres <= target:
            return time.process_time() - start
        budget *= 2**0.5
    return math.inf


def _plot(points: Sequence[tuple[int, float]], exponent: float, gap_percent: float, file: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.loglog(*zip(*points, strict=True), "o", color="#0b5394", label="measured")
    first = points[0]
    for power, style in ((exponent, "-"), (1.6, ":")):
        line = [first[1] * (n / first[0]) ** power for n, _ in points]
        axes.loglog([n for n, _ in points], line, style, color="#1b2430", label=f"n^{power:.2f}")
    axes.set_xlabel("nodes")
    axes.set_ylabel(f"CPU seconds to {gap_percent:g} % above the best known")
    axes.legend()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)
