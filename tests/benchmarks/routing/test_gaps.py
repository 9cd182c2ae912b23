"""Are answers of solvers gathered and held against the best known without flattering anybody?"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.routing import pdptw_check
from benchmarks.routing.gaps import gap_percent, median_extra, median_gap, table
from benchmarks.routing.rich import rich
from benchmarks.routing.trials import DATA, Trial, best_known, names, record, recorded, size_class
from matching.routing.instances import read_instance

KNOWN = best_known("distance")["lr104"].distance


def trial(
    solver: str = "ours", seed: int = 1, distance: float | None = KNOWN, vehicles: int | None = 9
) -> Trial:
    """Make an answer to the smallest instance."""
    return Trial(solver, "lr104", "distance", 10.0, seed, 9.0, vehicles if distance else None, distance)


def test_a_seed_without_an_answer_is_no_answer() -> None:
    """A solver that fails twice in three times would be praised for the third."""
    good, bad = trial(distance=KNOWN * 1.01), trial(seed=2, distance=None)
    assert gap_percent(good) == pytest.approx(1.0)
    assert median_gap([good]) == pytest.approx(1.0)
    assert median_gap([good, bad]) is None
    assert median_extra([trial(vehicles=11), trial(seed=2, vehicles=9)]) == 1.0
    text = table([good, bad, trial("vroom", distance=KNOWN * 1.1)])
    assert "none" in text
    assert "10.00 %" in text


def test_the_last_answer_to_a_question_counts(tmp_path: Path) -> None:
    """An old, slower answer would stay in the table."""
    file = tmp_path / "deep" / "trials.jsonl"
    for distance in (KNOWN * 2, KNOWN):
        record(trial(distance=distance), file)
    assert recorded(file) == [trial()]


def test_every_instance_has_a_size_and_both_best_known() -> None:
    """An instance would be missing from the means without a word."""
    assert len(names()) == 20
    assert {size_class(name) for name in names()} == {100, 200, 400, 600, 800, 1000}
    assert set(names()) == set(best_known("distance")) == set(best_known("vehicles"))


def test_a_rich_instance_has_every_rule_switched_on() -> None:
    """The price of the rules would be measured on a problem that has none."""
    problem = rich(read_instance(DATA / "lr104.txt").problem)
    assert problem.hours is not None
    assert problem.closures
    assert problem.segregation.cleanings
    assert any(place.docks for place in problem.places)
    for name in ("max_ride_s", "dg_class", "penalty_fen", "vehicle_types"):
        assert any(getattr(request, name) is not None for request in problem.requests)


@pytest.mark.parametrize(
    ("routes", "word"),
    [
        ([[1, 2]], "unserved"),
        ([[2, 1]], "without its pickup"),
        ([[1, 2], [1, 2]], "visited twice"),
        ([[1, 99, 2]], "unknown node"),
        ([[1]], "undelivered"),
    ],
)
def test_the_checker_finds_what_is_wrong(tmp_path: Path, routes: list[list[int]], word: str) -> None:
    """A peer, or we, would win with routes that cannot be driven."""
    file = tmp_path / "tiny.txt"
    file.write_text(
        "2 9 1\n0 0 0 0 0 99 0 0 0\n1 3 4 5 0 50 0 0 2\n2 6 8 -5 0 60 0 1 0\n"
        "3 3 4 5 0 50 0 0 4\n4 6 8 -5 0 60 0 3 0\n"
    )
    found = pdptw_check.check(pdptw_check.read_problem(str(file)), routes)
    assert any(word in error for error in found.errors)
