"""What does a benchmark file say? Li & Lim and Sartori & Buriol text, read without guessing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matching.routing.model import (
    Compartment,
    Goal,
    Matrix,
    Place,
    Problem,
    Request,
    Roads,
    Shift,
    Span,
    Stop,
    Vehicle,
)

MOST_NODES = 5_000
"""More would need matrices of gigabytes."""

MOST = 1e12
"""No honest figure of a file is larger; sums and squares of such figures stay exact enough."""


class BadInstance(ValueError):
    """A file that cannot be read: file, line (0: the whole file), field and why."""

    def __init__(self, file: str, line: int, field: str, why: str) -> None:
        where = f"{file}:{line}" if line else file
        super().__init__(f"{where}: {field}: {why}")
        self.file = file
        self.line = line
        self.field = field
        self.why = why


@dataclass(frozen=True, slots=True)
class Instance:
    """A problem and the file's own node numbers: `ids[n]` is that of node n of the problem.

    `coordinates` are the places' as the file has them, the depot's first, for a drawing.
    """

    name: str
    problem: Problem
    ids: tuple[int, ...]
    coordinates: tuple[tuple[float, float], ...]

    def named(self, tours: Sequence[Sequence[int]]) -> list[list[int]]:
        """Give the tours that are driven in the file's numbers."""
        return [[self.ids[node] for node in tour] for tour in tours if tour]

    def tours(self, routes: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
        """Give routes in the file's numbers as tours of the problem. Raises BadInstance at a strange one."""
        nodes = {number: node for node, number in enumerate(self.ids)}
        shifts = len(self.problem.shifts)
        routes = [route for route in routes if route]
        if len(routes) > shifts:
            raise BadInstance(self.name, 0, "routes", f"{len(routes)} routes for {shifts} vehicles")
        for number in (number for route in routes for number in route):
            if number not in nodes:
                raise BadInstance(self.name, 0, "routes", f"unknown node {number}")
        named = tuple(tuple(nodes[number] for number in route) for route in routes)
        return named + ((),) * (shifts - len(named))


@dataclass(frozen=True, slots=True)
class Row:
    """One line about a node."""

    line: int
    id: int
    x: float
    y: float
    demand: float
    ready: float
    due: float
    service: float
    pickup: int
    delivery: int


FIELDS = ("id", "x", "y", "demand", "ready", "due", "service", "pickup", "delivery")


def read_instance(path: Path, goal: Goal = Goal.DISTANCE) -> Instance:
    """Read a file of either form, told apart by its content. Raises BadInstance."""
    file = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise BadInstance(file, 0, "text", "is not UTF-8") from wrong
    except OSError as wrong:
        raise BadInstance(file, 0, "file", wrong.strerror or "cannot be read") from wrong
    return parse_instance(text, file, goal)


def parse_instance(text: str, file: str, goal: Goal = Goal.DISTANCE) -> Instance:
    """Read the text of a file of either form; `file` names it in errors. Raises BadInstance."""
    from matching.routing import sartori

    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise BadInstance(file, 0, "file", "is empty")
    if any(line.strip() == "NODES" for line in lines):
        return sartori.read(lines, file, goal)
    return _li_lim(lines, file, goal)


def _li_lim(lines: Sequence[str], file: str, goal: Goal) -> Instance:
    """Read `vehicles capacity speed` and a row a node; road and time are one straight line in doubles.

    The speed is not used by anybody: distance and time are one (SINTEF's page on the instances).
    """
    filled = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    first, head = filled[0]
    cells = head.split()
    if len(cells) not in (2, 3):
        raise BadInstance(file, first, "vehicles capacity speed", f"has {len(cells)} figures instead of 3")
    vehicles = whole(file, first, "vehicles", cells[0])
    capacity = number(file, first, "capacity", cells[1])
    for cell in cells[2:]:
        number(file, first, "speed", cell)
    for name, value in (("vehicles", vehicles), ("capacity", capacity)):
        if value <= 0:
            raise BadInstance(file, first, name, f"{value:g} is not above zero")
    rows = read_rows(file, filled[1:])
    points = np.array([(row.x, row.y) for row in rows], dtype=np.float64)
    metres = straight(points)
    roads = Roads(metres, metres, "straight line", "li-lim")
    return build(Path(file).stem, file, rows, vehicles, capacity, roads, goal)


def straight(points: Matrix) -> Matrix:
    """Give the straight lines among points of shape (n, 2): shape (n, n), as `math.hypot` has them."""
    return np.hypot(points[:, None, 0] - points[None, :, 0], points[:, None, 1] - points[None, :, 1])


def read_rows(file: str, lines: Sequence[tuple[int, str]]) -> list[Row]:
    """Read the rows of nodes, the depot first, and hold each to what a row can say by itself."""
    if len(lines) > MOST_NODES:
        why = f"{len(lines)} nodes are more than the {MOST_NODES} that can be read"
        raise BadInstance(file, lines[MOST_NODES][0], "nodes", why)
    rows: list[Row] = []
    seen: dict[int, int] = {}
    for line, text in lines:
        row = _row(file, line, text)
        if row.id in seen:
            raise BadInstance(file, line, "id", f"{row.id} is on line {seen[row.id]} already")
        seen[row.id] = line
        rows.append(row)
    if not rows:
        raise BadInstance(file, 0, "nodes", "there are none")
    if rows[0].id != 0 or rows[0].demand or rows[0].pickup or rows[0].delivery:
        raise BadInstance(
            file, rows[0].line, "id", "the first node is not a depot with number 0 and no demand"
        )
    return rows


def _row(file: str, line: int, text: str) -> Row:
    cells = text.split()
    if len(cells) != len(FIELDS):
        raise BadInstance(file, line, "row", f"has {len(cells)} figures instead of {len(FIELDS)}")
    pairs = zip(FIELDS[1:7], cells[1:7], strict=True)
    x, y, demand, ready, due, service = (number(file, line, name, cell) for name, cell in pairs)
    if due < ready:
        raise BadInstance(file, line, "due", f"the window ends at {due:g}, before it starts at {ready:g}")
    for name, value in (("ready", ready), ("service", service)):
        if value < 0:
            raise BadInstance(file, line, name, f"{value:g} is negative")
    ends = [whole(file, line, name, cell) for name, cell in zip(FIELDS[7:], cells[7:], strict=True)]
    number_ = whole(file, line, "id", cells[0])
    for name, value in (("id", number_), ("pickup", ends[0]), ("delivery", ends[1])):
        if value < 0:
            raise BadInstance(file, line, name, f"{value} is negative")
    return Row(line, number_, x, y, demand, ready, due, service, ends[0], ends[1])


def number(file: str, line: int, field: str, cell: str) -> float:
    """Read a finite figure. Raises BadInstance."""
    try:
        value = float(cell) if cell.isascii() and "_" not in cell else None
    except ValueError:
        value = None
    if value is None:
        raise BadInstance(file, line, field, f"{cell[:40]!r} is not a number")
    if not math.isfinite(value):
        raise BadInstance(file, line, field, f"{cell[:40]!r} is not finite")
    if abs(value) > MOST:
        raise BadInstance(file, line, field, f"{cell[:40]!r} is larger than {MOST:g}")
    return value


def whole(file: str, line: int, field: str, cell: str) -> int:
    """Read a whole number. Raises BadInstance."""
    value = number(file, line, field, cell)
    if value != int(value):
        raise BadInstance(file, line, field, f"{cell[:40]!r} is not a whole number")
    return int(value)


def pairs_of(file: str, rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Give each pick-up and its delivery, in the file's order. Raises BadInstance where they do not fit."""
    by_id = {row.id: row for row in rows}
    for row in rows[1:]:
        if bool(row.pickup) == bool(row.delivery):
            both = "both a pick-up and a delivery" if row.pickup else "neither a pick-up nor a delivery"
            raise BadInstance(file, row.line, "pickup", f"node {row.id} is {both}")
        field, other = ("delivery", row.delivery) if row.delivery else ("pickup", row.pickup)
        mate = by_id.get(other)
        if mate is None:
            raise BadInstance(file, row.line, field, f"node {other} is not in the file")
        back = mate.pickup if row.delivery else mate.delivery
        if back != row.id:
            raise BadInstance(
                file, row.line, field, f"node {other} names {back} as its other end, not {row.id}"
            )
        if row.delivery:
            if row.demand <= 0:
                raise BadInstance(file, row.line, "demand", f"{row.demand:g} of a pick-up is not above zero")
            if row.demand != -mate.demand:
                why = f"{row.demand:g} is picked up and {-mate.demand:g} delivered at node {mate.id}"
                raise BadInstance(file, row.line, "demand", why)
            yield row, mate


def build(
    name: str, file: str, rows: list[Row], vehicles: int, capacity: float, roads: Roads, goal: Goal
) -> Instance:
    """Make the problem: a place a node, a request a pair, vehicles alike from depot to depot.

    No more vehicles than pairs: a route without a pair is none.
    """
    pairs = list(pairs_of(file, rows))
    at = {row.id: n for n, row in enumerate(rows)}
    depot = rows[0]
    shift = Shift(0, 0, depot.ready, depot.due)
    fleet = tuple(
        Vehicle(f"v{n}", (shift,), (Compartment((capacity,)),))
        for n in range(1, min(vehicles, len(pairs)) + 1)
    )
    requests = tuple(
        Request(str(pickup.id), _stop(at, pickup), _stop(at, delivery), (pickup.demand,))
        for pickup, delivery in pairs
    )
    problem = Problem(
        places=tuple(Place(str(row.id)) for row in rows),
        requests=requests,
        vehicles=fleet,
        roads=(roads,),
        dimensions=("load",),
        goal=goal,
    )
    ids = tuple(row.id for pair in pairs for row in pair)
    return Instance(name, problem, ids, tuple((row.x, row.y) for row in rows))


def _stop(at: dict[int, int], row: Row) -> Stop:
    return Stop(at[row.id], (Span(row.ready, row.due),), row.service)
