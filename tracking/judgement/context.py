"""What is known around several vehicles' fixes: legs, planned routes, fences, drivers' cards?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.manifests.tables import Manifest
from compliance.registry.tables import Person
from tracking.fleet.tables import Device, Vehicle
from tracking.geofences import queries as geofences
from tracking.intake.tables import DeviceEvent
from tracking.judgement.rules import CARD, Around, Card, Leg, Route
from tracking.trips.rules import State
from tracking.trips.tables import Trip, TripRoute

PULLED = 2
"""JT/T 808 0x0702: 1 says that a card was put in, 2 that it was taken out."""


def around(session: Session, vehicle_ids: Iterable[UUID]) -> dict[UUID, Around]:
    """Return what is known around each of these vehicles."""
    ids = list(vehicle_ids)
    fences = geofences.fences(session)
    legs, cards = _legs(session, ids), _cards(session, ids)
    plates = session.execute(select(Vehicle.id, Vehicle.plate_key).where(Vehicle.id.in_(ids)))
    return {
        vehicle_id: Around(
            tuple(legs.get(vehicle_id, ())),
            fences.sites,
            fences.areas,
            plate,
            tuple(cards.get(vehicle_id, ())),
        )
        for vehicle_id, plate in plates
    }


def _legs(session: Session, ids: list[UUID]) -> Mapping[UUID, list[Leg]]:
    rows = session.execute(
        select(Trip, Manifest.hazardous, TripRoute, Person.name)
        .join(Manifest, Manifest.id == Trip.manifest_id)
        .outerjoin(Person, Person.id == Trip.driver_id)
        .outerjoin(TripRoute, TripRoute.trip_id == Trip.id)
        .where(Trip.vehicle_id.in_(ids), Trip.loaded_at.is_not(None), Trip.state != State.CANCELLED.value)
        .order_by(Trip.loaded_at, Trip.id)
    ).all()
    hazardous = {trip.run_id for trip, is_hazardous, _, _ in rows if is_hazardous}
    legs: dict[UUID, list[Leg]] = {}
    for trip, _, route, driver in rows:
        own = _leg(trip, route, driver or "", hazardous=trip.run_id in hazardous)
        legs.setdefault(trip.vehicle_id, []).append(own)
    return legs


def _leg(trip: Trip, route: TripRoute | None, driver: str, *, hazardous: bool) -> Leg:
    assert trip.loaded_at is not None
    drawn = None
    if route is not None and len(route.line) > 1:
        drawn = route_along(route.line, estimated=route.estimated)
    times = (trip.loaded_at, trip.done_at, trip.started_at, trip.arrived_at)
    return Leg(str(trip.id), *times, hazardous, drawn, driver)


def route_along(line: Sequence[Sequence[float]], *, estimated: bool) -> Route:
    """Return the route along stored points of latitude and longitude."""
    return _route_of(msgspec.json.encode(line), estimated=estimated)


@lru_cache(maxsize=1024)
def _route_of(line: bytes, *, estimated: bool) -> Route:
    return Route(msgspec.json.decode(line, type=list[tuple[float, float]]), estimated=estimated)


def _cards(session: Session, ids: list[UUID]) -> Mapping[UUID, list[Card]]:
    """Return what the terminals said of drivers' cards, by vehicle and in order."""
    rows = session.execute(
        select(Device.vehicle_id, DeviceEvent.device_time, DeviceEvent.args)
        .join(DeviceEvent, DeviceEvent.device_id == Device.id)
        .where(Device.vehicle_id.in_(ids), DeviceEvent.kind == CARD)
        .order_by(DeviceEvent.device_time, DeviceEvent.seq)
    )
    cards: dict[UUID, list[Card]] = {}
    for vehicle_id, at, args in rows:
        if vehicle_id is not None:
            cards.setdefault(vehicle_id, []).append(card_of(at, args))
    return cards


def card_of(at: datetime, args: Mapping[str, object]) -> Card:
    """Return a card event as the handlers see it; one that was taken out, or not read, has no number."""
    number = args.get("licenseNo") or args.get("license_no") or args.get("name") or ""
    return Card(
        at, "" if args.get("status") == PULLED else str(number).strip(), str(args.get("name") or "").strip()
    )
