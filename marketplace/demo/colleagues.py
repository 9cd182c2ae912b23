"""Who does what nobody has done yet, so that a demonstration with one visitor does not stand still?

Simulated colleagues act through the same services as people, some seconds after a person could have.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Engine, and_, func, not_, select
from sqlalchemy.orm import Session

from compliance.manifests import service as manifests
from compliance.manifests.rules import Act
from compliance.manifests.rules import State as ManifestState
from compliance.manifests.tables import Manifest
from compliance.receipts import queries as receipt_queries
from compliance.receipts import service as receipts
from compliance.record.clock import Now
from compliance.record.database import reading, transaction
from compliance.record.errors import DomainError
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry.tables import Organisation, Person
from marketplace.accounts.tables import Account
from marketplace.deals import service as deals
from marketplace.demo.steps import Load, Step, next_step
from marketplace.lots.rules import State as LotState
from marketplace.lots.tables import Lot
from marketplace.matches.rules import State as MatchState
from marketplace.matches.tables import Match
from marketplace.settlements import service as settlements
from marketplace.settlements.rules import State as SettlementState
from marketplace.settlements.tables import Settlement
from tracking.fleet.tables import Vehicle
from tracking.trips import queries as trip_queries
from tracking.trips import service as trips
from tracking.trips.rules import Act as TripAct
from tracking.trips.rules import State as TripState
from tracking.trips.tables import Trip

OVER = frozenset(
    {ManifestState.CLOSED, ManifestState.CANCELLED, ManifestState.REFUSED, ManifestState.RETURNING}
)
TRIP_ACTS = {
    Step.ARRIVE: TripAct.ARRIVE,
    Step.LOAD: TripAct.LOAD,
    Step.DEPART: TripAct.DEPART,
    Step.DELIVER: TripAct.DELIVER,
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenLoad:
    """A load that is not closed yet, with what its next step and its truck depend on."""

    manifest_id: UUID
    trip_id: UUID
    vehicle_id: UUID
    origin_site_id: UUID
    destination_site_id: UUID
    planned_kg: int
    load: Load

    @property
    def step(self) -> Step | None:
        """Return the next act that a person owes this load."""
        return next_step(self.load)


LEAD = timedelta(minutes=90)
"""So long before it is due a simulated vehicle sets out to a load that the dispatcher's login may plan."""


def open_loads(session: Session, now: datetime) -> list[OpenLoad]:
    """Return every load on the move or waiting for somebody, oldest first.

    What the dispatcher's login may still plan is left alone until it is nearly due, unless a visitor has
    listed it: who waits for the own load is not kept waiting.
    """
    visited = select(Person.organisation_id).join(Account, Account.person_id == Person.id)
    planned = and_(
        Trip.carrier_id.in_(visited),
        Trip.mover_id.not_in(visited),
        Trip.state == TripState.PLANNED.value,
        Trip.at_origin_at.is_(None),
        Trip.due_at > now + LEAD,
    )
    rows = session.execute(
        select(Manifest, Trip)
        .join(Trip, Trip.manifest_id == Manifest.id)
        .where(Manifest.state.not_in([state.value for state in OVER]), not_(func.coalesce(planned, False)))
        .order_by(Manifest.created_at)
    ).all()
    pairs = list(rows)
    keys = [manifest.id for manifest, _ in pairs]
    drafted = receipt_queries.of_manifests(session, keys)
    due = _due(session, keys)
    return [_open(manifest, trip, manifest.id in drafted, manifest.id in due) for manifest, trip in pairs]


def _due(session: Session, manifest_ids: Sequence[UUID]) -> set[UUID]:
    return set(
        session.scalars(
            select(Settlement.manifest_id).where(
                Settlement.manifest_id.in_(manifest_ids), Settlement.state == SettlementState.DUE.value
            )
        )
    )


def _open(manifest: Manifest, trip: Trip, receipt_drafted: bool, unpaid: bool) -> OpenLoad:
    load = Load(
        manifest=ManifestState(manifest.state),
        trip=TripState(trip.state),
        at_origin=trip.at_origin_at is not None,
        source_weighed=trip.sender_kg is not None,
        at_destination=trip.arrived_at is not None,
        receipt_drafted=receipt_drafted,
        unpaid=unpaid,
    )
    return OpenLoad(
        manifest.id,
        trip.id,
        trip.vehicle_id,
        trip.origin_site_id,
        trip.destination_site_id,
        manifest.planned_kg,
        load,
    )


class Colleagues:
    """Acts for people who have not acted for `patience_s` seconds of the machine; 0: never."""

    def __init__(
        self, engine: Engine, now: Now, patience_s: float, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self.engine = engine
        self.now = now
        self.patience_s = patience_s
        self.seconds = seconds
        self.waiting: dict[tuple[UUID, Step], float] = {}

    def act(self, loads: Sequence[OpenLoad]) -> int:
        """Do every step that has waited long enough; return how many were done."""
        if not self.patience_s:
            return 0
        owed = {(load.manifest_id, load.step) for load in loads if load.step}
        self.waiting = {key: since for key, since in self.waiting.items() if key in owed}
        done = 0
        for load in loads:
            step = load.step
            if step and self._is_patient_enough(load.manifest_id, step):
                done += self._try(load, step)
        return done

    def _is_patient_enough(self, manifest_id: UUID, step: Step) -> bool:
        since = self.waiting.setdefault((manifest_id, step), self.seconds())
        return self.seconds() - since >= self.patience_s

    def _try(self, load: OpenLoad, step: Step) -> int:
        try:
            with transaction(self.engine) as session:
                perform(Work(session, self.now(), _nobody()), load, step)
        except DomainError as refusal:
            log.info("colleague.refused", step=step.value, reason=str(refusal))
            self.waiting[load.manifest_id, step] = self.seconds()
            return 0
        self.waiting.pop((load.manifest_id, step), None)
        return 1

    def trade(self, most: int) -> int:
        """Accept matches of lots that nobody tends, as long as fewer than `most` loads are open."""
        with reading(self.engine) as session:
            room = most - len(open_loads(session, self.now()))
            chosen = _tempting(session, max(0, room))
        return sum(self._accept(match_id, producer_id) for match_id, producer_id in chosen)

    def _accept(self, match_id: UUID, producer_id: UUID) -> int:
        try:
            with transaction(self.engine) as session:
                who = acting(session, producer_id, Role.PRODUCER)
                deals.accept(Work(session, self.now(), who), match_id)
        except DomainError as refusal:
            log.info("colleague.refused", step="accept", reason=str(refusal))
            return 0
        return 1


def perform(work: Work, load: OpenLoad, step: Step) -> None:
    """Do one step as the person whose turn it is."""
    session = work.session
    manifest = session.get_one(Manifest, load.manifest_id)
    if step in TRIP_ACTS:
        trip = trip_queries.by_manifest(session, manifest.id)
        assert trip is not None
        driver = acting(session, manifest.carrier_id, Role.DRIVER, manifest.driver_id)
        trips.advance(replace(work, who=driver), trip, TRIP_ACTS[step])
    elif step is Step.ISSUE:
        mover = acting(session, manifest.mover_id, Role.PRODUCER)
        manifests.act(replace(work, who=mover), manifest, Act.ISSUE)
    elif step is Step.PAY:
        _pay(work, manifest)
    else:
        _receive(replace(work, who=acting(session, manifest.receiver_id, Role.PROCESSOR)), manifest, step)


def _receive(work: Work, manifest: Manifest, step: Step) -> None:
    if step is not Step.RECEIVE:
        manifests.act(work, manifest, Act.TREAT if step is Step.TREAT else Act.CLOSE)
        return
    receipt = receipt_queries.of_manifest(work.session, manifest.id)
    assert receipt is not None
    receipts.sign(work, manifest, receipt.receiver_kg)


def _pay(work: Work, manifest: Manifest) -> None:
    row = work.session.scalar(select(Settlement).where(Settlement.manifest_id == manifest.id))
    assert row is not None
    for payer in {line.payer_id for line in row.lines if line.paid_at is None}:
        person = acting(work.session, payer, None)
        settlements.pay(replace(work, who=person), row.id)


def acting(session: Session, organisation_id: UUID, role: Role | None, person_id: UUID | None = None) -> Who:
    """Return a person of an organisation who holds a role (None: anybody), as the one who acts."""
    people = session.scalars(
        select(Person).where(Person.organisation_id == organisation_id).order_by(Person.id)
    )
    fitting = [one for one in people if role is None or role.value in one.roles]
    person = next((one for one in fitting if one.id == person_id), fitting[0])
    return Who(person.id, person.name, organisation_id, frozenset(Role(name) for name in person.roles))


def _nobody() -> Who:
    return Who(None, "", None, frozenset())


def _tempting(session: Session, most: int) -> list[tuple[UUID, UUID]]:
    """Return the best matches of simulated producers' lots that have no vehicle in common.

    What the demonstration's logins hold is left to the visitors: their lots, and the driver's vehicle.
    """
    visited = select(Person.organisation_id).join(Account, Account.person_id == Person.id)
    driven = select(Vehicle.id).join(Account, Account.person_id == Vehicle.driver_id)
    rows = session.execute(
        select(Match, Lot.organisation_id)
        .join(Lot, Lot.id == Match.lot_id)
        .join(Organisation, Organisation.id == Lot.organisation_id)
        .where(
            Match.rank == 1,
            Match.state == MatchState.PROPOSED.value,
            Lot.state == LotState.LISTED.value,
            Organisation.simulated,
            Lot.organisation_id.not_in(visited),
            Match.vehicle_id.not_in(driven),
        )
        .order_by(Match.metres)
    ).all()
    chosen: dict[UUID, tuple[UUID, UUID]] = {}
    for match, producer_id in rows:
        if len(chosen) < most and match.vehicle_id not in chosen:
            chosen[match.vehicle_id] = (match.id, producer_id)
    return list(chosen.values())
