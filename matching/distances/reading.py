"""How does a table of distances get out of a file?

CSV: one line a pair, `from_lat,from_lon,to_lat,to_lon,metres,seconds`, both figures empty where there is no
road; every pair of different points has to be there. NPZ: `points` (n, 2) as latitude and longitude,
`metres` and `seconds` (n, n), NaN where there is no road, and optionally the texts `source`, `version` and
`profile`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.distances.given import Given
from matching.distances.model import UNREACHABLE, Floats, Ints, Point
from matching.npz import SPOILT, opened

COLUMNS = ("from_lat", "from_lon", "to_lat", "to_lon", "metres", "seconds")
MOST_POINTS = 5_000
LONGEST_SOURCE = 20
Row = tuple[Point, Point, float, float]


class BadMatrix(ValueError):
    """A file of distances cannot be used; the text names file, line or array, field, and why."""


def read_matrix(path: Path, *, profile: str | None = None) -> Given:
    """Read distances from an .npz or .csv file. Raises `BadMatrix`.

    The version is the file's own, else the first twelve digits of its SHA-256.
    """
    try:
        data = path.read_bytes()
    except OSError as failure:
        raise BadMatrix(f"{path}: {failure.strerror}") from failure
    version = hashlib.sha256(data).hexdigest()[:12]
    try:
        if path.suffix == ".npz":
            return _read_npz(data, version, profile)
        if path.suffix == ".csv":
            return _read_csv(data, version, profile)
    except UnicodeDecodeError as failure:
        raise BadMatrix(f"{path}: is not UTF-8") from failure
    except (ValueError, csv.Error) as failure:
        raise BadMatrix(f"{path}: {failure}") from failure
    raise BadMatrix(f"{path}: neither .npz nor .csv")


def _arrays(data: bytes) -> dict[str, NDArray[Any]]:
    """Unpack a file of arrays. Raises `ValueError` for what is none, or is spoilt."""
    try:
        with opened(io.BytesIO(data)) as archive:
            return {name: archive[name] for name in archive.files}
    except SPOILT as failure:
        raise ValueError(f"spoilt: {failure}") from failure


def _read_npz(data: bytes, version: str, profile: str | None) -> Given:
    arrays = _arrays(data)
    for name in ("points", "metres", "seconds"):
        if name not in arrays:
            raise ValueError(f"{name}: the array is missing")
        if arrays[name].dtype.kind not in "fiu":
            raise ValueError(f"{name}: numbers are wanted, not {arrays[name].dtype}")
    places = arrays["points"].astype(np.float64)
    if places.ndim != 2 or places.shape[1] != 2 or len(places) > MOST_POINTS:
        raise ValueError(f"points: shape (n, 2) with n up to {MOST_POINTS} is wanted, not {places.shape}")
    points = tuple(_point(lat, lon, f"points[{n}]") for n, (lat, lon) in enumerate(places.tolist()))
    texts = {name: str(arrays[name]) for name in ("source", "version", "profile") if name in arrays}
    if len(texts.get("source", "")) > LONGEST_SOURCE:
        raise ValueError(f"source: longer than {LONGEST_SOURCE} letters")
    return Given(
        points,
        _whole(arrays["metres"], "metres"),
        _whole(arrays["seconds"], "seconds"),
        texts.get("version", version),
        texts.get("source", "file"),
        profile or texts.get("profile"),
    )


def _whole(table: NDArray[np.number], name: str) -> Ints:
    """Round to whole figures; NaN becomes unreachable."""
    figures: Floats = table.astype(np.float64)
    if np.any(np.isinf(figures)):
        raise ValueError(f"{name}: a figure is infinite; NaN stands for no road")
    if np.any(figures < 0) or np.any(figures > UNREACHABLE):
        raise ValueError(f"{name}: a figure is negative or above {UNREACHABLE}")
    return np.rint(np.where(np.isnan(figures), UNREACHABLE, figures)).astype(np.int64)


def _point(lat: float, lon: float, where: str) -> Point:
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(f"{where}: ({lat}, {lon}) is no latitude and longitude")
    return Point(lat, lon)


def _read_csv(data: bytes, version: str, profile: str | None) -> Given:
    lines = csv.reader(io.StringIO(data.decode("utf-8-sig")), strict=True)
    if tuple(next(lines, [])) != COLUMNS:
        raise ValueError(f"line 1: the columns have to be {','.join(COLUMNS)}")
    rows = [_row(line, number) for number, line in enumerate(lines, start=2)]
    places: dict[Point, int] = {}
    for start, end, _, _ in rows:
        places.setdefault(start, len(places))
        places.setdefault(end, len(places))
    n = len(places)
    if n > MOST_POINTS:
        raise ValueError(f"{n} points are more than {MOST_POINTS}")
    metres, seconds = (np.full((n, n), -1, dtype=np.int64) for _ in range(2))
    for number, (start, end, m, s) in enumerate(rows, start=2):
        a, b = places[start], places[end]
        if metres[a, b] >= 0:
            raise ValueError(f"line {number}: this pair was there before")
        metres[a, b], seconds[a, b] = round(m), round(s)
    for table in (metres, seconds):
        np.fill_diagonal(table, np.maximum(np.diagonal(table), 0))
    if np.any(metres < 0):
        a, b = (list(places)[place] for place in np.argwhere(metres < 0)[0])
        raise ValueError(f"{np.sum(metres < 0)} pairs are missing, the first from {a} to {b}")
    return Given(tuple(places), metres, seconds, version, profile=profile)


def _row(line: list[str], number: int) -> Row:
    if len(line) != len(COLUMNS):
        raise ValueError(f"line {number}: {len(line)} fields instead of {len(COLUMNS)}")
    found: list[float] = []
    for name, text in zip(COLUMNS, line, strict=True):
        try:
            value = UNREACHABLE if text == "" and name in {"metres", "seconds"} else float(text)
        except ValueError:
            raise ValueError(f"line {number}: {name}={text!r} is no number") from None
        if not math.isfinite(value) or (name in {"metres", "seconds"} and not 0 <= value <= UNREACHABLE):
            raise ValueError(f"line {number}: {name}={text!r} cannot be")
        found.append(value)
    where = f"line {number}"
    start, end = _point(found[0], found[1], where), _point(found[2], found[3], where)
    return start, end, found[4], found[5]
