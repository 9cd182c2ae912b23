"""Does `huanlian match clear` clear a file, and refuse one that holds no market, in one line?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchmarks.clearing.instances import generate
from marketplace.cli import main
from tests.matching.clearing.test_files import arrays

MARKET = generate(500, 40, 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write a market to a file."""
    path = tmp_path / "market.npz"
    np.savez(path, **arrays(MARKET))
    return path


def clear(*words: object) -> Result:
    """Run one clearing."""
    return CliRunner().invoke(main, ["match", "clear", *map(str, words)])


@pytest.mark.parametrize("model", ["split", "whole", "batch"])
def test_a_market_is_cleared_in_one_line_and_a_file(file: Path, tmp_path: Path, model: str) -> None:
    """A script would read half an answer, or tonnes that no licence holds."""
    out = tmp_path / "answer.npz"
    done = clear(file, "--model", model, "--iterations", 50, "--seed", 2, "--out", out, "--json")
    assert (done.exit_code, done.stdout.count("\n"), done.stderr) == (0, 1, "")
    told = json.loads(done.stdout)
    assert told["feasible"] is True
    assert told["welfare"] <= told["bound"] <= told["split_bound"] + 1e-6
    assert told["gap_percent"] == pytest.approx(100 * (1 - told["welfare"] / told["bound"]), abs=1e-9)
    with np.load(out, allow_pickle=False) as answer:
        x = answer["x"]
    assert told["tonnes"] == pytest.approx(x.sum())
    assert told["welfare"] == pytest.approx((x * MARKET.pairs.worth).sum())
    used = np.bincount(MARKET.pairs.resource, x, len(MARKET.resources.tonnes))
    assert (used <= MARKET.resources.tonnes + 1e-9).all()


def test_people_get_a_table_and_a_live_line(file: Path) -> None:
    """Somebody who waits would not know for what."""
    done = clear(file, "--model", "whole", "--seconds", 0.3, "--progress")
    assert done.exit_code == 0
    assert "gap" in done.stderr
    assert done.stdout.splitlines()[0].startswith("welfare")


def test_a_bad_file_ends_with_one_line_and_status_2(file: Path, tmp_path: Path) -> None:
    """A nightly run would end in a stack trace that nobody can read."""
    spoilt = arrays(MARKET)
    spoilt["cap"][3] = np.nan
    np.savez(tmp_path / "spoilt.npz", **spoilt)
    for words, why in (
        ([tmp_path / "spoilt.npz"], "cap[3]: not a finite number"),
        ([tmp_path / "absent.npz"], "No such file"),
        ([file, "--out", tmp_path / "absent" / "x.npz"], "No such file"),
    ):
        done = clear(*words, "--json")
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert why in done.stderr
