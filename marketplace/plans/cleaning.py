"""Which cleanings do a carrier's vehicles need, who says so, and when was one cleaned?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select

from compliance.catalogue.rules import WasteCode
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid, NotFound, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.service import check_place
from marketplace.plans import queries
from marketplace.plans.cleaning_rules import (
    LONGEST_NAME,
    LONGEST_NOTE,
    MOST_MINUTES,
    MOST_PLACES,
    MOST_RULES,
    Cleaning,
    CleaningPlace,
    CleaningRule,
    waste_meant,
)
from marketplace.plans.costs import own_carrier
from marketplace.plans.rules import MOST_COST_FEN
from marketplace.plans.tables import CarrierCleaning, VehicleCleaning
from tracking.fleet.tables import Vehicle
from tracking.trips.rules import ABOARD, OVER
from tracking.trips.tables import Trip


def cleaning_of(work: Work) -> Cleaning:
    """Return what the person's own carrier has stated about cleaning."""
    return queries.cleaning(work.session, own_carrier(work))


def known_wastes(work: Work) -> list[str]:
    """Return the codes that the own carrier has had to do with, and their categories."""
    codes = queries.wastes_of(work.session, own_carrier(work))
    return sorted({WasteCode.parse(code).category for code in codes}) + sorted(codes)


def set_cleaning(work: Work, stated: Cleaning) -> Cleaning:
    """State all rules and places anew. Raises what cannot be right, by its field."""
    own = own_carrier(work)
    registry.lock_organisation(work.session, own)
    raise_all([*_too_many(stated), *_place_faults(stated.places)])
    for place in stated.places:
        if place.point is not None:
            check_place(work, place.point.lat, place.point.lon)
    rules = tuple(dict.fromkeys(map(_rule, stated.rules)))
    found = Cleaning(rules, stated.places)
    assert work.who.person_id is not None
    row = work.session.get(CarrierCleaning, own) or CarrierCleaning(carrier_id=own)
    row.rules, row.places = [asdict(one) for one in rules], [asdict(one) for one in stated.places]
    row.person_id, row.at = work.who.person_id, work.now
    work.session.add(row)
    work.session.flush()
    return found


def _rule(rule: CleaningRule) -> CleaningRule:
    return CleaningRule(_waste(rule.after, "after"), _waste(rule.before, "before"))


def _waste(text: str, field: str) -> str:
    try:
        return waste_meant(text)
    except ValueError:
        raise Invalid(
            N_("“{text}” is neither a waste code nor a category."),
            field=field,
            values={"text": text[:40]},
            way_out=N_("Write a code such as 900-214-08, a category such as HW08, or leave it empty."),
        ) from None


def _too_many(stated: Cleaning) -> Iterable[DomainError]:
    for field, count, most in (
        ("rules", len(stated.rules), MOST_RULES),
        ("places", len(stated.places), MOST_PLACES),
    ):
        if count > most:
            yield Invalid(N_("No more than {most} can be stated."), field=field, values={"most": most})


def _place_faults(places: Iterable[CleaningPlace]) -> Iterable[DomainError]:
    names: set[str] = set()
    for one in places:
        if not 1 <= len(one.name.strip()) <= LONGEST_NAME:
            yield Invalid(
                N_("Name the place, in at most {most} letters."), field="name", values={"most": LONGEST_NAME}
            )
        elif one.name in names:
            yield Invalid(N_("There is a place of this name already."), field="name")
        names.add(one.name)
        if (one.lat is None) != (one.lon is None):
            yield Invalid(
                N_("State latitude and longitude, or neither: then it is where the vehicles' homes are."),
                field="lat" if one.lat is None else "lon",
            )
        for name, value, most in (
            ("minutes", one.minutes, MOST_MINUTES),
            ("fee_fen", one.fee_fen, MOST_COST_FEN),
        ):
            if not 0 <= value <= most:
                yield Invalid(N_("A figure from 0 to {most}."), field=name, values={"most": most})


def record(work: Work, vehicle_id: UUID, note: str = "") -> VehicleCleaning:
    """Record that a vehicle of the own carrier was cleaned just now: what it carried before is gone.

    For its dispatcher, and for who drives it. Raises `Conflict` while a load is on board.
    """
    vehicle = _vehicle(work, vehicle_id)
    if len(note.strip()) > LONGEST_NOTE:
        raise Invalid(N_("At most {most} letters."), field="note", values={"most": LONGEST_NOTE})
    aboard = select(Trip.id).where(
        Trip.vehicle_id == vehicle.id, Trip.state.in_([state.value for state in ABOARD])
    )
    if work.session.scalar(aboard.limit(1)) is not None:
        raise Conflict(
            N_("{plate} has a load on board: it cannot have been cleaned."),
            code="vehicle_loaded",
            values={"plate": vehicle.plate},
            way_out=N_("Record the cleaning after it was unloaded."),
        )
    assert work.who.person_id is not None
    row = VehicleCleaning(
        id=work.new_id(),
        carrier_id=vehicle.carrier_id,
        vehicle_id=vehicle.id,
        at=work.now,
        note=note.strip(),
        person_id=work.who.person_id,
    )
    work.session.add(row)
    work.session.flush()
    return row


def take_back(work: Work, cleaning_id: UUID) -> None:
    """Take back a cleaning that was recorded by mistake: the vehicle is as it was before."""
    own = own_carrier(work)
    row = work.session.get(VehicleCleaning, cleaning_id)
    if row is None or row.carrier_id != own:
        raise NotFound("cleaning", cleaning_id)
    work.session.delete(row)
    work.session.flush()


def _vehicle(work: Work, vehicle_id: UUID) -> Vehicle:
    """Return a vehicle that the person may say was cleaned."""
    who = work.who
    if who.organisation_id is None or not (who.has(Role.DISPATCHER) or who.has(Role.DRIVER)):
        raise Forbidden(N_("Your role does not allow this."), code="role")
    row = work.session.get(Vehicle, vehicle_id)
    if row is None or row.carrier_id != who.organisation_id:
        raise NotFound("vehicle", vehicle_id)
    if who.has(Role.DISPATCHER) or row.driver_id == who.person_id:
        return row
    driving = select(Trip.id).where(
        Trip.vehicle_id == row.id,
        Trip.driver_id == who.person_id,
        Trip.state.not_in([state.value for state in OVER]),
    )
    if work.session.scalar(driving.limit(1)) is None:
        raise NotFound("vehicle", vehicle_id)
    return row
