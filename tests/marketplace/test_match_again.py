"""Do two shells get the same answer, though Python shuffles its sets and dictionaries anew in each?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.clearing.instances import generate
from tests.matching.clearing.test_files import arrays

DATA = Path(__file__).parents[2] / "benchmarks" / "data" / "pdptw"


def answered(order: str, *words: str) -> dict[str, object]:
    """Run one command in a process with this order of sets; leave out how long it took."""
    done = subprocess.run(
        [sys.executable, "-m", "marketplace", "match", *words, "--json"],
        env=os.environ | {"PYTHONHASHSEED": order},
        capture_output=True,
        check=True,
    )
    told: dict[str, object] = json.loads(done.stdout)
    assert told.pop("seconds")
    return told


@pytest.mark.parametrize("objective", ["distance", "vehicles"])
def test_routes_do_not_depend_on_the_order_of_sets(objective: str) -> None:
    """A dispatcher who runs the command again would be told to send the lorries elsewhere."""
    words = ("route", str(DATA / "lrc107.txt"), "--iterations", "300", "--objective", objective)
    assert answered("1", *words) == answered("77", *words)


def test_clearings_do_not_depend_on_the_order_of_sets_or_on_processes(tmp_path: Path) -> None:
    """An operator who runs the command again, or on more processors, would clear the market differently."""
    file = tmp_path / "market.npz"
    np.savez(file, **arrays(generate(600, 40, 3)))
    words = ("clear", str(file), "--model", "batch", "--iterations", "40")
    outs = [tmp_path / f"{n}.npz" for n in range(2)]
    one = answered("1", *words, "--out", str(outs[0]))
    assert one == answered("77", *words, "--threads", "2", "--out", str(outs[1]))
    with np.load(outs[0]) as first, np.load(outs[1]) as second:
        assert {name: first[name].tolist() for name in first} == {
            name: second[name].tolist() for name in second
        }
