"""How does what a person says about a load on its way become an act on its manifest?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.manifests import handover, returns, service
from compliance.manifests.gates import Signing
from compliance.manifests.handover import Agreed, Means, Taking
from compliance.manifests.returns import Onward
from compliance.manifests.rules import Act
from compliance.manifests.tables import Manifest, ManifestLeg
from compliance.record.errors import N_, Invalid
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import Mode, OrganisationKind
from tracking.fleet import queries as fleet
from tracking.trips.service import vehicle_faults


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
    carrier = registry.by_uscc(work.session, handing.uscc)
    if carrier is None or OrganisationKind.CARRIER.value not in carrier.kinds:
        raise Invalid(
            N_("No carrier with the credit code {uscc} is on the register."),
            field="carrier",
            way_out=N_("Copy the 18 characters, or have the carrier registered."),
            values={"uscc": handing.uscc.strip()[:18]},
        )
    agreed = Agreed(carrier.id, handing.means, handing.place, handing.at)
    return handover.offer(work, row, agreed, signing)


def take_over(
    work: Work, row: Manifest, plate: str, driver_id: UUID | None = None, signing: Signing | None = None
) -> ManifestLeg:
    """Take a load over with a vehicle, vessel or wagon; one of the own fleet brings its usual driver."""
    vehicle = fleet.by_plate(work.session, plate)
    if vehicle is None or vehicle.carrier_id != work.who.organisation_id:
        return handover.take_over(work, row, Taking(plate, None, driver_id), (), signing)
    taking = Taking(vehicle.plate, vehicle.id, driver_id or vehicle.driver_id)
    return handover.take_over(work, row, taking, vehicle_faults(work, vehicle.id, row), signing)


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
