"""Are the arrays of a frame, handed over as one pointer, read and written as NumPy's are?"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from matching import kernels
from matching.kernels import compiled, entry
from matching.routing.search.frame import frame

FIRST, LAST = 0, 1


class Shelves(NamedTuple):
    """Arrays of each kind of number that the search keeps."""

    costs: NDArray[np.float64]
    stops: NDArray[np.int32]
    counts: NDArray[np.int64]


def shelves() -> Shelves:
    """Make arrays with a different number at each place."""
    return Shelves(
        np.arange(24.0).reshape(2, 3, 4), np.arange(6, dtype=np.int32).reshape(2, 3), np.arange(5) * 10
    )


@pytest.fixture(autouse=True)
def _kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels.config, "CACHE_DIR", str(tmp_path))
    kernels.cache_folder.cache_clear()


@compiled
def swap(row: NDArray[np.float64], a: int, b: int) -> float:
    """Swap two numbers of a row and return the first."""
    kept = row[a]
    row[a] = row[b]
    row[b] = kept
    return float(row[a])


def rearrange(held: Shelves, most: int) -> float:
    """Read and write by one index and several, by numbers from other arrays, and by the lengths of axes."""
    found = 0.0
    for i in range(held.costs.shape[1]):
        layer = held.costs[LAST]
        found += swap(layer[i], FIRST, held.costs.shape[2] - 1)
        held.costs[FIRST, i, held.stops[FIRST, i]] = held.counts[i]
        held.stops[LAST][i] += held.counts[i + 1] > most
    held.counts[held.counts.shape[0] - 1] = int(found)
    held.counts[FIRST], held.counts[LAST] = held.counts[LAST], held.stops[LAST, 2]
    return found


def test_a_frame_is_read_and_written_as_its_arrays_are() -> None:
    """A search would price other stops than those of the plan it gives."""
    ours, theirs = shelves(), shelves()
    assert entry(rearrange)(frame(ours), 20) == rearrange(theirs, 20)
    assert np.array_equal(ours.costs, theirs.costs)
    assert np.array_equal(ours.stops, theirs.stops)
    assert np.array_equal(ours.counts, theirs.counts)
