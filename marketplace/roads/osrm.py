"""How far is the road, by an OSRM server (https://project-osrm.org/docs/v5.24.0/api/, table service)?

One server knows one kind of vehicle: the one its data was extracted for. So there is an address by the
profile's name; an address for all others (no name) serves any but lorries with dangerous goods, whose closed
tunnels it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from marketplace.roads.asking import ANSWER_S, Asking, asking
from marketplace.roads.tiles import Table, by_tiles, table
from matching.distances import LORRY, Legs, NoDistances, Point, Profile, Trouble
from matching.distances.model import all_pairs

SOURCE = "osrm"
SNAP_M = 1500.0
SIDE = 50
"""Origins and targets of one table: `--max-table-size` of a server is 100 unless it was told otherwise."""
SOMEWHERE = "114.3,30.6"
SEGMENT = re.compile(r"coordinate (\d+)")


class Snap(msgspec.Struct):
    """Where a point was taken to: metres from it to the road."""

    distance: float


class Answer(msgspec.Struct):
    """The answer of the table or nearest service, or its refusal."""

    code: str
    message: str = ""
    data_version: str = ""
    durations: list[list[float | None]] = []
    distances: list[list[float | None]] = []
    sources: list[Snap | None] = []
    destinations: list[Snap | None] = []


@dataclass(slots=True)
class Osrm:
    """Asks an OSRM server. Points more than `snap_m` from any road are refused, not moved.

    `urls` is an address by profile name. The version is the data's own (`osrm-extract --data_version`), or
    empty where one of the servers has none.
    """

    urls: Mapping[str, str]
    snap_m: float = SNAP_M
    side: int = SIDE
    timeout_s: float = ANSWER_S
    source: str = field(default=SOURCE, init=False)
    _versions: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def version(self) -> str:
        """Name the edition of the servers' data; asked once. Raises `NoDistances`."""
        if not self._versions:
            with asking(SOURCE, self.timeout_s) as talk:
                self._versions = {
                    url: talk.get(f"{url}/nearest/v1/driving/{SOMEWHERE}", Answer).data_version
                    for url in map(_bare, self.urls.values())
                }
        named = sorted(set(self._versions.values()))
        return " + ".join(named) if all(named) else ""

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Measure origin n to target n; it knows no traffic by the hour. Raises `NoDistances`."""
        url = self._url(profile)
        version = self.version
        with asking(SOURCE, self.timeout_s) as talk:
            metres, seconds = by_tiles(origins, targets, self.side, lambda a, b: self._table(talk, a, b, url))
        return Legs(metres, seconds, SOURCE, version)

    def matrix(
        self, points: Sequence[Point], profile: Profile = LORRY, depart: datetime | None = None
    ) -> Legs:
        """Measure all pairs. Raises `NoDistances`."""
        n = len(points)
        flat = self.legs(*all_pairs(points), profile, depart)
        return replace(flat, metres=flat.metres.reshape(n, n), seconds=flat.seconds.reshape(n, n))

    def _url(self, profile: Profile) -> str:
        url = self.urls.get(profile.name) or ("" if profile.hazmat else self.urls.get("", ""))
        if not url:
            raise NoDistances(SOURCE, Trouble.NO_PROFILE, profile.name)
        return _bare(url)

    def _table(self, talk: Asking, origins: list[Point], targets: list[Point], url: str) -> Table:
        places = [*origins, *targets]
        line = ";".join(f"{p.lon:.6f},{p.lat:.6f}" for p in places)
        n = len(origins)
        asked = {
            "annotations": "duration,distance",
            "sources": ";".join(map(str, range(n))),
            "destinations": ";".join(map(str, range(n, len(places)))),
            "generate_hints": "false",
        }
        answer = talk.get(f"{url}/table/v1/driving/{line}", Answer, asked)
        if answer.code == "NoSegment" and (found := SEGMENT.search(answer.message)):
            raise NoDistances(SOURCE, Trouble.OFF_ROAD, answer.code, (places[int(found[1])],))
        if answer.code != "Ok":
            raise NoDistances(SOURCE, Trouble.REFUSED, f"{answer.code}: {answer.message}")
        if answer.data_version != self._versions[url]:
            raise NoDistances(SOURCE, Trouble.GARBLED, f"its data became {answer.data_version} meanwhile")
        self._refuse_far(places, [*answer.sources, *answer.destinations])
        shape = (n, len(targets))
        return table(answer.distances, shape, SOURCE), table(answer.durations, shape, SOURCE)

    def _refuse_far(self, places: list[Point], snaps: list[Snap | None]) -> None:
        if len(snaps) != len(places):
            raise NoDistances(SOURCE, Trouble.GARBLED, "not every point has its place on the road")
        far = [p for p, s in zip(places, snaps, strict=True) if s is None or s.distance > self.snap_m]
        if far:
            raise NoDistances(SOURCE, Trouble.OFF_ROAD, f"more than {self.snap_m:.0f} m", tuple(far))


def _bare(url: str) -> str:
    return url.rstrip("/")
