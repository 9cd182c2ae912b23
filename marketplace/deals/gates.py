"""What stands against an offer today, by which rule, and what is warned of? Every reason at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from compliance.approvals import service as approvals
from compliance.approvals.rules import Load
from compliance.catalogue.rules import WasteType
from compliance.record.errors import N_, Conflict, DomainError, RuleBroken
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Mode, OrganisationKind
from compliance.rulebook.rules import broken
from marketplace.deals import queries
from marketplace.lots import service as lots
from marketplace.lots.tables import Lot
from marketplace.needs import service as needs
from marketplace.needs.tables import Need
from tracking.fleet.tables import Vehicle


@dataclass(frozen=True, slots=True)
class Offer:
    """A lot, the need it would go to, and what carries it; no vehicle: it is no longer on file."""

    lot: Lot
    need: Need
    vehicle: Vehicle | None
    carrier_id: UUID
    kg: int


def against(work: Work, offer: Offer, waste: WasteType, receiver: Sequence[RuleBroken]) -> list[DomainError]:
    """Return everything that stands against an offer: what is taken already, and the gates of the contract.

    Both windows (W4), producer (A1), carrier (L9), province (X1, X6); `receiver` is what the gate of the
    receiver said (A1, L1, L3, L4), which a deal asks with its licence locked.
    """
    lot, need, on = offer.lot, offer.need, work.today
    found: list[DomainError] = [*_taken(work, offer), *receiver]
    found += gates.party_faults(
        work.session, lot.organisation_id, OrganisationKind.PRODUCER, on, field="producer"
    )
    found += gates.carrier_faults(work.session, offer.carrier_id, waste, on)
    if lot.ready_to <= work.now:
        found.append(broken("W4.window", on, field="ready_to"))
    if need.valid_to < on:
        found.append(broken("W4.window", on, field="valid_to"))
    return [*found, *approvals.faults(work, crossing(work, offer, waste))]


def of_receiver(work: Work, offer: Offer, waste: WasteType) -> list[RuleBroken]:
    """Return what the receiver's gate says today, without locking anything."""
    need = offer.need
    return gates.receiver_faults(
        work.session,
        need.organisation_id,
        waste,
        Mode(need.mode),
        offer.kg,
        work.today,
        offer.lot.organisation_id,
    )


def quota_warned(work: Work, offer: Offer, waste: WasteType) -> list[RuleBroken]:
    """Return what the receiver's licence warns of once the offer is booked (L4)."""
    owner, mode = offer.need.organisation_id, Mode(offer.need.mode)
    held = registry.licences(work.session, [owner], work.today.year).get(owner, [])
    verdict = gates.judge_receiver(held, waste, mode, offer.kg, work.today)
    if verdict.licence is None or verdict.line is None:
        return []
    return gates.quota_warnings(verdict.licence, verdict.line, waste.code, offer.kg, work.today)


def crossing(work: Work, offer: Offer, waste: WasteType) -> Load:
    """Return the load as the rules about provinces see it (X1, X4 to X6)."""
    lot, need = offer.lot, offer.need
    way, mode = registry.way(work.session, lot.site_id, need.site_id), Mode(need.mode)
    return approvals.load_of(
        way.origin, way.destination, lot.organisation_id, need.organisation_id, waste, mode, offer.kg
    )


def _taken(work: Work, offer: Offer) -> list[DomainError]:
    """Return what of an offer somebody else has taken meanwhile."""
    found = [*lots.shortage(offer.lot, offer.kg), *needs.shortage(offer.need, offer.kg)]
    if offer.vehicle is None or offer.vehicle.id in queries.busy_vehicles(work.session):
        found.append(
            Conflict(
                N_("The vehicle of this match has been taken by another deal."),
                code="vehicle_taken",
                way_out=N_("Look at the matches again."),
            )
        )
    return found
