"""How is the same road not asked for twice?"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import numpy as np

from matching.distances.given import key
from matching.distances.model import Distances, Ints, Legs, Point, all_pairs
from matching.distances.profiles import LORRY, Profile

Place = tuple[int, int]
Pair = tuple[Place, Place]
Road = tuple[int, int]
Edition = tuple[str, str, str]
"""Provider, version of its data, and the vehicle with all its figures (and the hour of the week if given)."""


class Store(Protocol):
    """Where measured roads are kept: metres and seconds by edition and pair of rounded places."""

    def find(self, edition: Edition, pairs: Sequence[Pair]) -> dict[Pair, Road]:
        """Return the roads that are known."""

    def keep(self, edition: Edition, roads: dict[Pair, Road]) -> None:
        """Remember roads."""


@dataclass(slots=True)
class MemoryStore:
    """Keeps the last `limit` roads in memory; what was not asked for longest goes first."""

    limit: int = 200_000
    _roads: OrderedDict[tuple[Edition, Pair], Road] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._roads)

    def __reduce__(self) -> tuple[type[MemoryStore], tuple[int]]:
        """Travel to another process empty."""
        return MemoryStore, (self.limit,)

    def find(self, edition: Edition, pairs: Sequence[Pair]) -> dict[Pair, Road]:
        """Return the roads that are known."""
        found = {pair: self._roads.get((edition, pair)) for pair in pairs}
        known = {pair: road for pair, road in found.items() if road is not None}
        for pair in known:
            self._roads.move_to_end((edition, pair))
        return known

    def keep(self, edition: Edition, roads: dict[Pair, Road]) -> None:
        """Remember roads, and forget the oldest above the limit."""
        for pair, road in roads.items():
            self._roads[edition, pair] = road
            self._roads.move_to_end((edition, pair))
        while len(self._roads) > self.limit:
            self._roads.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Cached:
    """Asks `inner` only for roads that `store` does not hold for the same edition.

    Places are rounded to the fifth decimal, about a metre. A provider that does not name the edition of its
    data (an empty version) is always asked: what was true of yesterday's map would be told of today's.
    """

    inner: Distances
    store: Store

    @property
    def source(self) -> str:
        """Name the provider."""
        return self.inner.source

    @property
    def version(self) -> str:
        """Name the edition of its data."""
        return self.inner.version

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Measure origin n to target n, as far as possible from the store."""
        version = self.inner.version
        if not version:
            return self.inner.legs(origins, targets, profile, depart)
        edition = (self.inner.source, version, _name(profile, depart))
        pairs = [(key(a), key(b)) for a, b in zip(origins, targets, strict=True)]
        roads = self.store.find(edition, list(dict.fromkeys(pairs)))
        missing = {pair: n for n, pair in enumerate(pairs) if pair not in roads}
        if missing:
            asked = list(missing.values())
            fresh = self.inner.legs([origins[n] for n in asked], [targets[n] for n in asked], profile, depart)
            if (fresh.source, fresh.version) != edition[:2]:
                # The provider took up newer data while it was asked: no mixture of the two is handed out.
                return self.inner.legs(origins, targets, profile, depart)
            figures = zip(fresh.metres.tolist(), fresh.seconds.tolist(), strict=True)
            learnt = dict(zip(missing, figures, strict=True))
            self.store.keep(edition, learnt)
            roads |= learnt
        table: Ints = np.array([roads[pair] for pair in pairs], dtype=np.int64).reshape(-1, 2)
        return Legs(table[:, 0], table[:, 1], self.inner.source, version)

    def matrix(
        self, points: Sequence[Point], profile: Profile = LORRY, depart: datetime | None = None
    ) -> Legs:
        """Measure all pairs, as far as possible from the store."""
        n = len(points)
        flat = self.legs(*all_pairs(points), profile, depart)
        return replace(flat, metres=flat.metres.reshape(n, n), seconds=flat.seconds.reshape(n, n))


def _name(profile: Profile, depart: datetime | None) -> str:
    """Name the vehicle by all its figures: a heavier lorry of the same name has other roads."""
    hour = f" {depart:%a %H:%M}" if depart else ""
    return f"{profile!r}{hour}"
