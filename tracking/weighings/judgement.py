"""Which alerts follow from a weighing, from a load weighed at both ends, and from a ticket that was refused?

Judged with the tickets and fixes that are here; whatever comes later judges what it touches anew, so that the
order in which data come in leaves the same alerts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from compliance.record.clock import SHANGHAI, local_date
from compliance.record.work import Work
from devices.readings import WeighingReading
from tracking.alerts import service as alerts
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import Finding, Subjects
from tracking.fleet.tables import Device
from tracking.intake.rules import Reason
from tracking.positions.rules import Fix
from tracking.trips.tables import Trip
from tracking.weighings import facts, instruments, photos, queries
from tracking.weighings.reconciliation import MOST, Compared, disagreement, drift
from tracking.weighings.rules import Part, Place
from tracking.weighings.signs import RULES, Facts, signs, ticket_gap
from tracking.weighings.tables import Weighing

LATE = timedelta(minutes=10)
"""What comes this long after it happened could warn nobody."""
OF_A_TICKET = frozenset(RULES) - {Kind.TICKET_GAP}


def judge(work: Work, row: Weighing) -> None:
    """Judge a ticket that has come in, and the weighings that it says something about."""
    look_at(work, row)
    _look_for_gaps(work, row)
    for _, other in photos.alike(work.session, row):
        look_at(work, other)
    if row.shadow:
        return
    for shadow in facts.shadows_around(work.session, row):
        look_at(work, shadow)
    if row.role == Part.TARE.value:
        for later in facts.later_tares(work.session, row):
            look_at(work, later)
    _look_at_certificate(work, row)


def look_at(work: Work, row: Weighing) -> None:
    """Make the alerts about one weighing say what its facts say now."""
    found = signs(facts.of(work.session, row))
    findings = [_finding(kind, row, evidence) for kind, evidence in found.items() if kind in OF_A_TICKET]
    alerts.settle(work, OF_A_TICKET, str(row.id), findings)


def look_at_trip(work: Work, trip: Trip) -> None:
    """Judge a load that both ends have weighed: do the nets agree, and does either scale drift?"""
    about = Subjects(vehicle_id=trip.vehicle_id, trip_id=trip.id, manifest_id=trip.manifest_id)
    found: list[Finding] = []
    if trip.sender_kg is not None and trip.receiver_kg is not None:
        allowed = instruments.tolerance_of(work.session, trip, trip.receiver_kg)
        evidence = disagreement(trip.sender_kg, trip.receiver_kg, allowed)
        if evidence is not None:
            evidence |= {"tickets": [row.ticket_hash for row in queries.of_trip(work.session, trip.id)]}
            found = [Finding(Kind.WEIGHTS_DISAGREE, about, trip.planned_at, evidence=evidence)]
    alerts.settle(work, [Kind.WEIGHTS_DISAGREE], str(trip.id), found)
    if trip.sender_kg is not None and trip.receiver_kg is not None:
        for scale in {row.device_id for row in queries.of_trip(work.session, trip.id)}:
            _look_for_drift(work, scale)


def look_at_refusal(work: Work, scale: Device, told: WeighingReading, reason: Reason) -> None:
    """Raise what a ticket says that was refused: its chain or its signature does not hold."""
    about = Subjects(scale.id, site_id=scale.site_id)
    evidence: dict[str, object] = {
        "reason": reason.value,
        "ticket": told.ticket_number,
        "ticket_hash": told.ticket_hash,
        "previous_hash": told.previous_hash,
    }
    late = work.now - told.device_time > LATE
    kind = Kind.CONTENT_CONFLICT if reason is Reason.SEQUENCE_CONFLICT else Kind.CHAIN_BROKEN
    alerts.raise_alert(work, kind, about, told.device_time, evidence=evidence, late=late)


def look_again(work: Work, fixes: Mapping[UUID, Iterable[Fix]]) -> None:
    """Judge the tickets anew that fixes which came late say something about."""
    late = {
        vehicle: times
        for vehicle, several in fixes.items()
        if (times := [fix.at for fix in several if work.now - fix.at > timedelta(minutes=1)])
    }
    if not late:
        return
    every = [at for times in late.values() for at in times]
    for row in facts.weighed_between(work.session, late, min(every), max(every)):
        if any(abs(row.at - at) <= facts.NEARBY for at in late.get(row.vehicle_id or UUID(int=0), ())):
            look_at(work, row)


def _look_for_gaps(work: Work, row: Weighing) -> None:
    """Say which tickets before others never came, around one that did."""
    rows = {one.id: one for one in facts.numbered_around(work.session, row)}
    for key, missing in facts.gaps(rows.values(), work.now).items():
        beside = abs(rows[key].ticket_number - row.ticket_number) <= 1
        if missing is not None or beside:
            shown = Facts(kg=0, division_kg=1, missing=missing)
            evidence = ticket_gap(shown)
            found = [] if evidence is None else [_finding(Kind.TICKET_GAP, rows[key], evidence)]
            alerts.settle(work, [Kind.TICKET_GAP], str(key), found)


def _look_at_certificate(work: Work, row: Weighing) -> None:
    """Say when a scale weighed whose verification, as far as it is on record, did not hold that day."""
    known = queries.certificates(work.session, [row.device_id]).get(row.device_id, [])
    day = local_date(row.at)
    if not known or any(one.verified_on <= day <= one.valid_to for one in known):
        return
    last = max((one for one in known if one.valid_to < day), key=lambda one: one.valid_to, default=None)
    if last is None:
        return
    since = datetime.combine(last.valid_to + timedelta(days=1), time(), SHANGHAI)
    about = Subjects(row.device_id, site_id=row.site_id, weighing_id=row.id, trip_id=row.trip_id)
    evidence: dict[str, object] = {
        "certificate": last.number,
        "valid_to": last.valid_to.isoformat(),
        "day": day.isoformat(),
    }
    alerts.raise_alert(work, Kind.CERTIFICATE, about, since, evidence=evidence)


def _look_for_drift(work: Work, device_id: str) -> None:
    found = drift(compared(work.session, device_id))
    findings: list[Finding] = []
    if found is not None:
        evidence: dict[str, object] = {
            "before_permille": found.before_permille,
            "now_permille": found.now_permille,
            "loads": found.loads,
            "others": found.others,
        }
        scale = work.session.get(Device, device_id)
        about = Subjects(device_id, site_id=scale.site_id if scale is not None else None)
        findings = [Finding(Kind.CALIBRATION_DRIFT, about, found.since, evidence=evidence)]
    alerts.settle(work, [Kind.CALIBRATION_DRIFT], device_id, findings)


def compared(session: Session, device_id: str) -> list[Compared]:
    """Return the newest loads that a scale and another have weighed."""
    own, other = aliased(Weighing), aliased(Weighing)
    rows = session.execute(
        select(own.at, own.place, other.device_id, Trip.sender_kg, Trip.receiver_kg)
        .join(Trip, Trip.id == own.trip_id)
        .join(other, (other.trip_id == own.trip_id) & (other.place != own.place))
        .where(
            own.device_id == device_id,
            own.role == Part.GROSS.value,
            other.role == Part.GROSS.value,
            Trip.sender_kg.is_not(None),
            Trip.receiver_kg.is_not(None),
        )
        .order_by(own.at.desc(), own.id)
        .limit(MOST)
    )
    found = []
    for at, place, name, sender, receiver in rows:
        nets = (sender or 0, receiver or 0)
        own_kg, other_kg = nets if place == Place.SOURCE.value else reversed(nets)
        found.append(Compared(at, own_kg, other_kg, name))
    return found


def _finding(kind: Kind, row: Weighing, evidence: dict[str, object]) -> Finding:
    about = Subjects(
        device_id=row.device_id,
        vehicle_id=row.vehicle_id,
        trip_id=row.trip_id,
        manifest_id=row.manifest_id,
        weighing_id=row.id,
        site_id=row.site_id,
    )
    told = evidence | {"ticket": row.ticket_number, "ticket_hash": row.ticket_hash}
    return Finding(kind, about, row.at, evidence=told, late=row.received_at - row.at > LATE)
