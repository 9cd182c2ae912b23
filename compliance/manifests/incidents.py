"""What has happened to a load on its way, and where: accidents, spills, people hurt (M18)?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.manifests import exceptions
from compliance.manifests.rules import State
from compliance.manifests.tables import Manifest
from compliance.record import ledger
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid, raise_all
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import place_fault

EVENT = "IncidentReported"


@dataclass(frozen=True, slots=True)
class Incident:
    """What somebody reports: in words, whether anything ran out, whether people are hurt, and where.

    `lat` and `lon` are degrees WGS-84; `file` is the SHA-256 of a photo, uploaded before.
    """

    what: str
    spilled: bool = False
    hurt: bool = False
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """An incident as it stands on the record, with who told it and when."""

    id: UUID
    at: datetime
    told_by: str
    house: str
    what: str
    spilled: bool
    hurt: bool
    place: str
    lat: float | None
    lon: float | None
    file: str | None


def report(work: Work, row: Manifest, incident: Incident) -> Reported:
    """Put an incident on the record; the inspectors are told at once. Whoever takes part may say so.

    It stops nothing: what is to become of the load is said by exceptions, a refusal or a hand-over.
    """
    own = work.who.organisation_id
    if own is None or own not in exceptions.taking_part(work.session, row):
        raise Forbidden(N_("Only who takes part in a manifest may report an incident."))
    if State(row.state) in {State.DRAFT, State.CANCELLED}:
        raise Conflict(
            N_("Nothing moves on a manifest that is {state}."),
            code="manifest_state",
            values={"state": row.state},
        )
    raise_all(_faults(incident))
    told = Reported(
        id=work.new_id(),
        at=work.now,
        told_by=work.who.name,
        house=registry.organisation(work.session, own).name,
        what=incident.what.strip(),
        spilled=incident.spilled,
        hurt=incident.hurt,
        place=incident.place.strip(),
        lat=incident.lat,
        lon=incident.lon,
        file=incident.file,
    )
    _append(work, row, told)
    return told


def _append(work: Work, row: Manifest, told: Reported) -> None:
    work.append(
        "IncidentReported",
        row.id,
        incident=str(told.id),
        deal=str(row.deal_id),
        plate=row.plate,
        code=row.code,
        state=row.state,
        what=told.what,
        spilled=told.spilled,
        hurt=told.hurt,
        place=told.place,
        lat=told.lat,
        lon=told.lon,
        file=told.file,
        told_by=told.told_by,
        house=told.house,
    )


def _faults(incident: Incident) -> list[DomainError]:
    faults: list[DomainError] = []
    if not incident.what.strip():
        faults.append(Invalid(N_("Say what has happened."), field="what"))
    lat, lon = incident.lat, incident.lon
    known = lat is not None and lon is not None
    if lat is not None and lon is not None and place_fault(lat, lon) is not None:
        faults.append(Invalid(N_("This is no place on earth."), field="lat"))
    if not known and not incident.place.strip():
        faults.append(
            Invalid(
                N_("Say where it happened."),
                field="place",
                way_out=N_("Name the road and the kilometre, or let the phone tell its place."),
            )
        )
    return faults


def of_manifest(session: Session, manifest_id: UUID) -> list[Reported]:
    """Return a manifest's incidents, oldest first; the caller has made sure that it may be seen."""
    return [_reported(one.event) for one in ledger.about(session, [manifest_id]) if one.event.kind == EVENT]


def _reported(event: ledger.Event) -> Reported:
    said = event.data
    return Reported(
        id=UUID(str(said["incident"])),
        at=event.at,
        told_by=str(said["told_by"]),
        house=str(said["house"]),
        what=str(said["what"]),
        spilled=bool(said["spilled"]),
        hurt=bool(said["hurt"]),
        place=str(said["place"]),
        lat=_degrees(said["lat"]),
        lon=_degrees(said["lon"]),
        file=str(said["file"]) if said["file"] else None,
    )


def _degrees(value: object) -> float | None:
    return None if value is None else float(str(value))
