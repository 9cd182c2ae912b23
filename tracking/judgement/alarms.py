"""Which alert does an episode raise for somebody to look into?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compliance.record.work import Work
from tracking.alerts import queries
from tracking.alerts import service as alerts
from tracking.alerts.kinds import Kind as Alert
from tracking.alerts.rules import Finding, Subjects
from tracking.fleet.tables import Vehicle
from tracking.judgement.handlers.status import LOCK
from tracking.judgement.rules import RULES, Kind
from tracking.judgement.tables import EpisodeRow
from tracking.trips.tables import Trip

RAISES: Mapping[Kind, Alert] = MappingProxyType(
    {
        Kind.DEVIATION: Alert.OFF_ROUTE,
        Kind.AREA: Alert.RESTRICTED_AREA,
        Kind.OVERSPEED: Alert.OVERSPEED,
        Kind.HALT: Alert.UNPLANNED_STOP,
        Kind.SILENCE: Alert.SILENCE,
        Kind.SEAL: Alert.DOOR_OPENED,
        Kind.LOAD: Alert.LOAD_CHANGED,
        Kind.WRONG_DRIVER: Alert.WRONG_DRIVER,
    }
)


def tell(work: Work, row: EpisodeRow) -> None:
    """Raise the alert of an episode on a trip, or bring it up to date."""
    found = _finding(work, row)
    if found is not None:
        alerts.note(work, found)


def take_back(work: Work, row: EpisodeRow) -> None:
    """Withdraw the alert of an episode that late data, or an approval, disproved."""
    found = _finding(work, row)
    there = None if found is None else queries.locked(work.session, found.key)
    if there is not None:
        alerts.withdraw(work, there)


def _finding(work: Work, row: EpisodeRow) -> Finding | None:
    kind = RAISES.get(Kind(row.kind))
    if kind is Alert.DOOR_OPENED and row.subject == str(LOCK):
        kind = Alert.SEAL_BROKEN
    if kind is None or row.trip_id is None:
        return None
    trip = work.session.get_one(Trip, row.trip_id)
    vehicle = work.session.get_one(Vehicle, row.vehicle_id)
    if kind is Alert.SILENCE and vehicle.device_id is None:
        return None
    subjects = Subjects(vehicle.device_id, vehicle.id, trip.id, trip.manifest_id)
    rule = RULES.get(Kind(row.kind))
    told = {"episode": str(row.id), "lat": row.lat, "lon": row.lon} | ({"rule": rule} if rule else {})
    return Finding(kind, subjects, row.since, row.until, row.facts | told, row.late)
