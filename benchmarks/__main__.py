"""Which promises about speed does this machine keep? `python -m benchmarks [names…] [--json FILE]`

A speed is a benchmark and never a test: the exit status is 0 whatever was found.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from benchmarks import machine
from benchmarks.lines import Line, table

NAMES = {
    "api": "benchmarks.api.measure",
    "ingest": "benchmarks.ingest.measure",
    "ingest_workers": "benchmarks.ingest.workers",
    "replay": "benchmarks.replay",
    "terminals": "benchmarks.terminals",
    "start": "benchmarks.start",
    "pages": "benchmarks.pages",
    "live_map": "benchmarks.live_map",
    "matching": "benchmarks.matching",
    "routing": "benchmarks.routing.measure",
    "learning": "benchmarks.learning.measure",
    "clearing": "benchmarks.clearing.measure",
    "codecs": "benchmarks.codecs",
    "weighing_alerts": "benchmarks.weighing_alerts.measure",
    "oversight": "benchmarks.oversight.measure",
}


def main() -> None:
    """Measure what was asked for, everything by default, and print one table at the end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of: {', '.join(NAMES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the findings there too")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(NAMES)}")
    facts = machine.facts()
    print("\n".join(f"{name:12} {value}" for name, value in facts.items()), flush=True)
    lines = []
    for name in asked.names or NAMES:
        lines += _measured(name)
    facts["load at the end"] = machine.load()
    _say(lines, facts, asked.json)


def _measured(name: str) -> list[Line]:
    print(f"\n{name}: load {machine.load()}", flush=True)
    found = []
    for line in import_module(NAMES[name]).measure():
        found.append(line)
        print(f"  {line.name}: {line.ours:.4g} {line.unit}", flush=True)
    return found


def _say(lines: Sequence[Line], facts: dict[str, str], file: Path | None) -> None:
    print(f"\n{table(lines)}\n\nload at the end: {facts['load at the end']}")
    missed = [line.name for line in lines if line.ok is False]
    print(f"MISSED: {'; '.join(missed)}" if missed else "Every target that was measured is reached.")
    if file is not None:
        told = {"machine": facts, "findings": [line.told() for line in lines]}
        file.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
