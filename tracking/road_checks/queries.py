"""Which manifests does a plate, a number or a QR code lead to, and which checks were made?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, bindparam, false, select
from sqlalchemy.orm import Session

from compliance.manifests.behind import ENDS, PARTIES, with_all_behind
from compliance.manifests.rules import State
from compliance.manifests.tables import Manifest, ManifestStatement
from compliance.record.errors import NotFound
from compliance.record.rows import PlainRow, plain_rows
from compliance.record.who import Who
from tracking.fleet.rules import plate_key
from tracking.fleet.tables import Vehicle
from tracking.positions.tables import LastPosition
from tracking.road_checks.rules import OVER, UNSAID, Asked, By, Holder
from tracking.road_checks.tables import RoadCheck

MOST = 5
RUNNING = tuple(state.value for state in State if state not in OVER | UNSAID)


def visible_to(who: Who) -> Select[RoadCheck]:
    """Return the statement for the checks a person may see: who oversees sees all, nobody else any."""
    statement = select(RoadCheck)
    return statement if who.oversees else statement.where(false())


def road_check(session: Session, check_id: UUID, who: Who) -> RoadCheck:
    """Return one check that the person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(RoadCheck.id == check_id))
    if found is None:
        raise NotFound("road check", check_id)
    return found


@dataclass(frozen=True, slots=True)
class Stopped:
    """A vehicle, and where its own terminal last said it was."""

    id: UUID
    plate: str
    lat: float | None
    lon: float | None
    at: datetime | None
    speed_kmh: float | None


@dataclass(frozen=True, slots=True)
class Load:
    """One manifest with whoever and whatever stands behind it, as far as a check asks."""

    manifest: Manifest
    statement: ManifestStatement | None
    mover: Holder
    carrier: Holder
    receiver: Holder
    origin: str
    destination: str
    vehicle_permit_to: date | None
    vehicle_classes: list[str]


_m = Manifest
_BEHIND = (
    with_all_behind(
        select(
            _m,
            ManifestStatement,
            *(part for one in PARTIES for part in (one.name, one.uscc, one.simulated)),
            *(part for one in ENDS for part in (one.name, one.address)),
            *(Vehicle.permit_to, Vehicle.dg_classes),
        )
    )
    .outerjoin(ManifestStatement, ManifestStatement.manifest_id == _m.id)
    .outerjoin(Vehicle, Vehicle.id == _m.vehicle_id)
    .where(_m.id.in_(bindparam("ids", expanding=True)))
    .order_by(_m.changed_at.desc())
)
_VEHICLES = select(
    *(Vehicle.id, Vehicle.plate, LastPosition.lat, LastPosition.lon),
    *(LastPosition.at, LastPosition.speed_kmh),
).outerjoin(LastPosition, LastPosition.vehicle_id == Vehicle.id)
_BY_PLATE = _VEHICLES.where(Vehicle.plate_key == bindparam("wanted"))
_BY_VEHICLE = _VEHICLES.where(Vehicle.id == bindparam("wanted"))
_BY_NUMBER = select(_m.id).where(_m.number == bindparam("wanted"))
_BY_NATIONAL = select(_m.id).where(_m.national_number == bindparam("wanted"))
_NEWEST_OF = select(_m.id).where(_m.vehicle_id == bindparam("wanted")).order_by(_m.changed_at.desc())
_RUNNING_OF = _NEWEST_OF.where(_m.state.in_(RUNNING)).limit(MOST)
_LAST_OF = _NEWEST_OF.where(_m.state != State.DRAFT.value).limit(1)
"""Built once: an officer waits at the roadside for each of them."""


def vehicle_of(session: Session, asked: Asked, loads: Sequence[Load] = ()) -> Stopped | None:
    """Return the vehicle with the plate that is asked for, or else the one on which the first load runs."""
    if asked.by is By.PLATE:
        found = plain_rows(session, _BY_PLATE, {"wanted": plate_key(asked.key)})
    elif loads:
        found = plain_rows(session, _BY_VEHICLE, {"wanted": loads[0].manifest.vehicle_id})
    else:
        found = ()
    return next((Stopped(*row) for row in found), None)


def loads_of(session: Session, asked: Asked, vehicle_id: UUID | None) -> list[Load]:
    """Return the manifests that are asked for; a vehicle's running ones, else the last it ran on.

    They are found first, by themselves: what stands behind them is then read by their ids. What they
    state comes along: the gates find it in the session as long as the load is held.
    """
    ids = _ids_of(session, asked, vehicle_id)
    return [_load(row) for row in session.execute(_BEHIND, {"ids": ids})] if ids else []


def _ids_of(session: Session, asked: Asked, vehicle_id: UUID | None) -> list[UUID]:
    if asked.by is By.QR:
        return [UUID(asked.key)]
    if asked.by is By.NUMBER:
        return _ids(session, _BY_NUMBER, asked.key) or _ids(session, _BY_NATIONAL, asked.key)
    if vehicle_id is None:
        return []
    return _ids(session, _RUNNING_OF, vehicle_id) or _ids(session, _LAST_OF, vehicle_id)


def _ids(session: Session, statement: Select[UUID], wanted: UUID | str) -> list[UUID]:
    return [row[0] for row in plain_rows(session, statement, {"wanted": wanted})]


def _load(row: PlainRow) -> Load:
    names, places, (permit_to, classes) = row[2:11], row[11:15], row[15:]
    mover, carrier, receiver = (Holder(*names[start : start + 3]) for start in (0, 3, 6))
    origin, destination = (f"{places[start]} {places[start + 1]}".strip() for start in (0, 2))
    return Load(row[0], row[1], mover, carrier, receiver, origin, destination, permit_to, classes or [])
