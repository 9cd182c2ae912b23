"""Is a solution of a pickup-and-delivery instance feasible, and how long is it?

Standard library only; shares no code with any solver, reader or check of this project, so that a mistake in
them cannot hide itself, and must stay so. `python -m benchmarks.routing.pdptw_check INSTANCE SOLUTION.json`:
the instance in the form of Li & Lim or of Sartori & Buriol, the solution `{"routes": [[node, ...], ...]}`
with the numbers of the file and without the depot. Prints one JSON line; exit status 0 when feasible, 1 when
not.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

EPS = 1e-6
COLUMNS = 9
Node = tuple[float, float, float, float, float, float, int, int]
"""x, y, demand, ready, due, service, pickup, delivery."""


@dataclass
class Instance:
    """Plain data of one instance; node 0 is the depot."""

    capacity: float
    vehicles: int | None
    nodes: dict[int, Node]
    matrix: list[list[float]] | None = None

    def dist(self, a: int, b: int) -> float:
        if self.matrix is not None:
            return self.matrix[a][b]
        return math.hypot(self.nodes[a][0] - self.nodes[b][0], self.nodes[a][1] - self.nodes[b][1])


def read_problem(path: str) -> Instance:
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    if re.search(r"^\s*NODES\s*$", text, re.M):
        return _read_sartori(text)
    rows = [line.split() for line in text.splitlines() if line.strip()]
    return Instance(float(rows[0][1]), int(float(rows[0][0])), _nodes(rows[1:]))


def _nodes(rows: Sequence[Sequence[str]]) -> dict[int, Node]:
    nodes: dict[int, Node] = {}
    for row in rows:
        if len(row) >= COLUMNS:
            v = [float(x) for x in row[:COLUMNS]]
            nodes[int(v[0])] = (v[1], v[2], v[3], v[4], v[5], v[6], int(v[7]), int(v[8]))
    return nodes


def _read_sartori(text: str) -> Instance:
    head, _, rest = text.partition("NODES")
    body, _, tail = rest.partition("EDGES")
    capacity = re.search(r"CAPACITY:\s*([\d.]+)", head)
    assert capacity is not None
    lines = [line for line in tail.splitlines() if line.strip() and not line.strip().startswith("EOF")]
    matrix = [[float(x) for x in line.split()] for line in lines]
    return Instance(float(capacity.group(1)), None, _nodes([r.split() for r in body.splitlines()]), matrix)


@dataclass
class Found:
    """What is wrong, and how long it all is."""

    errors: list[str] = field(default_factory=list)
    vehicles: int = 0
    distance: float = 0.0
    seen: dict[int, int] = field(default_factory=dict)


def check(p: Instance, routes: Sequence[Sequence[int]], most: int | None = None, eps: float = EPS) -> Found:
    """Look at every route; no errors means feasible."""
    found = Found()
    used = [route for route in routes if route]
    found.vehicles = len(used)
    if most is not None and len(used) > most:
        found.errors.append(f"{len(used)} routes, at most {most} allowed")
    for k, route in enumerate(used):
        _route(p, k, route, found, eps)
    missing = [n for n in p.nodes if n != 0 and n not in found.seen]
    if missing:
        found.errors.append(f"{len(missing)} nodes unserved, e.g. {missing[:5]}")
    return found


def _route(p: Instance, k: int, route: Sequence[int], found: Found, eps: float) -> None:
    time, load, prev = p.nodes[0][3], 0.0, 0
    on_board: set[int] = set()
    for node in route:
        if node not in p.nodes or node == 0:
            found.errors.append(f"route {k}: unknown node {node}")
            continue
        _, _, demand, ready, due, service, pick, deli = p.nodes[node]
        if node in found.seen:
            found.errors.append(f"node {node} visited twice (routes {found.seen[node]} and {k})")
        found.seen[node] = k
        found.distance += p.dist(prev, node)
        time = max(time + p.dist(prev, node), ready)
        if time > due + eps:
            found.errors.append(f"route {k}: node {node} begins {time:.6f} after due {due}")
        time += service
        load += demand
        if load > p.capacity + eps or load < -eps:
            found.errors.append(f"route {k}: load {load} at node {node} (capacity {p.capacity})")
        if deli:
            on_board.add(node)
        elif pick:
            if pick not in on_board:
                found.errors.append(f"route {k}: delivery {node} without its pickup {pick} before")
            on_board.discard(pick)
        prev = node
    found.distance += p.dist(prev, 0)
    time += p.dist(prev, 0)
    if time > p.nodes[0][4] + eps:
        found.errors.append(f"route {k}: back at depot {time:.6f} after {p.nodes[0][4]}")
    if on_board:
        found.errors.append(f"route {k}: undelivered pickups {sorted(on_board)[:5]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instance")
    parser.add_argument("solution")
    parser.add_argument("--max-vehicles", type=int)
    asked = parser.parse_args()
    with open(asked.solution, encoding="utf-8") as file:
        routes = json.load(file)["routes"]
    found = check(read_problem(asked.instance), routes, asked.max_vehicles)
    told = {"feasible": not found.errors, "vehicles": found.vehicles, "distance": round(found.distance, 4)}
    print(json.dumps({**told, "errors": found.errors[:10]}))
    return 0 if not found.errors else 1


if __name__ == "__main__":
    sys.exit(main())
