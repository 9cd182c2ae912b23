"""How are companies that hang together, or among which waste goes round, drawn as a ring?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from uuid import UUID

from compliance.oversight.links import Flows, Group
from compliance.oversight.rules import Found

WIDTH, HEIGHT, REACH = 460.0, 300.0, 105.0
GAP = 26.0
"""How far an arrow ends before the middle of a company."""


@dataclass(frozen=True, slots=True)
class Node:
    """One company on the ring."""

    name: str
    x: float
    y: float
    anchor: str
    number: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A tie (no mass) or a flow (kilograms) between two companies."""

    x1: float
    y1: float
    x2: float
    y2: float
    kg: int | None
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ring:
    """A picture: companies on a circle, ties and flows between them."""

    nodes: tuple[Node, ...]
    ties: tuple[Edge, ...]
    flows: tuple[Edge, ...]
    goes_round: bool = False


def ring_of(group: Group, names: Mapping[UUID, str]) -> Ring:
    """Draw a group of companies."""
    places = _places(group.members, names)
    ties = [_edge(places[a], places[b], None, tuple(said.items()), 0.0) for a, b, said in group.ties]
    return Ring(tuple(places.values()), tuple(ties), _flows(group.flows, places), group.goes_round)


def circle_of(found: Found, names: Mapping[UUID, str]) -> Ring:
    """Draw waste that goes round: each leg with its mass."""
    parties = found.subjects
    legs = found.figures.get("legs_kg", [])
    masses = [int(str(kg)) for kg in legs] if isinstance(legs, list) else []
    ways = zip(parties, (*parties[1:], parties[0]), strict=True)
    places = _places(parties, names)
    return Ring(tuple(places.values()), (), _flows(dict(zip(ways, masses, strict=False)), places), True)


def _places(members: Sequence[UUID], names: Mapping[UUID, str]) -> dict[UUID, Node]:
    found = {}
    for place, key in enumerate(members):
        turn = 2 * pi * place / len(members) - pi / 2
        x, y = WIDTH / 2 + REACH * cos(turn), HEIGHT / 2 + REACH * sin(turn)
        anchor = "middle" if abs(x - WIDTH / 2) < 1 else ("start" if x > WIDTH / 2 else "end")
        found[key] = Node(names.get(key, "—"), round(x, 1), round(y, 1), anchor, place + 1)
    return found


def _flows(flows: Flows, places: Mapping[UUID, Node]) -> tuple[Edge, ...]:
    ways: Iterable[tuple[tuple[UUID, UUID], int]] = sorted(flows.items(), key=lambda one: -one[1])
    return tuple(
        _edge(places[a], places[b], kg, (), 5.0) for (a, b), kg in ways if a in places and b in places
    )


def _edge(a: Node, b: Node, kg: int | None, words: tuple[tuple[str, str], ...], beside: float) -> Edge:
    """Return a line from one company to another, a little beside the middle so that both ways are seen."""
    length = max(1.0, ((b.x - a.x) ** 2 + (b.y - a.y) ** 2) ** 0.5)
    dx, dy = (b.x - a.x) / length, (b.y - a.y) / length
    ox, oy = -dy * beside, dx * beside
    return Edge(
        round(a.x + dx * GAP + ox, 1),
        round(a.y + dy * GAP + oy, 1),
        round(b.x - dx * GAP + ox, 1),
        round(b.y - dy * GAP + oy, 1),
        kg,
        words,
    )
