"""Which day has the carrier of these tests?"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from compliance.manifests.tables import Manifest
from marketplace.plans import day as days
from marketplace.plans import proposal, service
from marketplace.plans.day import Day
from marketplace.plans.proposal import Proposal
from marketplace.plans.service import Wanted
from marketplace.solves import engines
from tests.factories.dispatch import open_day
from tests.factories.trade import Market
from tracking.trips.tables import Trip


@dataclass
class Dispatch:
    """The carrier's desk: three vehicles in Wuhan, three loads to Ezhou, each on a vehicle of its own."""

    market: Market
    loads: list[UUID] = field(default_factory=list)

    @property
    def near(self) -> UUID:
        """Return the vehicle whose home is at the producer's: it alone has hours for two loads."""
        return self.market.vehicles[0]

    @property
    def others(self) -> list[UUID]:
        """Return the loads that other vehicles carry."""
        return [load for load in self.loads if self.trip(load).vehicle_id != self.near]

    def day(self) -> Day:
        """Return the day as it is on record."""
        with self.market.work("carrier") as work:
            return days.of(work)

    def moved(self, *moves: tuple[UUID, UUID]) -> Proposal:
        """Return what moving loads would come to."""
        day = self.day()
        return proposal.propose(day, proposal.move(day, proposal.present(day).sequences, moves))

    def accept(self, proposed: Proposal, who: str = "carrier") -> UUID:
        """Accept a proposal."""
        with self.market.work(who) as work:
            return service.accept(work, Wanted(proposed.after.sequences, proposed.day.mark)).id

    def undo(self, plan_id: UUID) -> None:
        """Take a plan back."""
        with self.market.work("carrier") as work:
            service.undo(work, plan_id)

    def lock(self, kind: service.LockKind, subject: UUID, locked: bool = True) -> None:
        """Lock or unlock."""
        with self.market.work("carrier") as work:
            service.lock(work, kind, subject, locked)

    def trip(self, load: UUID) -> Trip:
        """Return a load's trip as it is stored."""
        (row,) = self.market.rows(select(Trip).where(Trip.manifest_id == load))
        assert isinstance(row, Trip)
        return row

    def manifest(self, load: UUID) -> Manifest:
        """Return a load's manifest as it is stored."""
        found = self.market.get(Manifest, load)
        assert isinstance(found, Manifest)
        return found


@pytest.fixture(scope="session")
def compiled() -> None:
    """A search that is compiled: a time limit must not go on that."""
    engines.warm_up()


@pytest.fixture
def desk(engine: Engine) -> Dispatch:
    """The carrier's day on each database."""
    return Dispatch(*open_day(engine))
