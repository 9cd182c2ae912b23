"""How do the solvers compare, in pieces: `python -m benchmarks.routing --seconds 10 --instances lr104,lrc107`

Trials go into a file of JSON lines; a question that was answered before is not asked again. `--table` only
tells.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.children import ROOT
from benchmarks.routing.gaps import table
from benchmarks.routing.trials import SOLVERS, Trial, names, record, recorded, run

FILE = ROOT / "var" / "benchmarks" / "routing.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routing", description=__doc__)
    parser.add_argument("--instances", default=",".join(names()))
    parser.add_argument("--solvers", default=",".join(SOLVERS))
    parser.add_argument("--goal", choices=("distance", "vehicles"), default="distance")
    parser.add_argument("--seconds", type=float, default=10.0, help="of the processor, for each answer")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--table", action="store_true", help="tell what is in the file, run nothing")
    parser.add_argument("--again", action="store_true", help="ask also what was answered before")
    asked = parser.parse_args()
    known = {_key(one): one for one in (recorded(asked.file) if asked.file.exists() else [])}
    if not asked.table:
        _run(asked, known)
    chosen = [t for t in known.values() if (t.goal, t.seconds) == (asked.goal, asked.seconds)]
    wrong = [t for t in chosen if t.wrong]
    print(table(chosen))
    print(
        f"{len(chosen)} answers, {len(wrong)} unsound",
        *(f"{t.solver} {t.instance}: {t.wrong}" for t in wrong),
    )


def _run(asked: argparse.Namespace, known: dict[tuple[object, ...], Trial]) -> None:
    for instance in asked.instances.split(","):
        for seed in map(int, asked.seeds.split(",")):
            for solver in asked.solvers.split(","):
                # OR-Tools and VROOM take no seed: one answer stands for all
                one_for_all = solver in ("ortools", "ortools-ils", "vroom")
                question = Trial(solver, instance, asked.goal, asked.seconds, 1 if one_for_all else seed)
                if _key(question) in known and not (asked.again and seed == question.seed):
                    continue
                trial = run(solver, instance, asked.goal, asked.seconds, question.seed)
                record(trial, asked.file)
                known[_key(trial)] = trial
                print(
                    f"{solver:12} {instance:10} seed {trial.seed}: {trial.vehicles} {trial.distance}",
                    flush=True,
                )


def _key(trial: Trial) -> tuple[object, ...]:
    return trial.solver, trial.instance, trial.goal, trial.seconds, trial.seed


if __name__ == "__main__":
    main()
