"""Does a trip have a planned way, whoever measured it, and an hour of arrival from it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from shapely import Point as Place

from compliance.record.database import reading, transaction
from compliance.registry.tables import Site
from matching.distances import LORRY, Distances, Legs, NoDistances, Point, Profile, Trouble
from tests.tracking.world import DESTINATION, ORIGIN, START, World
from tracking.trips import routes
from tracking.trips.tables import Trip, TripRoute


class Roads:
    """A road server that knows one answer, or none."""

    source = "osrm"
    version = "1"

    def __init__(self, metres: int | None) -> None:
        self.metres = metres

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Answer, or say why not."""
        if self.metres is None:
            raise NoDistances("osrm", next(iter(Trouble)))
        return Legs(np.array([self.metres]), np.array([3_600]), self.source, self.version)


def sites() -> list[Site]:
    """Return the two ends as the register has them."""
    return [cast("Site", SimpleNamespace(location=Place(lon, lat))) for lat, lon in (ORIGIN, DESTINATION)]


def provider(metres: int | None) -> Distances:
    """Return a road server for the test."""
    return cast("Distances", Roads(metres))


def test_a_way_is_measured_by_roads_and_guessed_without() -> None:
    """A road server that is away must not leave a trip without a plan, nor its guess without a name."""
    measured, guessed = (routes.between(*sites(), provider(metres)) for metres in (70_000, None))
    assert (measured.distance_m, measured.source) == (70_000, "osrm")
    assert guessed.source == "estimate"
    assert 60_000 < guessed.distance_m < 110_000
    assert measured.estimated


def test_the_rest_of_the_way_takes_its_share_of_the_time() -> None:
    """The receiver opens the gate when the truck is there, and not an hour before."""
    row: Any = SimpleNamespace(duration_s=3_600.0, distance_m=60_000.0, source="osrm", estimated=True)
    half = routes.arrival(row, 0.5, START)
    assert (half.at, half.left_m, half.estimated) == (START + timedelta(minutes=30), 30_000, False)
    assert routes.arrival(row, 1.2, START).left_m == 0


def test_a_planned_trip_has_a_way_that_a_road_server_betters(world: World) -> None:
    """Without a way no deviation is ever found; an estimate must not overwrite what was measured."""
    before = world.get(TripRoute, world.trip_id)
    assert (before.source, before.estimated) == ("estimate", True)
    with reading(world.engine) as session:
        way = routes.measured(session, session.get_one(Trip, world.trip_id), provider(70_000))
        guess = routes.measured(session, session.get_one(Trip, world.trip_id))
    for found in (way, guess):
        with transaction(world.engine) as session:
            routes.redraw(session, world.trip_id, found)
    after = world.get(TripRoute, world.trip_id)
    assert (after.source, after.distance_m) == ("osrm", 70_000)
