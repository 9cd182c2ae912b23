"""Where is a simulated truck at a given moment, how fast, and how full?

A drive is worked out once, from its start, as pieces of constant acceleration; every later question is
answered from the pieces, so a fix depends on the moment asked for and not on how often one asks.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

from devices.readings import Load
from devices.simulator.roads import Point, Polyline, bearing_deg, distance_m

SPEED_UP = 0.5  # m/s², a loaded truck
SLOW_DOWN = 0.7
_TOWN_M = 3_000.0
_NOISE_DEG = 3.0 / 111_320


@dataclass(frozen=True, slots=True)
class Fix:
    """What the GNSS receiver and the vehicle bus tell at one whole second of true time."""

    at: datetime
    lat: float
    lon: float
    altitude_m: int
    speed_kmh: float
    course_deg: int
    odometer_m: int
    satellites: int
    ignition: bool
    load: Load


@dataclass(frozen=True, slots=True)
class Motion:
    """Where a truck really is: position, m/s, degrees, metres driven since the start of the drive."""

    point: Point
    speed_ms: float
    course_deg: float
    driven_m: float


@dataclass(frozen=True, slots=True)
class _Piece:
    start_s: float
    start_m: float
    speed: float
    acceleration: float


class Drive:
    """One way along a line, with a standing start at `depart` and a standing end at `arrive`."""

    def __init__(self, line: Polyline, depart: datetime, chance: random.Random) -> None:
        self.line = line
        self.depart = depart
        self._marks = list(accumulate((distance_m(a, b) for a, b in pairwise(line)), initial=0.0))
        limits = _segment_speeds(self._marks, chance)
        corners = _corner_speeds(line, limits)
        self._pieces, seconds = _pieces(self._marks, limits, corners)
        self._starts = [piece.start_s for piece in self._pieces]
        self.arrive = depart + timedelta(seconds=seconds)

    @property
    def length_m(self) -> float:
        """Metres from the start to the end."""
        return self._marks[-1]

    def at(self, moment: datetime) -> Motion:
        """Tell the motion at a moment; before the start and after the end the truck stands there."""
        if moment <= self.depart or not self._pieces:
            return self._standing(0.0)
        if moment >= self.arrive:
            return self._standing(self.length_m)
        elapsed = (moment - self.depart).total_seconds()
        piece = self._pieces[bisect_right(self._starts, elapsed) - 1]
        t = elapsed - piece.start_s
        driven = piece.start_m + piece.speed * t + piece.acceleration * t * t / 2
        return self._motion(min(driven, self.length_m), max(0.0, piece.speed + piece.acceleration * t))

    def _standing(self, driven: float) -> Motion:
        return self._motion(driven, 0.0)

    def _motion(self, driven: float, speed: float) -> Motion:
        i = min(bisect_right(self._marks, driven), len(self.line) - 1) - 1
        a, b = self.line[i], self.line[i + 1]
        share = (driven - self._marks[i]) / max(self._marks[i + 1] - self._marks[i], 1e-9)
        point = Point(a.lon + share * (b.lon - a.lon), a.lat + share * (b.lat - a.lat))
        return Motion(point, speed, bearing_deg(a, b), driven)


class SimulatedVehicle:
    """A truck that stands or drives, and tells fixes on its reporting grid.

    `moving_s` and `standing_s` are the reporting intervals in seconds of the demo clock.
    """

    def __init__(
        self,
        vehicle: str,
        home: Point,
        since: datetime,
        seed: int,
        *,
        moving_s: int = 30,
        standing_s: int = 300,
    ) -> None:
        self.vehicle = vehicle
        self.load = Load.EMPTY
        self._seed = seed
        self._at: Drive | Point = home
        self._course = 0.0
        self._odometer = float(random.Random(f"{seed}:{vehicle}").randrange(20_000_000, 400_000_000))  # noqa: S311
        self._told = since.replace(microsecond=0)
        self._moving_s = moving_s
        self._standing_s = standing_s

    @property
    def arrives(self) -> datetime | None:
        """When the present drive ends; None while standing."""
        return self._at.arrive if isinstance(self._at, Drive) else None

    def start(self, line: Polyline, depart: datetime) -> Drive:
        """Begin to drive; the same truck, line and seed always give the same drive."""
        drive = Drive(line, depart, random.Random(f"{self._seed}:{self.vehicle}:{line[0]}:{line[-1]}"))  # noqa: S311
        self._at = drive
        return drive

    def halt(self) -> None:
        """End the present drive where it ends."""
        if isinstance(self._at, Drive):
            self._odometer += self._at.length_m
            end = self._at.at(self._at.arrive)
            self._course, self._at = end.course_deg, end.point

    def place(self, point: Point) -> None:
        """Put the truck somewhere, as when a demonstration is taken up again in the middle."""
        self._at = point

    def motion(self, moment: datetime) -> Motion:
        """Tell where the truck really is."""
        if isinstance(self._at, Drive):
            return self._at.at(moment)
        return Motion(self._at, 0.0, self._course, 0.0)

    def fixes(self, until: datetime) -> Iterator[Fix]:
        """Yield the fixes due up to and including `until` that were not told yet."""
        interval = self._moving_s if isinstance(self._at, Drive) else self._standing_s
        step = timedelta(seconds=interval)
        grid = math.floor(self._told.timestamp() / interval) * interval
        moment = datetime.fromtimestamp(grid, UTC) + step
        while moment <= until:
            yield self._fix(moment)
            self._told = moment
            moment += step

    def _fix(self, moment: datetime) -> Fix:
        chance = random.Random(f"{self._seed}:{self.vehicle}:{moment.timestamp():.0f}")  # noqa: S311
        true = self.motion(moment)
        shift = _NOISE_DEG / math.cos(math.radians(true.point.lat))
        moving = true.speed_ms > 0
        return Fix(
            at=moment,
            lat=round(true.point.lat + chance.gauss(0, _NOISE_DEG), 6),
            lon=round(true.point.lon + chance.gauss(0, shift), 6),
            altitude_m=30 + chance.randrange(8),
            speed_kmh=round(max(0.0, true.speed_ms * 3.6 + chance.gauss(0, 0.6)), 1) if moving else 0.0,
            course_deg=round(true.course_deg + (chance.gauss(0, 1.5) if moving else 0)) % 360,
            odometer_m=round(self._odometer + true.driven_m),
            satellites=chance.randint(9, 17),
            ignition=isinstance(self._at, Drive),
            load=self.load,
        )


def _segment_speeds(marks: Sequence[float], chance: random.Random) -> list[float]:
    """Choose a cruising speed for each segment in m/s: 50 to 80 km/h, slower near both ends."""
    speeds = []
    for a, b in pairwise(marks):
        near_end = b <= _TOWN_M or a >= marks[-1] - _TOWN_M
        speeds.append((chance.uniform(35, 50) if near_end else chance.uniform(58, 80)) / 3.6)
    return speeds


def _corner_speeds(line: Polyline, limits: Sequence[float]) -> list[float]:
    """Limit the speed at each vertex: standing at both ends, slower through sharper bends."""
    speeds = [0.0]
    for i in range(1, len(line) - 1):
        turn = abs(bearing_deg(line[i - 1], line[i]) - bearing_deg(line[i], line[i + 1]))
        turn = min(turn, 360 - turn)
        bend = max(15 / 3.6, limits[i] * (1 - min(turn, 90) / 110))
        speeds.append(min(limits[i - 1], limits[i], bend))
    return [*speeds, 0.0]


def _pieces(
    marks: Sequence[float], limits: Sequence[float], corners: Sequence[float]
) -> tuple[list[_Piece], float]:
    """Turn limits into pieces of constant acceleration; return them and the seconds they take."""
    lengths = [b - a for a, b in pairwise(marks)]
    speeds = list(corners)
    for i, length in enumerate(lengths):
        speeds[i + 1] = min(speeds[i + 1], math.sqrt(speeds[i] ** 2 + 2 * SPEED_UP * length))
    for i in range(len(lengths) - 1, -1, -1):
        speeds[i] = min(speeds[i], math.sqrt(speeds[i + 1] ** 2 + 2 * SLOW_DOWN * lengths[i]))
    pieces: list[_Piece] = []
    clock = 0.0
    for i, length in enumerate(lengths):
        for start_m, speed, acceleration, seconds in _profile(length, speeds[i], speeds[i + 1], limits[i]):
            pieces.append(_Piece(clock, marks[i] + start_m, speed, acceleration))
            clock += seconds
    return pieces, clock


def _profile(
    length: float, enter: float, leave: float, limit: float
) -> Iterator[tuple[float, float, float, float]]:
    """Yield (start in m, speed, acceleration, seconds): speed up, cruise, slow down over one segment."""
    if length <= 0:
        return
    reachable = math.sqrt(
        (2 * SPEED_UP * SLOW_DOWN * length + SLOW_DOWN * enter**2 + SPEED_UP * leave**2)
        / (SPEED_UP + SLOW_DOWN)
    )
    top = max(enter, leave, min(limit, reachable))
    up, down = (top**2 - enter**2) / (2 * SPEED_UP), (top**2 - leave**2) / (2 * SLOW_DOWN)
    cruise = max(0.0, length - up - down)
    if up > 0:
        yield 0.0, enter, SPEED_UP, (top - enter) / SPEED_UP
    if cruise > 0:
        yield up, top, 0.0, cruise / top
    if down > 0:
        yield up + cruise, top, -SLOW_DOWN, (top - leave) / SLOW_DOWN
