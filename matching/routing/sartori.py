"""What does a file of Sartori & Buriol say? Header lines, NODES, EDGES (minutes), EOF.

Form and meaning: C. S. Sartori, L. S. Buriol, "A study on the pickup and delivery problem with time windows:
Matheuristics and new instances", Computers & Operations Research 124 (2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from matching.routing.instances import BadInstance, Instance, build, number, read_rows
from matching.routing.model import Goal, Matrix, Roads


def read(lines: Sequence[str], file: str, goal: Goal) -> Instance:
    """Read one file; as many vehicles as pick-ups, for the form names no fleet. Raises BadInstance.

    SIZE counts the nodes, with the depot or without: files of both kinds are about.
    """
    trimmed = [line.strip() for line in lines]
    marks = {mark: n for n, line in enumerate(trimmed) for mark in ("NODES", "EDGES", "EOF") if line == mark}
    marks.setdefault("EOF", len(lines))
    if "EDGES" not in marks:
        raise BadInstance(file, len(lines), "EDGES", "the line is missing")
    if not marks["NODES"] < marks["EDGES"] < marks["EOF"]:
        raise BadInstance(
            file, marks["EDGES"] + 1, "EDGES", "the parts are not in the order NODES, EDGES, EOF"
        )
    header = _header(trimmed[: marks["NODES"]], file)
    capacity = number(file, header["CAPACITY"][0], "CAPACITY", header["CAPACITY"][1])
    if capacity <= 0:
        raise BadInstance(file, header["CAPACITY"][0], "CAPACITY", f"{capacity:g} is not above zero")
    rows = read_rows(file, _filled(trimmed, marks["NODES"], marks["EDGES"]))
    line, size = header.get("SIZE", (0, str(len(rows))))
    if number(file, line, "SIZE", size) not in (len(rows), len(rows) - 1):
        raise BadInstance(file, line, "SIZE", f"{size} is said and {len(rows)} nodes are there")
    minutes = _matrix(file, _filled(trimmed, marks["EDGES"], marks["EOF"]), len(rows))
    _, name = header.get("NAME", (0, Path(file).stem))
    roads = Roads(minutes, minutes, "file", name)
    return build(name, file, rows, len(rows) // 2, capacity, roads, goal)


def _header(lines: Sequence[str], file: str) -> dict[str, tuple[int, str]]:
    """Read `NAME: value` lines: the line's number and the value."""
    found: dict[str, tuple[int, str]] = {}
    for n, line in enumerate(lines, 1):
        name, colon, value = line.partition(":")
        if line and not colon:
            raise BadInstance(file, n, "header", f"{line[:40]!r} is no NAME: value")
        if name.strip() in found:
            raise BadInstance(file, n, name.strip(), "is there twice")
        found[name.strip()] = (n, value.strip())
    if "CAPACITY" not in found:
        raise BadInstance(file, 0, "CAPACITY", "the line is missing")
    return found


def _filled(lines: Sequence[str], after: int, before: int) -> list[tuple[int, str]]:
    return [(n + 1, lines[n]) for n in range(after + 1, before) if lines[n]]


def _matrix(file: str, lines: Sequence[tuple[int, str]], size: int) -> Matrix:
    """Read the square of minutes."""
    if len(lines) != size:
        line = lines[-1][0] if lines else 0
        raise BadInstance(file, line, "EDGES", f"has {len(lines)} rows for {size} nodes")
    matrix = np.zeros((size, size), dtype=np.float64)
    for n, (line, text) in enumerate(lines):
        cells = text.split()
        if len(cells) != size:
            raise BadInstance(file, line, "EDGES", f"has {len(cells)} figures for {size} nodes")
        matrix[n] = [number(file, line, "EDGES", cell) for cell in cells]
        if (matrix[n] < 0).any():
            raise BadInstance(file, line, "EDGES", f"{matrix[n].min():g} is negative")
    return matrix
