"""What is there to see in a plan: lines and dots on a map, bars along a clock?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from matching.routing.model import Problem
from matching.routing.plan import Act, Plan, PlannedStop, PlannedTour

# Dark enough to be read on white, and told apart by people who see no red or green (Okabe and Ito, darkened).
COLOURS = (
    "#0b5394",
    "#b45309",
    "#15705a",
    "#a0286e",
    "#5b3fa8",
    "#7a5c00",
    "#1f6f8b",
    "#8b2e2e",
    "#3d6b1f",
    "#44546a",
)


class Doing(StrEnum):
    """What a vehicle does during a bar of its row."""

    DRIVING = "driving"
    WAITING = "waiting"
    SERVICE = "service"
    BREAK = "break"
    CLEANING = "cleaning"


@dataclass(frozen=True, slots=True)
class Dot:
    """A stop on the map."""

    x: float
    y: float
    act: Act
    colour: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A tour on the map, from where it starts to where it ends."""

    points: tuple[tuple[float, float], ...]
    colour: str
    name: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A span in a row of the Gantt chart."""

    row: int
    start: float
    end: float
    doing: Doing
    colour: str
    text: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is drawn. `homes` are where tours start or end; `rows` name the bars' rows."""

    title: str
    facts: str
    lines: tuple[Line, ...]
    dots: tuple[Dot, ...]
    homes: tuple[tuple[float, float], ...]
    bars: tuple[Bar, ...]
    rows: tuple[str, ...]
    start: datetime | None = None

    def clock(self, seconds: float) -> str:
        """Write a moment: as the time of day where the plan's start is known, as a figure otherwise."""
        if self.start is None:
            return f"{seconds:,.0f}"
        return f"{self.start + timedelta(seconds=seconds):%H:%M}"


def scene(
    problem: Problem,
    plan: Plan,
    title: str,
    coordinates: Sequence[tuple[float, float]] | None = None,
    start: datetime | None = None,
) -> Scene:
    """Say what is to be drawn of a plan.

    `coordinates` has x and y of each place; without them the places' own points are laid on a plane. Places
    without either are left off the map. `start` is the moment the plan's seconds count from.
    """
    spots = list(coordinates) if coordinates is not None else _on_plane(problem)
    names = [problem.vehicles[tour.vehicle].id for tour in plan.driven]
    drawn = [(tour, COLOURS[n % len(COLOURS)], names[n]) for n, tour in enumerate(plan.driven)]
    homes = {_ends(problem, tour)[0] for tour in plan.driven} | {
        _ends(problem, tour)[1] for tour in plan.driven
    }
    return Scene(
        title=title,
        facts=_facts(plan, in_metres=coordinates is None),
        lines=tuple(_line(problem, tour, colour, name, spots) for tour, colour, name in drawn),
        dots=tuple(dot for tour, colour, _ in drawn for dot in _dots(problem, tour, colour, spots)),
        homes=tuple(
            spots[p] for p in sorted(p for p in homes if p is not None) if not math.isnan(spots[p][0])
        ),
        bars=tuple(
            bar for n, (tour, colour, _) in enumerate(drawn) for bar in _bars(problem, tour, n, colour)
        ),
        rows=tuple(f"{name} · {len(tour.nodes)} stops" for tour, _, name in drawn),
        start=start,
    )


def _on_plane(problem: Problem) -> list[tuple[float, float]]:
    """Lay WGS-84 points on a plane that is true enough for a province."""
    points = [place.point for place in problem.places]
    known = [point for point in points if point is not None]
    middle = sum(point.lat for point in known) / len(known) if known else 0.0
    shrink = math.cos(math.radians(middle))
    return [(math.nan, math.nan) if p is None else (p.lon * shrink, p.lat) for p in points]


def _facts(plan: Plan, *, in_metres: bool) -> str:
    """Sum the plan up; a file's coordinates have units of their own, our own points are in metres."""
    out = f" · {len(plan.left_out)} left out" if plan.left_out else ""
    far = f"{plan.metres / 1000:,.1f} km" if in_metres else f"{plan.metres:,.1f}"
    return f"{len(plan.driven)} tours · distance {far} ({plan.distance_source}){out}"


def _ends(problem: Problem, tour: PlannedTour) -> tuple[int, int | None]:
    shift = problem.shifts[tour.number][1]
    return shift.start_place, shift.end_place


def _line(
    problem: Problem, tour: PlannedTour, colour: str, name: str, spots: Sequence[tuple[float, float]]
) -> Line:
    first, last = _ends(problem, tour)
    places = [first, *(stop.place for stop in tour.stops), *([] if last is None else [last])]
    return Line(tuple(spots[p] for p in places if not math.isnan(spots[p][0])), colour, name)


def _dots(
    problem: Problem, tour: PlannedTour, colour: str, spots: Sequence[tuple[float, float]]
) -> Iterator[Dot]:
    for stop in tour.stops:
        x, y = spots[stop.place]
        if not math.isnan(x):
            yield Dot(x, y, stop.act, colour, _text(problem, stop))


def _text(problem: Problem, stop: PlannedStop) -> str:
    """Name a stop in a word and its request."""
    what = "" if stop.node is None else f" {problem.requests[stop.node // 2].id}"
    return f"{stop.act.value}{what} at {problem.places[stop.place].id}"


def _bars(problem: Problem, tour: PlannedTour, row: int, colour: str) -> Iterator[Bar]:
    """Give the vehicle's day from its first metre to its end."""
    for stop in tour.stops:
        text = _text(problem, stop)
        yield from _way(row, colour, stop.leaves_s, stop.drive_s, stop.break_s, f"to {text}")
        yield from _bar(row, stop.arrival, stop.begin, Doing.WAITING, colour, f"waits for {text}")
        doing = Doing.CLEANING if stop.act is Act.CLEANING else Doing.SERVICE
        yield from _bar(row, stop.begin, stop.departure, doing, colour, text)
    home = tour.home
    yield from _way(row, colour, tour.ends - home.drive_s - home.break_s, home.drive_s, home.break_s, "home")


def _way(row: int, colour: str, leaves: float, drive_s: float, break_s: float, text: str) -> Iterator[Bar]:
    """Draw a leg's breaks at its end: where on the way they were does not matter."""
    yield from _bar(row, leaves, leaves + drive_s, Doing.DRIVING, colour, text)
    yield from _bar(row, leaves + drive_s, leaves + drive_s + break_s, Doing.BREAK, colour, "break")


def _bar(row: int, start: float, end: float, doing: Doing, colour: str, text: str) -> Iterator[Bar]:
    if end > start:
        yield Bar(row, start, end, doing, colour, text)


def ticks(first: float, last: float, most: int = 9) -> list[float]:
    """Choose round moments along an axis."""
    span = max(last - first, 1e-9)
    steps = [m * 10.0**e for e in range(-3, 9) for m in (1, 2, 5)]
    if span >= 3 * 3600:
        steps = [
            1800.0,
            3600.0,
            7200.0,
            14400.0,
            21600.0,
            43200.0,
            86400.0,
            *(864000.0 * n for n in range(1, 20)),
        ]
    step = next((one for one in steps if span / one <= most), span)
    return [n * step for n in range(math.ceil(first / step), math.floor(last / step) + 1)]
