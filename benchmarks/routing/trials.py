"""What does one solver find on one instance, and is it sound by a checker that shares nothing with it?"""

from __future__ import annotations

import csv
import json
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.children import ROOT, python
from benchmarks.routing import pdptw_check

DATA = ROOT / "benchmarks" / "data" / "pdptw"
PEERS = ("ortools", "ortools-ils", "vroom", "pyvrp")
SOLVERS = ("ours", *PEERS)
GENEROUS = 20
"""A child on a crowded machine may take so many times its CPU seconds by the clock on the wall."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One answer. `cpu` is what the search had used when it was given; no `vehicles`: none was found."""

    solver: str
    instance: str
    goal: str
    seconds: float
    seed: int
    cpu: float | None = None
    vehicles: int | None = None
    distance: float | None = None
    wrong: str = ""

    @property
    def solved(self) -> bool:
        return self.distance is not None


@dataclass(frozen=True, slots=True)
class Best:
    """The best known of one instance; no `vehicles`: any number."""

    vehicles: int | None
    distance: float


def names() -> list[str]:
    return sorted(path.stem for path in DATA.glob("*.txt"))


def size_class(instance: str) -> int:
    """Give about how many nodes it has: 100, 200, 400, 600, 800 or 1,000."""
    parts = instance.split("_")
    return 100 if len(parts) == 1 else 100 * int(parts[1])


def best_known(goal: str) -> dict[str, Best]:
    file = "bks_distance.csv" if goal == "distance" else "bks.csv"
    with (DATA / file).open(encoding="utf-8") as rows:
        return {
            row["instance"]: Best(int(row["vehicles"]) if row["vehicles"] else None, float(row["distance"]))
            for row in csv.DictReader(rows)
        }


def run(solver: str, instance: str, goal: str, seconds: float, seed: int) -> Trial:
    """Run one solver in a process of its own and check its last answer."""
    said = _said(solver, instance, goal, seconds, seed)
    if solver == "vroom":
        said = _vroom_again(said, instance, goal, seconds)
    asked = Trial(solver, instance, goal, seconds, seed)
    answers = [one for one in said if "routes" in one]
    if not answers:
        return asked
    routes = answers[-1]["routes"]
    start = next((one["started"] for one in said if "started" in one), 0.0)
    cpu = round(answers[-1]["cpu"] - start, 3)
    found = pdptw_check.check(pdptw_check.read_problem(str(DATA / f"{instance}.txt")), routes)
    told = asdict(asked) | {"cpu": cpu, "wrong": "; ".join(found.errors[:2])}
    if found.errors:
        return Trial(**told)
    return Trial(**told | {"vehicles": found.vehicles, "distance": round(found.distance, 4)})


def _said(solver: str, instance: str, goal: str, seconds: float, seed: int) -> list[dict]:  # type: ignore[type-arg]
    module = "benchmarks.routing.ours" if solver == "ours" else "benchmarks.routing.peers"
    words = python(module, solver, str(DATA / f"{instance}.txt"), str(seconds), str(seed), goal)
    patience = GENEROUS * seconds + 120
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, timeout=patience, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{") and line.endswith("}")]
    return [json.loads(line) for line in lines]


def _vroom_again(said: list[dict], instance: str, goal: str, seconds: float) -> list[dict]:  # type: ignore[type-arg]
    """Give VROOM, which knows only the clock on the wall, the time that the crowd has taken from it."""
    start = next((one["started"] for one in said if "started" in one), 0.0)
    used = said[-1]["cpu"] - start if said and "cpu" in said[-1] else seconds
    stopped = bool(said) and said[-1].get("wall", 0.0) >= 0.97 * seconds
    if not stopped or used >= 0.9 * seconds:
        return said
    return _said("vroom", instance, goal, seconds * seconds / used, 0)


def record(trial: Trial, file: Path) -> None:
    """Add a trial to a file of JSON lines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(trial) | {"at": int(time.monotonic())}) + "\n")


def recorded(file: Path) -> list[Trial]:
    """Read the trials of a file; the last of the same question counts."""
    found: dict[tuple[object, ...], Trial] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        told.pop("at", None)
        one = Trial(**told)
        found[one.solver, one.instance, one.goal, one.seconds, one.seed] = one
    return list(found.values())
