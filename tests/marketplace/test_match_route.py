"""Does `huanlian match route` find sound routes, and the same ones for the same seed?"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks.routing import pdptw_check
from marketplace.cli import main

DATA = Path(__file__).parents[2] / "benchmarks" / "data" / "pdptw"


def route(*words: str) -> Result:
    """Run one search."""
    return CliRunner().invoke(main, ["match", "route", *words])


@pytest.mark.parametrize("objective", ["distance", "vehicles"])
def test_routes_are_one_line_and_sound(objective: str) -> None:
    """A script would read half an answer, or send lorries on routes that cannot be driven."""
    file = str(DATA / "lr104.txt")
    done = route(file, "--iterations", "300", "--seed", "3", "--objective", objective, "--json")
    assert (done.exit_code, done.stdout.count("\n"), done.stderr) == (0, 1, "")
    told = json.loads(done.stdout)
    found = pdptw_check.check(pdptw_check.read_problem(file), told["routes"])
    assert found.errors == []
    assert (told["vehicles"], told["distance"]) == (found.vehicles, pytest.approx(found.distance, abs=1e-5))
    assert told["seconds"] > 0


def test_the_same_seed_gives_the_same_routes() -> None:
    """Nobody could repeat what was found."""
    answers = [
        json.loads(route(str(DATA / "lrc107.txt"), "--iterations", "200", "--seed", seed, "--json").stdout)[
            "routes"
        ]
        for seed in ("7", "7", "8")
    ]
    assert answers[0] == answers[1]
    assert answers[0] != answers[2]


def test_progress_and_plot_and_plain_text(tmp_path: Path) -> None:
    """Somebody who waits would not know for what, and the picture would be missing."""
    plot = tmp_path / "routes.html"
    done = route(str(DATA / "lr104.txt"), "--iterations", "100", "--progress", "--plot", str(plot))
    assert done.exit_code == 0
    assert "best" in done.stderr
    assert done.stdout.splitlines()[-1].split()[1] == "vehicles,"
    assert plot.read_text().startswith("<!doctype html>")


def test_an_interrupted_search_prints_the_best_so_far() -> None:
    """Somebody who has waited long enough would lose an hour of search with Ctrl-C."""
    words = [sys.executable, "-m", "marketplace", "match", "route", str(DATA / "lrc107.txt")]
    asked = [*words, "--seconds", "150", "--json", "--progress"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        while "best" not in running.stderr.read(20):
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        told, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    routes = json.loads(told)["routes"]
    assert pdptw_check.check(pdptw_check.read_problem(str(DATA / "lrc107.txt")), routes).errors == []


def test_what_cannot_be_served_is_told_with_its_number(tmp_path: Path) -> None:
    """A pair that no vehicle can reach would be missing from the routes without a word."""
    file = tmp_path / "far.txt"
    file.write_text("2 10 1\n0 0 0 0 0 100 0 0 0\n1 90 0 5 0 50 2 0 2\n2 6 8 -5 0 60 2 1 0\n")
    done = route(str(file), "--iterations", "50", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["routes"], told["vehicles"]) == (0, [], 0)
    assert told["unserved"] == [{"nodes": [1, 2], "number": 402, "reason": "pickup_window_missed"}]


def test_what_would_have_to_give_way_is_told_when_asked(tmp_path: Path) -> None:
    """A planner would know that a pair is left out, and not what to ask of whom."""
    file = tmp_path / "heavy.txt"
    file.write_text("2 10 1\n0 0 0 0 0 100 0 0 0\n1 3 4 15 0 50 2 0 2\n2 6 8 -15 0 60 2 1 0\n")
    words = [str(file), "--iterations", "50", "--ways-out"]
    told = json.loads(route(*words, "--json").stdout)
    larger = {"step": "larger_vehicle", "like": "v1", "needs": "15 load"}
    assert [(one["number"], one["way_out"]) for one in told["unserved"]] == [(401, larger)]
    assert "  step larger_vehicle, like v1, needs 15 load\n" in route(*words).stdout


def test_a_plot_that_cannot_be_written_is_one_line_and_status_two(tmp_path: Path) -> None:
    """A search of an hour would end in a stack trace."""
    where = str(tmp_path / "no" / "routes.png")
    done = route(str(DATA / "lr104.txt"), "--iterations", "1", "--plot", where)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
