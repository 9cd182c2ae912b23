"""How far above the best known is each solver, size class by size class?"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.lines import middle
from benchmarks.routing.trials import SOLVERS, Trial, best_known, size_class


def medians(trials: Sequence[Trial]) -> dict[tuple[str, str], list[Trial]]:
    """Gather the seeds of each solver and instance."""
    found: dict[tuple[str, str], list[Trial]] = {}
    for trial in trials:
        found.setdefault((trial.solver, trial.instance), []).append(trial)
    return found


def gap_percent(trial: Trial) -> float | None:
    """Give by how many percent the distance is above the best known for the goal; None: no answer."""
    if trial.distance is None:
        return None
    known = best_known(trial.goal)[trial.instance].distance
    return (trial.distance / known - 1) * 100


def median_gap(trials: Sequence[Trial]) -> float | None:
    """Give the median over the seeds; None: a seed without an answer."""
    gaps = [gap for trial in trials if (gap := gap_percent(trial)) is not None]
    return middle(gaps) if len(gaps) == len(trials) and gaps else None


def median_extra(trials: Sequence[Trial]) -> float | None:
    """Give the median of the vehicles above the best known; None: a seed without an answer."""
    known = best_known("vehicles")[trials[0].instance].vehicles or 0
    extra = [float(trial.vehicles - known) for trial in trials if trial.vehicles is not None]
    return middle(extra) if len(extra) == len(trials) else None


def table(trials: Sequence[Trial]) -> str:
    """Write each solver's mean gap a size class, vehicles above for that goal, and how many had none."""
    gathered = medians(trials)
    goal = trials[0].goal if trials else "distance"
    classes = sorted({size_class(trial.instance) for trial in trials})
    head = ["nodes", "instances", *(name for name in SOLVERS if any(key[0] == name for key in gathered))]
    rows = [head]
    for size in [*classes, 0]:
        chosen = sorted({trial.instance for trial in trials if size in (0, size_class(trial.instance))})
        cells = [_cell([gathered.get((name, one), []) for one in chosen], goal) for name in head[2:]]
        rows.append([f"{size:,}" if size else "all", str(len(chosen)), *cells])
    widths = [max(len(row[c]) for row in rows) for c in range(len(head))]
    return "\n".join("  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)


def _cell(groups: Sequence[Sequence[Trial]], goal: str) -> str:
    asked = [group for group in groups if group]
    gaps = [gap for group in asked if (gap := median_gap(group)) is not None]
    if not gaps:
        return "none" if asked else ""
    text = f"{sum(gaps) / len(gaps):.2f} %"
    if goal == "vehicles":
        extra = [e for group in asked if (e := median_extra(group)) is not None]
        text = f"+{sum(extra):g} veh, {text}"
    missing = len(asked) - len(gaps)
    return f"{text} ({missing} none)" if missing else text
