"""How does a restricted area come onto the map, change and go, and how is an exception noted?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import shapely
from shapely import MultiPolygon, Polygon
from shapely.errors import ShapelyError
from shapely.geometry import shape as geometry_of
from sqlalchemy import select

from compliance.record.clock import SHANGHAI
from compliance.record.errors import N_, Forbidden, Invalid, NotFound
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry.rules import place_fault
from tracking.fleet import queries as fleet
from tracking.fleet.rules import plate_key
from tracking.geofences import queries
from tracking.geofences.tables import AreaApproval, AreaVersion
from tracking.judgement.notes import note

MAY_EDIT = (Role.OPERATOR, Role.INSPECTOR)
DAY = 24 * 60
CORNERS = 5_000
WIDEST_DEG = 3.0
"""A restricted area is a part of a city; what is wider is a mistake in the file."""


@dataclass(frozen=True, slots=True)
class NewArea:
    """What is said of a restricted area: its boundary as GeoJSON, its days, hours and notice."""

    name: str
    boundary: Mapping[str, object]
    basis: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    minute_from: int = 0
    minute_to: int = DAY
    weekdays: tuple[int, ...] = tuple(range(7))


@dataclass(frozen=True, slots=True)
class NewApproval:
    """What the police's paper says: for which plate, on which days, under which number."""

    plate: str
    number: str
    valid_from: date
    valid_to: date


def add_area(work: Work, new: NewArea) -> AreaVersion:
    """Put a restricted area on the map; it counts from now on."""
    _require_editor(work)
    row = _version(work, work.new_id(), 1, new)
    work.append("AreaRestricted", row.id, name=row.name, version=row.version)
    return row


def change_area(work: Work, area_id: UUID, new: NewArea) -> AreaVersion:
    """Give a restricted area another form from now on; what was judged before stays judged by the old."""
    _require_editor(work)
    before = queries.area(work.session, area_id, lock=True)
    before.until = work.now
    work.session.flush()
    row = _version(work, area_id, before.version + 1, new)
    work.append("AreaRestricted", row.id, name=row.name, version=row.version)
    return row


def end_area(work: Work, area_id: UUID) -> AreaVersion:
    """Take a restricted area off the map from now on."""
    _require_editor(work)
    row = queries.area(work.session, area_id, lock=True)
    row.until = work.now
    work.session.flush()
    work.append("AreaFreed", row.id, name=row.name, version=row.version)
    return row


def approve(work: Work, area_id: UUID, new: NewApproval) -> AreaApproval:
    """Note the police's approval; a stay of that vehicle that was reported already is withdrawn."""
    _require_editor(work)
    row = queries.area(work.session, area_id)
    if new.valid_to < new.valid_from:
        raise Invalid(N_("The last day is before the first."), field="valid_to")
    if not plate_key(new.plate):
        raise Invalid(N_("Which vehicle is approved? Write its plate."), field="plate")
    approval = AreaApproval(
        id=work.new_id(),
        area_id=row.id,
        plate=new.plate.strip(),
        plate_key=plate_key(new.plate),
        number=new.number.strip(),
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        added_at=work.now,
        person_id=work.who.person_id,
    )
    work.session.add(approval)
    work.session.flush()
    _look_again(work, approval)
    work.append(
        "AreaApproved", row.id, approval=str(approval.id), plate=approval.plate, number=approval.number
    )
    return approval


def withdraw_approval(work: Work, area_id: UUID, approval_id: UUID) -> AreaApproval:
    """Take an approval back; stays that it covered are reported after all."""
    _require_editor(work)
    row = work.session.scalar(
        select(AreaApproval)
        .where(AreaApproval.id == approval_id, AreaApproval.area_id == area_id)
        .with_for_update()
    )
    if row is None or row.withdrawn_at is not None:
        raise NotFound("approval", approval_id)
    row.withdrawn_at = work.now
    work.session.flush()
    _look_again(work, row)
    work.append("AreaApprovalWithdrawn", row.area_id, approval=str(row.id), plate=row.plate)
    return row


def _require_editor(work: Work) -> None:
    if work.who.person_id is not None and not work.who.has(*MAY_EDIT):
        raise Forbidden(N_("Only the operator and inspectors draw restricted areas."))


def _look_again(work: Work, approval: AreaApproval) -> None:
    vehicle = fleet.by_plate(work.session, approval.plate)
    if vehicle is None:
        return
    since = _midnight(approval.valid_from)
    until = _midnight(approval.valid_to) + timedelta(days=1)
    if since <= work.now:
        note(work.session, {vehicle.id: (since, until)})


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _version(work: Work, area_id: UUID, version: int, new: NewArea) -> AreaVersion:
    _check(new)
    row = AreaVersion(
        id=area_id,
        version=version,
        name=new.name.strip(),
        basis=new.basis.strip(),
        boundary=boundary_of(new.boundary),
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        minute_from=new.minute_from,
        minute_to=new.minute_to,
        weekdays=sorted(set(new.weekdays)),
        since=work.now,
        person_id=work.who.person_id,
    )
    work.session.add(row)
    work.session.flush()
    return row


def _check(new: NewArea) -> None:
    if not new.name.strip():
        raise Invalid(N_("A restricted area needs a name."), field="name")
    if new.valid_from and new.valid_to and new.valid_to < new.valid_from:
        raise Invalid(N_("The last day is before the first."), field="valid_to")
    if not (0 <= new.minute_from < DAY and 0 < new.minute_to <= DAY) or new.minute_from == new.minute_to:
        raise Invalid(
            N_("Hours run from 00:00 to 24:00, and begin and end at different times."), field="hours"
        )
    if not new.weekdays or not set(new.weekdays) <= set(range(7)):
        raise Invalid(N_("On which days of the week? Monday is 0 and Sunday 6."), field="weekdays")


def boundary_of(told: Mapping[str, object]) -> MultiPolygon:
    """Read a boundary from GeoJSON: polygons, or features that hold some, in WGS-84 within China."""
    polygons = [one for shape in _shapes(told) for one in _polygons(shape)]
    if not polygons:
        raise Invalid(
            N_("This GeoJSON holds no polygon."),
            field="boundary",
            way_out=N_("Draw the area on the map, or import a Polygon or MultiPolygon in WGS-84."),
        )
    whole = shapely.union_all(polygons)
    found = MultiPolygon([whole]) if isinstance(whole, Polygon) else whole
    _check_boundary(found)
    assert isinstance(found, MultiPolygon)
    return found


def _shapes(told: Mapping[str, object]) -> list[object]:
    kind = told.get("type")
    if kind == "FeatureCollection":
        features = told.get("features")
        return (
            [one.get("geometry") for one in features if isinstance(one, Mapping)]
            if isinstance(features, list)
            else []
        )
    return [told.get("geometry") if kind == "Feature" else told]


def _polygons(told: object) -> list[Polygon]:
    try:
        shape = geometry_of(told)
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise Invalid(N_("This GeoJSON cannot be read."), field="boundary") from None
    if shapely.get_num_coordinates(shape) > CORNERS:
        raise Invalid(N_("This boundary has more than 5000 corners; simplify it."), field="boundary")
    if isinstance(shape, Polygon):
        return [shape] if not shape.is_empty else []
    return list(shape.geoms) if isinstance(shape, MultiPolygon) else []


def _check_boundary(found: object) -> None:
    if not isinstance(found, MultiPolygon) or not found.is_valid or found.area == 0:
        raise Invalid(
            N_("This boundary crosses itself or encloses nothing."),
            field="boundary",
            way_out=N_("Draw the corners in their order around the area."),
        )
    west, south, east, north = found.bounds
    if place_fault(south, west) or place_fault(north, east):
        raise Invalid(
            N_("This boundary lies outside China."),
            field="boundary",
            way_out=N_("GeoJSON writes the longitude first; coordinates are WGS-84."),
        )
    if max(east - west, north - south) > WIDEST_DEG:
        raise Invalid(N_("This area is wider than three degrees: no city is."), field="boundary")
