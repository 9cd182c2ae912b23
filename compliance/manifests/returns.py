"""Where does a load go that was refused, whole or in part: back, or onward to somebody else?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from compliance.manifests import gates, pinning, queries, service
from compliance.manifests.gates import Signing
from compliance.manifests.rules import Act, Purpose
from compliance.manifests.service import NewManifest
from compliance.manifests.tables import Manifest
from compliance.record.errors import N_, DomainError, Invalid, raise_all
from compliance.record.work import Work
from compliance.registry import bookings
from compliance.registry import queries as registry
from compliance.registry.rules import Mode


@dataclass(frozen=True, slots=True)
class Onward:
    """Another receiver's site, and what is to be done with the waste there."""

    site_id: UUID
    mode: Mode


def send(
    work: Work,
    row: Manifest,
    onward: Onward | None = None,
    kg: int | None = None,
    signing: Signing | None = None,
) -> Manifest:
    """Send a refused mass back to where it came from, or onward, under a new manifest linked to the old.

    `kg` is the whole rest where nothing is said. The new manifest is a draft with the same vehicle and
    driver, its mass known already; its mover signs it as any other. Onward, the receiver's licence is asked
    and booked (L1, L3, L4); back, nobody needs a licence for the own waste.
    """
    rest = gates.rest_kg(work, row)
    amount = rest if kg is None else kg
    raise_all(_mass_faults(amount, rest))
    service.act(work, row, Act.RETURN, signing)
    new = _new(work, row, onward, amount)
    linked = service.draft(work, new)
    work.session.flush()
    if onward is not None:
        waste = pinning.waste_of(work.session, row)
        bookings.book(work, linked.receiver_id, linked.booking_id, waste, onward.mode, amount)
    work.append("LoadSentOn", row.id, linked=str(linked.id), purpose=linked.purpose, kg=amount)
    return linked


def _mass_faults(amount: int, rest: int) -> list[DomainError]:
    if 0 < amount <= rest:
        return []
    return [
        Invalid(
            N_("{kg} kg cannot be sent on: {rest} kg were refused and are on no other manifest yet."),
            field="kg",
            way_out=N_("Send at most {rest} kg; a load that is to go back must be refused first."),
            values={"kg": amount, "rest": rest},
        )
    ]


def _new(work: Work, row: Manifest, onward: Onward | None, amount: int) -> NewManifest:
    if onward is None:
        receiver_id, destination_id, mode = row.mover_id, row.origin_site_id, Mode.STORE
    else:
        site = registry.site(work.session, onward.site_id)
        receiver_id, destination_id, mode = site.organisation_id, site.id, onward.mode
    return NewManifest(
        deal_id=row.deal_id,
        mover_id=row.mover_id,
        carrier_id=row.carrier_id,
        receiver_id=receiver_id,
        origin_site_id=row.destination_site_id,
        destination_site_id=destination_id,
        vehicle_id=row.vehicle_id,
        plate=row.plate,
        driver_id=row.driver_id,
        code=row.code,
        mode=mode.value,
        planned_kg=amount,
        parent=row,
        purpose=Purpose.RETURN if onward is None else Purpose.ONWARD,
    )


def family(work: Work, row: Manifest) -> tuple[Manifest, ...]:
    """Return every manifest of a load, the first one and whatever followed a refusal, oldest first."""
    first = row
    while first.parent_id is not None:
        first = work.session.get_one(Manifest, first.parent_id)
    found, waiting = [first], [first]
    while waiting:
        more = list(queries.linked(work.session, waiting.pop().id))
        found += more
        waiting += more
    return tuple(found)
