"""How far is the road, by a Valhalla server (https://valhalla.github.io/valhalla/api/matrix/api-reference/)?

It judges each road by the vehicle asked for: height, width, length, weight, axle load, and whether it carries
dangerous goods (`hazmat=no` in the map). Its `service_limits` end at 400 km as it comes: raise them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
import numpy as np

from marketplace.roads.asking import ANSWER_S, Asking, asking
from marketplace.roads.tiles import Table, by_tiles, table
from matching.distances import LORRY, Legs, NoDistances, Point, Profile, Trouble
from matching.distances.barriers import geodesic
from matching.distances.model import all_pairs, degrees, distinct

SOURCE = "valhalla"
SNAP_M = 1500.0
SIDE = 50
"""Origins and targets of one table: `max_matrix_location_pairs` of a server is 2,500 unless changed."""
LOCATED_AT_ONCE = 500
UNCONNECTED = {170, 171, 442}
"""Its error codes for points without a road between them: some of the table's, not necessarily all."""

Question = dict[str, object]


class Status(msgspec.Struct):
    """Which program answers, over data of which age."""

    version: str = ""
    tileset_last_modified: int = 0


class Edge(msgspec.Struct):
    """A road near a point, and the place on it."""

    correlated_lat: float
    correlated_lon: float


class Located(msgspec.Struct):
    """The roads near one point."""

    edges: list[Edge] | None = None


class Sides(msgspec.Struct):
    """Two tables: kilometres and seconds."""

    distances: list[list[float | None]]
    durations: list[list[float | None]]


class Answer(msgspec.Struct):
    """The answer of the matrix service, or its refusal."""

    sources_to_targets: Sides | None = None
    error_code: int = 0
    error: str = ""


@dataclass(slots=True)
class Valhalla:
    """Asks a Valhalla server. Points more than `snap_m` from the vehicle's roads are refused, not moved."""

    url: str
    snap_m: float = SNAP_M
    side: int = SIDE
    timeout_s: float = ANSWER_S
    source: str = field(default=SOURCE, init=False)
    _version: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def version(self) -> str:
        """Name the program's version and when its tiles were made (s since 1970). Raises `NoDistances`."""
        if self._version is None:
            with asking(SOURCE, self.timeout_s) as talk:
                status = talk.get(f"{self._base}/status", Status)
            self._version = f"{status.version} {status.tileset_last_modified}"
        return self._version

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Measure origin n to target n, leaving at `depart` (wall clock there). Raises `NoDistances`."""
        version = self.version
        wants = _wants(profile)
        if depart is not None:
            wants["date_time"] = {"type": 1, "value": f"{depart:%Y-%m-%dT%H:%M}"}
        with asking(SOURCE, self.timeout_s) as talk:
            self._refuse_far(talk, distinct([*origins, *targets])[0], profile)
            metres, seconds = by_tiles(
                origins, targets, self.side, lambda a, b: self._table(talk, a, b, wants)
            )
        return Legs(metres, seconds, SOURCE, version)

    def matrix(
        self, points: Sequence[Point], profile: Profile = LORRY, depart: datetime | None = None
    ) -> Legs:
        """Measure all pairs. Raises `NoDistances`."""
        n = len(points)
        flat = self.legs(*all_pairs(points), profile, depart)
        return replace(flat, metres=flat.metres.reshape(n, n), seconds=flat.seconds.reshape(n, n))

    @property
    def _base(self) -> str:
        return self.url.rstrip("/")

    def _places(self, points: list[Point]) -> list[dict[str, float]]:
        """Bind each point to the roads near it: it would be moved by up to 35 km, off an island too."""
        return [{"lat": p.lat, "lon": p.lon, "search_cutoff": self.snap_m} for p in points]

    def _table(self, talk: Asking, origins: list[Point], targets: list[Point], wants: Question) -> Table:
        places = {"sources": self._places(origins), "targets": self._places(targets)}
        asked: Question = {"verbose": False, "units": "km", **places, **wants}
        answer = talk.post(f"{self._base}/sources_to_targets", Answer, asked)
        shape = (len(origins), len(targets))
        if answer.error_code in UNCONNECTED:
            return self._parted(talk, origins, targets, wants)
        if answer.sources_to_targets is None:
            raise NoDistances(SOURCE, Trouble.REFUSED, f"{answer.error_code}: {answer.error}")
        sides = answer.sources_to_targets
        return table(sides.distances, shape, SOURCE) * 1000, table(sides.durations, shape, SOURCE)

    def _parted(self, talk: Asking, origins: list[Point], targets: list[Point], wants: Question) -> Table:
        """Ask for halves of a table that was refused for one pair of it, down to that pair."""
        if len(origins) == len(targets) == 1:
            return np.full((1, 1), np.nan), np.full((1, 1), np.nan)
        axis = 0 if len(origins) >= len(targets) else 1
        places = (origins, targets)[axis]
        halves = [places[: len(places) // 2], places[len(places) // 2 :]]
        tables = [
            self._table(talk, half, targets, wants) if axis == 0 else self._table(talk, origins, half, wants)
            for half in halves
        ]
        metres, seconds = (np.concatenate(parts, axis=axis) for parts in zip(*tables, strict=True))
        return metres, seconds

    def _refuse_far(self, talk: Asking, points: list[Point], profile: Profile) -> None:
        far: list[Point] = []
        for start in range(0, len(points), LOCATED_AT_ONCE):
            some = points[start : start + LOCATED_AT_ONCE]
            asked: Question = {"locations": self._places(some), "verbose": False, **_wants(profile)}
            found = talk.post(f"{self._base}/locate", list[Located], asked)
            if len(found) != len(some):
                raise NoDistances(SOURCE, Trouble.GARBLED, "not every point was located")
            far += [p for p, one in zip(some, found, strict=True) if _apart(p, one) > self.snap_m]
        if far:
            raise NoDistances(SOURCE, Trouble.OFF_ROAD, f"more than {self.snap_m:.0f} m", tuple(far))


def _apart(point: Point, located: Located) -> float:
    """Return the metres from a point to the nearest road that was found for it."""
    if not located.edges:
        return float("inf")
    places = np.array([(edge.correlated_lat, edge.correlated_lon) for edge in located.edges])
    return float(geodesic(np.repeat(degrees([point]), len(places), axis=0), places).min())


def _wants(profile: Profile) -> Question:
    """Name the vehicle as Valhalla does: metres and tonnes."""
    if not profile.lorry:
        return {"costing": "auto"}
    options = {
        "height": profile.height_m,
        "width": profile.width_m,
        "length": profile.length_m,
        "weight": profile.weight_t,
        "axle_load": profile.axle_load_t,
        "hazmat": profile.hazmat,
    }
    return {"costing": "truck", "costing_options": {"truck": options}}
