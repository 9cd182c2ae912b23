"""Does a compiled kernel mean what its source says, and is each function translated only once?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core.compiler import CompilerBase
from numpy.typing import NDArray

from matching import kernels
from matching.kernels import compiled, entry, inlined

Numbers = NDArray[np.float64]


@pytest.fixture(autouse=True)
def _kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels.config, "CACHE_DIR", str(tmp_path))
    kernels.cache_folder.cache_clear()


def nearer(one: float, other: float, to: float) -> float:
    """Give that of two numbers which is nearer to a third."""
    return one if abs(one - to) <= abs(other - to) else other


def nearest(numbers: Numbers, to: float, most: Numbers | None) -> float:
    """Give the nearest of some numbers, or of those that are not too large."""
    found = np.inf
    for n in range(len(numbers)):
        if most is not None and numbers[n] > most[0]:
            continue
        found = nearer(found, numbers[n], to) if found < np.inf else numbers[n]
    return found


def all_nearest(numbers: Numbers, most: Numbers | None, found: Numbers) -> None:
    """Write the nearest to 0, 1, 2 … that is not negative."""
    for to in range(len(found)):
        found[to] = max(0.0, nearest(numbers, float(to), most))


@pytest.mark.parametrize("most", [None, np.array([2.5])])
def test_a_kernel_means_what_its_source_says(most: Numbers | None) -> None:
    """A search would take routes for cheaper than they are."""
    inlined(nearer), compiled(nearest)
    numbers = np.random.default_rng(1).uniform(-5.0, 5.0, 40)
    found, expected = np.zeros(5), np.zeros(5)
    entry(all_nearest)(numbers, most, found)
    all_nearest(numbers, most, expected)
    assert np.array_equal(found, expected)


def longest(numbers: Numbers) -> float:
    """Give the longest run of rising numbers, and half a step where there is none."""
    best = run = 1
    for n in range(1, len(numbers)):
        run = run + 1 if numbers[n] > numbers[n - 1] else 1
        best = max(best, run)
    if best == 1:
        best = 0.5  # type: ignore[assignment]
    return best


@pytest.mark.parametrize("numbers", [np.array([3.0, 1.0, 2.0, 5.0, 4.0]), np.array([2.0, 1.0])])
def test_a_whole_number_that_becomes_a_fraction_keeps_its_value(numbers: Numbers) -> None:
    """A search that counts before it measures would be cut to whole numbers."""
    assert entry(longest)(numbers) == longest(numbers)


def test_what_two_kernels_call_is_translated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first solve on a machine would take twice as long."""
    seen: list[str] = []
    before: Any = CompilerBase._compile_core

    def core(self: CompilerBase) -> object:
        seen.append(self.state.func_id.func_name)
        return before(self)

    monkeypatch.setattr(CompilerBase, "_compile_core", core)

    @compiled
    def half(one: float) -> float:
        return 0.5 * one

    @compiled
    def quarter(one: float) -> float:
        return half(half(one))

    @inlined
    def eighth(one: float) -> float:
        return half(quarter(one))

    @entry
    def sixteenth(one: float) -> float:
        return half(eighth(one))

    @entry
    def by_eight(one: float) -> float:
        return eighth(one)

    assert (sixteenth(16.0), by_eight(16.0)) == (1.0, 2.0)
    assert sorted(seen) == ["by_eight", "eighth", "half", "quarter", "sixteenth"]


def walked(numbers: Numbers, first: int, step: int, found: Numbers) -> int:
    """Count up, down, by a step from elsewhere and not at all, and leave a loop early."""
    at = last = 0
    for n in range(len(numbers) - 1, first, -1):
        if numbers[n] < 0.0:
            at += n
            continue
        found[0] += min(numbers[n], n)
        last = n
    for n in range(first, len(numbers), step):
        found[1] += max(n, numbers[n])
    for n in range(first):
        for m in range(n, 0):
            found[2] += m
        for m in range(3):
            found[2] += m * n
            if m == n:
                break
        last = m
    two = (last, at) if at > first else (at, last)
    less, more = two
    return less - int(10.0 * found[0] / len(numbers)) * more


@pytest.mark.parametrize(("first", "step"), [(2, 1), (0, 3), (9, 2), (3, -1)])
def test_a_kernel_counts_as_its_source_does(first: int, step: int) -> None:
    """A search would leave out a stop, or look at one that is not there."""
    numbers = np.random.default_rng(2).uniform(-5.0, 15.0, 12)
    found, expected = np.zeros(3), np.zeros(3)
    assert entry(walked)(numbers, first, step, found) == walked(numbers, first, step, expected)
    assert np.array_equal(found, expected)


def test_the_lesser_and_the_greater_are_those_of_python() -> None:
    """A cost that is no number would be taken for the best there is."""

    def both(one: float, other: float) -> tuple[float, float]:
        return min(one, other), max(one, other)

    kernel = entry(both)
    for one, other in [(np.nan, 1.0), (1.0, np.nan), (0.0, -0.0), (-0.0, 0.0), (2.0, 1.0)]:
        assert repr(kernel(one, other)) == repr(both(one, other))


def test_a_failure_far_inside_reaches_python() -> None:
    """A kernel that could not do its work would give any number for an answer."""

    @compiled
    def counted(step: int) -> int:
        found = 0
        for n in range(0, 9, step):
            found += n
        return found

    @compiled
    def twice(step: int) -> int:
        return 2 * counted(step)

    @entry
    def outermost(step: int) -> int:
        return twice(step) + 1

    assert outermost(4) == 25
    with pytest.raises(ValueError, match="zero"):
        outermost(0)
