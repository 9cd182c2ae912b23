"""The record over HTTP: what is on the chain about a thing, with its hashes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from sqlalchemy import Select
from sqlalchemy.orm import Session

from compliance.manifests import queries as manifests
from compliance.manifests.tables import Manifest
from compliance.receipts.tables import Receipt
from compliance.record import ledger
from compliance.record.errors import NotFound
from compliance.record.ledger import Recorded
from compliance.record.who import Who
from marketplace.deals import queries as deals
from marketplace.deals.tables import Deal
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.lots import queries as lots
from marketplace.lots.tables import Lot
from marketplace.settlements import queries as settlements
from marketplace.settlements.tables import Settlement
from tracking.trips import queries as trips
from tracking.trips.tables import Trip


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """One event's place on the chain; its particulars are read where they belong."""

    seq: int
    id: UUID
    at: datetime
    kind: str
    subject: UUID
    person_id: UUID | None
    organisation_id: UUID | None
    previous_hash: str
    hash: str


class EventsView(msgspec.Struct, frozen=True, kw_only=True):
    """Events in the order of the chain."""

    items: list[EventView]


def event_view(recorded: Recorded) -> EventView:
    """Return an event's place on the chain."""
    event = recorded.event
    return EventView(
        seq=recorded.seq,
        id=event.id,
        at=event.at,
        kind=event.kind,
        subject=event.subject,
        person_id=event.person_id,
        organisation_id=event.organisation_id,
        previous_hash=recorded.previous_hash,
        hash=recorded.hash,
    )


def may_see(session: Session, subject: UUID, who: Who) -> bool:
    """Tell whether a person may see the thing that events are about, by that thing's own rule."""
    ways: list[Select[Any]] = [
        manifests.visible_to(who).where(Manifest.id == subject),
        trips.visible_to(who).where(Trip.id == subject),
        deals.visible_to(who).where(Deal.id == subject),
        lots.visible_to(who).where(Lot.id == subject),
        settlements.visible_to(who).where(Settlement.id == subject),
        manifests.visible_to(who)
        .join(Receipt, Receipt.manifest_id == Manifest.id)
        .where(Receipt.id == subject),
    ]
    return any(session.scalar(way.limit(1)) is not None for way in ways)


class Events(Controller):
    """The chain."""

    path = "/api/v1/events"
    tags = ("record",)

    @get("/", guards=[signed_in], sync_to_thread=True, operation_id="get_events")
    def about(self, request: Visit, door: NamedDependency[Door], subject: FromQuery[UUID]) -> EventsView:
        """List the events about a lot, deal, manifest, trip, receipt or settlement, oldest first."""
        with door.reading(request) as work:
            if not may_see(work.session, subject, work.who):
                raise NotFound("event", subject)
            return EventsView(items=[event_view(one) for one in ledger.about(work.session, [subject])])
