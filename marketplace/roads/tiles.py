"""How do any number of pairs become few tables that a road server agrees to answer?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from matching.distances import (
    UNREACHABLE,
    Floats,
    Ints,
    NoDistances,
    Point,
    Trouble,
)
from matching.distances.model import distinct

Table = tuple[Floats, Floats]
"""Metres and seconds of every origin to every target; NaN where there is no road."""


def tiles(a: Ints, b: Ints, side: int) -> Iterator[Ints]:
    """Part pairs (a[n], b[n]) so that no part has more than `side` different a, or b.

    Pairs with the same b stay together, so that scattered pairs need few tables.
    """
    _, rank_b = np.unique(b, return_inverse=True)
    for band in _grouped(np.arange(len(b)), rank_b // side):
        _, rank_a = np.unique(a[band], return_inverse=True)
        yield from _grouped(band, rank_a // side)


def _grouped(rows: Ints, number: Ints) -> list[Ints]:
    order = np.argsort(number, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(number[order])) + 1) if len(rows) else []


def by_tiles(
    origins: Sequence[Point],
    targets: Sequence[Point],
    side: int,
    ask: Callable[[list[Point], list[Point]], Table],
) -> tuple[Ints, Ints]:
    """Measure origin n to target n by asking for tables of at most `side` x `side`; whole metres, seconds.

    Points off the road are gathered over all tables, and told in one `NoDistances`.
    """
    points, index = distinct([*origins, *targets])
    a, b = index[: len(origins)], index[len(origins) :]
    metres, seconds = (np.full(len(a), np.nan) for _ in range(2))
    off: dict[Point, str] = {}
    provider = ""
    for rows in tiles(a, b, side):
        froms, row = np.unique(a[rows], return_inverse=True)
        tos, column = np.unique(b[rows], return_inverse=True)
        try:
            table = ask([points[n] for n in froms], [points[n] for n in tos])
        except NoDistances as failure:
            if failure.setback.trouble is not Trouble.OFF_ROAD:
                raise
            provider = failure.setback.provider
            off |= dict.fromkeys(failure.setback.points, failure.setback.detail)
            continue
        metres[rows], seconds[rows] = table[0][row, column], table[1][row, column]
    if off:
        raise NoDistances(provider, Trouble.OFF_ROAD, "; ".join(dict.fromkeys(off.values())), tuple(off))
    return _whole(metres, seconds)


def _whole(metres: Floats, seconds: Floats) -> tuple[Ints, Ints]:
    none = np.isnan(metres) | np.isnan(seconds)
    rounded = (np.rint(np.where(none, UNREACHABLE, one)).astype(np.int64) for one in (metres, seconds))
    far, long = rounded
    return far, long


def table(rows: Sequence[Sequence[float | None]], shape: tuple[int, int], provider: str) -> Floats:
    """Turn a decoded table into an array. Raises `NoDistances` for another shape or a figure of no road."""
    if len(rows) != shape[0] or any(len(row) != shape[1] for row in rows):
        raise NoDistances(provider, Trouble.GARBLED, f"a table that is not {shape[0]} x {shape[1]}")
    found = np.array([[np.nan if one is None else one for one in row] for row in rows], dtype=np.float64)
    if np.any(found < 0) or np.any(found > UNREACHABLE):
        raise NoDistances(provider, Trouble.GARBLED, "a figure that is negative or beyond any road")
    return found
