"""Which instruments are the scales, until when are they verified, and what do two nets of a load allow?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.record.errors import N_, Invalid, NotFound
from compliance.record.work import Work
from tracking.alerts import queries as alerts
from tracking.alerts import service
from tracking.alerts.kinds import Kind
from tracking.fleet.rules import DeviceKind
from tracking.fleet.tables import Device
from tracking.trips.tables import Trip
from tracking.weighings import queries
from tracking.weighings.rules import Part, Place
from tracking.weighings.tables import Scale, ScaleCertificate, Weighing, WeightAllowance
from tracking.weighings.tolerance import Allowance, Basis, End, Instrument, Tolerance, tolerance


class Scope(StrEnum):
    """For what an allowance holds."""

    DEAL = "deal"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class NewScale:
    """What an instrument's plate says: division and largest load in kilograms, serial, indicator."""

    division_kg: int
    max_kg: int
    serial: str = ""
    indicator: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """One verification: its number, by whom, on which day, and its last valid day."""

    number: str
    issued_by: str
    verified_on: date
    valid_to: date
    simulated: bool = False


def register(work: Work, device_id: str, new: NewScale) -> Scale:
    """Put a scale's instrument on record, or correct it; refuse what no truck scale of class III can be."""
    _scale_device(work.session, device_id)
    if new.division_kg < 1 or not 500 * new.division_kg <= new.max_kg <= 10_000 * new.division_kg:
        raise Invalid(
            N_("A truck scale of class III has a largest load of 500 to 10,000 divisions."),
            field="max_kg",
            way_out=N_("Copy Max and e from the instrument's plate, in kilograms."),
        )
    row = work.session.get(Scale, device_id) or Scale(device_id=device_id)
    row.division_kg, row.max_kg = new.division_kg, new.max_kg
    row.serial, row.indicator, row.simulated = new.serial, new.indicator, new.simulated
    work.session.add(row)
    return row


def certify(work: Work, device_id: str, new: NewCertificate) -> ScaleCertificate:
    """Enter a verification of a scale; the same number again corrects it.

    Takes back what was said of days that it turns out to cover.
    """
    _scale_device(work.session, device_id)
    if new.valid_to < new.verified_on:
        raise Invalid(N_("A certificate cannot end before its verification."), field="valid_to")
    there = queries.certificates(work.session, [device_id]).get(device_id, [])
    row = next((one for one in there if one.number == new.number), None)
    row = row or ScaleCertificate(id=work.new_id(), device_id=device_id, number=new.number)
    row.issued_by, row.simulated = new.issued_by, new.simulated
    row.verified_on, row.valid_to = new.verified_on, new.valid_to
    work.session.add(row)
    for alert in alerts.of_subject(work.session, [Kind.CERTIFICATE], device_id):
        if new.verified_on <= date.fromisoformat(str(alert.evidence["day"])) <= new.valid_to:
            service.withdraw(work, alert)
    return row


def allow(work: Work, scope: Scope, subject_id: UUID, allowed: Allowance) -> WeightAllowance:
    """Set what a contract or a site allows the two nets of a load to differ."""
    row = work.session.get(WeightAllowance, subject_id) or WeightAllowance(subject_id=subject_id)
    row.scope, row.fuel_kg = scope.value, allowed.fuel_kg
    row.fixed_permille = _decimal(allowed.fixed_permille)
    row.moisture_permille = _decimal(allowed.moisture_permille) or Decimal(0)
    row.person_id, row.at = work.who.person_id, work.now
    work.session.add(row)
    return row


def tolerance_of(session: Session, trip: Trip, receiver_kg: int) -> Tolerance:
    """Return how far the nets of a trip may differ, from its tickets' instruments and what was agreed."""
    tickets = queries.of_trip(session, trip.id)
    known = queries.scales(session, {row.device_id for row in tickets})
    said = queries.allowances(session, [trip.deal_id, trip.destination_site_id])
    return tolerance(
        _end(tickets, Place.SOURCE, known),
        _end(tickets, Place.DESTINATION, known),
        receiver_kg,
        contract=_allowance(said.get(trip.deal_id)),
        site=_allowance(said.get(trip.destination_site_id)),
    )


def told(found: Tolerance) -> dict[str, object]:
    """Return a tolerance as a receipt keeps it: JSON-ready, with the parts that make it up."""
    parts: dict[str, object] = {"kg": found.kg, "basis": found.basis.value}
    if found.basis is Basis.INSTRUMENTS:
        names = ("source_kg", "destination_kg", "moisture_kg", "fuel_kg")
        return parts | {name: getattr(found, name) for name in names}
    return parts | {"permille": str(_decimal(found.permille))}


def instrument(row: Scale) -> Instrument:
    """Return the rules' view of an instrument on record."""
    return Instrument(row.device_id, row.division_kg, row.max_kg)


def _end(tickets: Iterable[Weighing], place: Place, known: Mapping[str, Scale]) -> End:
    laden = [row for row in tickets if row.place == place.value and row.role != Part.TARE.value]
    gross = max(laden, key=lambda row: row.kg, default=None)
    if gross is None:
        return End(None, 0)
    scale = known.get(gross.device_id)
    return End(instrument(scale) if scale is not None else None, gross.kg)


def _allowance(row: WeightAllowance | None) -> Allowance | None:
    if row is None:
        return None
    fixed = None if row.fixed_permille is None else Fraction(row.fixed_permille)
    return Allowance(fixed, Fraction(row.moisture_permille), row.fuel_kg)


def _decimal(value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.001"))


def _scale_device(session: Session, device_id: str) -> Device:
    found = session.get(Device, device_id)
    if found is None or found.kind != DeviceKind.SCALE.value:
        raise NotFound("scale", device_id)
    return found
