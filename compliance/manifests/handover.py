"""How does a load pass from one carrier to the next on its way (M9)?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from compliance.manifests import pinning, queries, service, statements
from compliance.manifests.gates import Signing
from compliance.manifests.rules import Act
from compliance.manifests.tables import Manifest, ManifestLeg
from compliance.record.errors import N_, DomainError, Invalid, RuleBroken, raise_all
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.tables import Person
from compliance.rulebook.rules import broken


class Means(StrEnum):
    """By what a load goes on."""

    BY_ROAD = "by_road"
    BY_RAIL = "by_rail"
    BY_WATER = "by_water"


class LegState(StrEnum):
    """Where one hand-over stands."""

    OFFERED = "offered"
    TAKEN = "taken"
    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What two carriers agreed: who takes the load over, by what, where and when."""

    carrier_id: UUID
    means: Means
    place: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Taking:
    """With what the next carrier takes the load over; `vehicle_id` for a vehicle that is on file here."""

    plate: str
    vehicle_id: UUID | None = None
    driver_id: UUID | None = None
    escort_id: UUID | None = None
    """On the road; without one the carrier's first escort with a certificate beside the driver (L9)."""


def offer(work: Work, row: Manifest, agreed: Agreed, signing: Signing | None = None) -> ManifestLeg:
    """Hand a load over to another carrier: place and hour are agreed, the next one has still to take it."""
    carrier = registry.organisation(work.session, agreed.carrier_id)
    raise_all([*place_faults(agreed, carrier.name, work.today), *_carrier_faults(row, agreed)])
    waste = pinning.waste_of(work.session, row)
    dg_class = statements.dg_class(work, row)
    faults = gates.carrier_faults(work.session, carrier.id, waste, work.today, dg_class)
    signing = signing or Signing()
    from_carrier_id = row.carrier_id
    service.act(work, row, Act.HAND_OVER, replace(signing, faults=(*signing.faults, *faults)))
    leg = ManifestLeg(
        id=work.new_id(),
        manifest_id=row.id,
        ordinal=len(queries.legs(work.session, row.id)) + 1,
        state=LegState.OFFERED.value,
        from_carrier_id=from_carrier_id,
        carrier_id=carrier.id,
        means=agreed.means.value,
        place=agreed.place.strip(),
        agreed_for=agreed.at,
        plate="",
        offered_at=work.now,
    )
    work.session.add(leg)
    work.append(
        "HandoverAgreed",
        row.id,
        carrier=str(carrier.id),
        means=leg.means,
        place=leg.place,
        at=agreed.at.isoformat(),
    )
    return leg


def place_faults(agreed: Agreed, carrier: str, on: date) -> list[RuleBroken]:
    """Return whether both carriers know where the load changes hands (M9)."""
    return [] if agreed.place.strip() else [broken("M9.not_agreed", on, field="place", carrier=carrier)]


def _carrier_faults(row: Manifest, agreed: Agreed) -> list[DomainError]:
    if agreed.carrier_id != row.carrier_id:
        return []
    return [
        Invalid(
            N_("The load is with this carrier already."),
            field="carrier",
            way_out=N_("Name the carrier that is to take it over."),
        )
    ]


def take_over(
    work: Work,
    row: Manifest,
    taking: Taking,
    faults: tuple[RuleBroken, ...] = (),
    signing: Signing | None = None,
) -> ManifestLeg:
    """Take a load over: the next carrier has looked at the papers, the waste and who brings it (M9).

    The permits of the next carrier and, on the road, of its driver and escort are asked for; `faults` is what
    the caller found against the vehicle.
    """
    if not taking.plate.strip():
        raise Invalid(N_("Say which vehicle, vessel or wagon takes the load over."), field="plate")
    leg = _open_leg(work, row)
    found = list(faults)
    if leg is not None:
        waste = pinning.waste_of(work.session, row)
        dg_class = statements.dg_class(work, row)
        found += gates.carrier_faults(work.session, leg.carrier_id, waste, work.today, dg_class)
        if leg.means == Means.BY_ROAD:
            driver = _of(work, leg, taking.driver_id)
            escort = _escort(work, leg, taking) if row.hazardous else None
            taking = replace(taking, escort_id=escort.id if escort is not None else None)
            found += gates.driver_faults(driver, waste, work.today)
            found += gates.escort_faults(escort, waste, taking.plate.strip(), work.today)
        _fill_in(work, row, leg, taking)
    service.act(work, row, Act.TAKE_OVER, replace(signing or Signing(), faults=tuple(found)))
    assert leg is not None
    leg.state, leg.ended_at = LegState.TAKEN.value, work.now
    work.append(
        "LoadTakenOver",
        row.id,
        deal=str(row.deal_id),
        carrier=str(leg.carrier_id),
        means=leg.means,
        plate=leg.plate,
        vehicle=str(taking.vehicle_id or ""),
        driver=str(taking.driver_id or ""),
    )
    return leg


def _fill_in(work: Work, row: Manifest, leg: ManifestLeg, taking: Taking) -> None:
    """Write the next carrier's part before it signs: its signature covers its own vehicle and permit."""
    leg.plate = taking.plate.strip()
    row.carrier_id, row.plate, row.driver_id = leg.carrier_id, leg.plate[:12], taking.driver_id
    row.escort_id = taking.escort_id
    if taking.vehicle_id is not None:
        row.vehicle_id = taking.vehicle_id
    statements.name_carrier(work, row)


def _of(work: Work, leg: ManifestLeg, person_id: UUID | None) -> Person | None:
    """Return one of the next carrier's own people."""
    found = registry.people(work.session, [person_id]).get(person_id) if person_id else None
    return found if found is not None and found.organisation_id == leg.carrier_id else None


def _escort(work: Work, leg: ManifestLeg, taking: Taking) -> Person | None:
    if taking.escort_id is None:
        return registry.escort_of(work.session, leg.carrier_id, work.today, [taking.driver_id])
    return _of(work, leg, taking.escort_id) if taking.escort_id != taking.driver_id else None


def keep(work: Work, row: Manifest, signing: Signing | None = None) -> None:
    """Call a hand-over off: the load goes on with the carrier that has it."""
    leg = _open_leg(work, row)
    service.act(work, row, Act.KEEP_LOAD, signing)
    if leg is not None:
        leg.state, leg.ended_at = LegState.CALLED_OFF.value, work.now


def _open_leg(work: Work, row: Manifest) -> ManifestLeg | None:
    return next((leg for leg in queries.legs(work.session, row.id) if leg.ended_at is None), None)
