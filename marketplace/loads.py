"""How does what a person says about a load on its way become an act on its manifest?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from compliance.approvals.neighbours import far_disposal
from compliance.ledgers import plans
from compliance.manifests import evidence, exceptions, handover, incidents, pinning, returns, service
from compliance.manifests.exceptions import Asked
from compliance.manifests.gates import Signing
from compliance.manifests.handover import Agreed, Means, Taking
from compliance.manifests.returns import Onward
from compliance.manifests.rules import Act, Purpose
from compliance.manifests.situations import RECEIPT, WAYS
from compliance.manifests.tables import Manifest, ManifestException, ManifestLeg
from compliance.papers.rules import label_not_read
from compliance.qualification.tables import ScanRow
from compliance.receipts import queries as receipts
from compliance.receipts import service as receiving
from compliance.receipts.rules import Comparison
from compliance.receipts.rules import warnings as weight_warnings
from compliance.record.errors import N_, DomainError, Invalid, RuleBroken
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Mode, OrganisationKind
from compliance.registry.tables import Organisation
from tracking.fleet import queries as fleet
from tracking.trips import queries as trips
from tracking.trips.service import loading_faults, vehicle_faults
from tracking.weighings import photos
from tracking.weighings import queries as weighings


@dataclass(frozen=True, slots=True)
class Handing:
    """Whom a carrier hands a load to: its credit code, by what, where and when."""

    uscc: str
    means: Means
    place: str
    at: datetime


def sign(work: Work, row: Manifest, act: Act, signing: Signing) -> None:
    """Sign an act that says all there is to say."""
    if act is Act.KEEP_LOAD:
        handover.keep(work, row, signing)
    else:
        service.act(work, row, act, signing)


def hand_over(work: Work, row: Manifest, handing: Handing, signing: Signing | None = None) -> ManifestLeg:
    """Offer a load to the carrier with a credit code."""
    carrier = _carrier(work, handing.uscc)
    agreed = Agreed(carrier.id, handing.means, handing.place, handing.at)
    return handover.offer(work, row, agreed, signing)


def take_over(
    work: Work,
    row: Manifest,
    plate: str,
    driver_id: UUID | None = None,
    signing: Signing | None = None,
    escort_id: UUID | None = None,
) -> ManifestLeg:
    """Take a load over with a vehicle, vessel or wagon; one of the own fleet brings its usual driver."""
    vehicle = fleet.by_plate(work.session, plate)
    if vehicle is None or vehicle.carrier_id != work.who.organisation_id:
        return handover.take_over(work, row, Taking(plate, None, driver_id, escort_id), (), signing)
    taking = Taking(vehicle.plate, vehicle.id, driver_id or vehicle.driver_id, escort_id)
    return handover.take_over(work, row, taking, vehicle_faults(work, vehicle.id, row), signing)


def ask(work: Work, row: Manifest, asked: Asked, uscc: str = "") -> ManifestException:
    """Ask leave for an act; another carrier is named by its credit code and by a vehicle on file here.

    A file that shows what happened was uploaded by the own house before.
    """
    require_uploaded(work, asked.file)
    if not WAYS[asked.situation].asks_carrier:
        return exceptions.ask(work, row, asked)
    carrier = _carrier(work, uscc)
    vehicle = fleet.by_plate(work.session, asked.plate)
    if vehicle is None or vehicle.carrier_id != carrier.id:
        raise Invalid(
            N_("No vehicle {plate} of that carrier is on the register."),
            field="plate",
            way_out=N_("Have the carrier register it, or go on by paper."),
            values={"plate": asked.plate.strip()[:20]},
        )
    known = replace(
        asked,
        carrier_id=carrier.id,
        plate=vehicle.plate,
        vehicle_id=vehicle.id,
        driver_id=vehicle.driver_id,
    )
    return exceptions.ask(work, row, known)


def hand_in(work: Work, row: Manifest, exception_id: UUID, file: str) -> ManifestException:
    """Hand in the photo or scan of an exception, which the own house has uploaded before."""
    require_uploaded(work, file)
    return evidence.hand_in(work, exceptions.one(work.session, row.id, exception_id), file)


def against(work: Work, row: Manifest, act: Act, kg: int | None = None, label: str = "") -> list[DomainError]:
    """Return everything that stands against an act on a manifest today, its vehicle's papers with it.

    `kg`: the mass to be accepted, without it all that was weighed; `label`: the code read off a container.
    """
    if act in RECEIPT:
        return receiving.reasons_against(work, row, act, kg)
    trip = trips.by_manifest(work.session, row.id) if act is Act.LOAD else None
    faults = loading_faults(work, trip, row) if trip is not None else ()
    return service.reasons_against(work, row, act, Signing(kg=kg, faults=faults, label=label))


def require_uploaded(work: Work, sha256: str | None) -> None:
    """Raise `Invalid` for a file that nobody of the person's house has uploaded."""
    own = work.who.organisation_id
    if sha256 is None or (own is not None and work.session.get(ScanRow, (own, sha256)) is not None):
        return
    raise Invalid(
        N_("No file with this SHA-256 was uploaded by your house."),
        field="file",
        way_out=N_("Upload the photo or the paper first, and name the SHA-256 of the answer."),
    )


def files_of(work: Work, row: Manifest) -> frozenset[str]:
    """Return the SHA-256 of every file that stands beside a manifest.

    With its exceptions and incidents, and the pictures of its weighings as far as they have come in.
    """
    named = {one.file for one in exceptions.listed(work.session, row.id)}
    named |= {one.file for one in incidents.of_manifest(work.session, row.id)}
    trip = trips.by_manifest(work.session, row.id)
    tickets = weighings.of_trip(work.session, trip.id) if trip is not None else ()
    pictures = photos.of(work.session, [one.id for one in tickets])
    return frozenset(
        {one for one in named if one} | {one.sha256 for one in pictures if one.received_at is not None}
    )


def warnings(work: Work, row: Manifest, act: Act, label: str = "") -> list[RuleBroken]:
    """Return of what the rules warn before an act that may be signed all the same.

    Before the issue the mover's plan (M5), the emergency plans (M18), disposal far away (M17) and, under the
    earlier act, insurance (L14); before the loading a label that nobody read (M6), before the acceptance the
    weights (M12, S2).
    """
    if act is Act.ISSUE and row.hazardous:
        return _plan_warnings(work, row) + _house_warnings(work, row) + _far_warnings(work, row)
    if act is Act.LOAD and row.hazardous:
        return label_not_read(label, row.code, work.today)
    if act in {Act.ACCEPT, Act.ACCEPT_PART, Act.REFUSE}:
        receipt = receipts.of_manifest(work.session, row.id)
        if receipt is not None:
            nets = Comparison(receipt.sender_kg, receipt.receiver_kg, receipt.tolerance_kg)
            return weight_warnings(nets, row.number or "", work.today)
    return []


def _plan_warnings(work: Work, row: Manifest) -> list[RuleBroken]:
    """Return what the mover's plan lacks: its own business, told to nobody else but who oversees."""
    if not work.who.oversees and work.who.organisation_id != row.mover_id:
        return []
    receiver = registry.organisation(work.session, row.receiver_id)
    return plans.warnings(work, row.mover_id, row.code, row.planned_kg, [receiver.uscc])


def _house_warnings(work: Work, row: Manifest) -> list[RuleBroken]:
    waste = pinning.waste_of(work.session, row)
    fields = {row.mover_id: "mover", row.carrier_id: "carrier", row.receiver_id: "receiver"}
    known = gates.parties(work.session, fields, waste, work.today)
    found: list[RuleBroken] = []
    for key, field in fields.items():
        found += gates.warnings(known[key], waste, work.today, field)
    return found


def _far_warnings(work: Work, row: Manifest) -> list[RuleBroken]:
    if row.mode != Mode.DISPOSE or row.purpose == Purpose.RETURN:
        return []
    way = registry.way(work.session, row.origin_site_id, row.destination_site_id)
    return far_disposal(row.code, way.origin[:2], way.destination[:2], work.today)


def _carrier(work: Work, uscc: str) -> Organisation:
    carrier = registry.by_uscc(work.session, uscc)
    if carrier is None or OrganisationKind.CARRIER.value not in carrier.kinds:
        raise Invalid(
            N_("No carrier with the credit code {uscc} is on the register."),
            field="carrier",
            way_out=N_("Copy the 18 characters, or have the carrier registered."),
            values={"uscc": uscc.strip()[:18]},
        )
    return carrier


def send_on(
    work: Work,
    row: Manifest,
    site_id: UUID | None = None,
    mode: Mode | None = None,
    kg: int | None = None,
    signing: Signing | None = None,
) -> Manifest:
    """Send a refused mass onward to a site, or back to where it came from."""
    if site_id is None:
        return returns.send(work, row, None, kg, signing)
    return returns.send(work, row, Onward(site_id, mode or Mode(row.mode)), kg, signing)
