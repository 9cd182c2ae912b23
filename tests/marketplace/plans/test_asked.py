"""Does anybody wait for a road server while the whole market waits for the database?"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from marketplace.plans import asked
from matching.distances import (
    LORRY,
    Cached,
    Distances,
    Estimate,
    Fallback,
    Legs,
    MemoryStore,
    NoDistances,
    Point,
    Profile,
    Trouble,
)
from tests.factories.dispatch import open_day
from tests.factories.site import Site
from tracking.trips.tables import Trip


class Roads:
    """A road server that looks, each time it is asked, whether somebody else could write to the database."""

    source, version = "network", "1"

    def __init__(self, database: str, *, away: bool = False) -> None:
        self.database = database
        self.away = away
        self.asked = 0

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Answer, or be away."""
        self.asked += 1
        other = sqlite3.connect(self.database, timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.rollback()
        other.close()
        if self.away:
            raise NoDistances(self.source, Trouble.SILENT, "away")
        found = Estimate().legs(origins, targets, profile)
        return Legs(found.metres, found.seconds, self.source, self.version)

    def matrix(
        self, points: Sequence[Point], profile: Profile = LORRY, depart: datetime | None = None
    ) -> Legs:
        """Answer as for legs: a cache asks for those alone."""
        return self.legs(points, points, profile, depart)


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """A fresh migrated SQLite database: it has one lock for all who write."""
    return sqlite_engine


def accepted(engine: Engine, monkeypatch: pytest.MonkeyPatch, *, away: bool) -> Roads:
    """Move a load to another vehicle over the desk, its roads measured by a server that may be away."""
    market, loads = open_day(engine)
    site = Site(market)
    vehicles: list[UUID] = site.market.rows(select(Trip.vehicle_id).where(Trip.manifest_id.in_(loads[:2])))
    move = f"{loads[1]}:{next(one for one in vehicles if one != vehicle(site, loads[1]))}"
    visitor = site.visitor("carrier")
    mark = re.search(r'name="mark" value="([0-9a-f]+)"', visitor.get(f"/dispatch?move={move}"))
    assert mark is not None
    roads = Roads(str(engine.url.database), away=away)

    def named(_: object) -> Distances:
        return Fallback(Cached(roads, MemoryStore()))

    monkeypatch.setattr(asked, "distances_of", named)
    assert visitor.sent_to("/dispatch/accept", mark=mark[1], moves=move, solve="") == "/dispatch"
    assert str(vehicle(site, loads[1])) == move.partition(":")[2]
    return roads


def vehicle(site: Site, load: UUID) -> UUID:
    """Return who carries a load."""
    (found,) = site.market.rows(select(Trip.vehicle_id).where(Trip.manifest_id == load))
    assert isinstance(found, UUID)
    return found


def test_roads_are_asked_for_before_the_database_is_locked(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow road server would stop every position and every weighing of the market for half a minute."""
    assert accepted(engine, monkeypatch, away=False).asked == 2, "once for each kind of lorry"


def test_a_server_that_is_away_is_asked_once_and_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dispatcher would plan with estimates, and nobody would notice that the server is dead."""
    with capture_logs() as lines:
        assert accepted(engine, monkeypatch, away=True).asked == 1
    assert [line["provider"] for line in lines if line["event"] == "roads.estimated"] == ["network"]
