"""What stands against an offer today, by which rule, and what is warned of? Every reason at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from compliance.approvals import service as approvals
from compliance.approvals.rules import Load
from compliance.catalogue.rules import WasteType
from compliance.record.errors import N_, Conflict, DomainError, RuleBroken
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.gates import Party
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


def parties(work: Work, offer: Offer, waste: WasteType) -> Mapping[UUID, Party]:
    """Read what the gates ask of producer, receiver and carrier, each kind of fact in one look."""
    ids = (offer.lot.organisation_id, offer.need.organisation_id, offer.carrier_id)
    return gates.parties(work.session, ids, waste, work.today)


def against(work: Work, offer: Offer, waste: WasteType, known: Mapping[UUID, Party]) -> list[DomainError]:
    """Return everything that stands against an offer: what is taken already, and the gates of the contract.

    Both windows (W4), producer (A1), receiver (A1, L1, L3, L4), carrier (L9), province (X1, X6). `known` are
    the parties; a deal reads them with the receiver's licence locked.
    """
    lot, need, on = offer.lot, offer.need, work.today
    mover, receiver, carrier = (
        known[key] for key in (lot.organisation_id, need.organisation_id, offer.carrier_id)
    )
    found = _taken(work, offer)
    found += gates.against_receiver(receiver, waste, Mode(need.mode), offer.kg, on, lot.organisation_id)
    found += gates.against_party(mover.standing, OrganisationKind.PRODUCER, on, field="producer")
    found += gates.against_carrier(carrier, waste, on)
    if lot.ready_to <= work.now:
        found.append(broken("W4.window", on, field="ready_to"))
    if need.valid_to < on:
        found.append(broken("W4.window", on, field="valid_to"))
    return [*found, *approvals.faults(work, crossing(work, offer, waste))]


def quota_warned(offer: Offer, waste: WasteType, receiver: Party, on: date) -> list[RuleBroken]:
    """Return what the receiver's licence warns of once the offer is booked (L4)."""
    verdict = gates.judge_receiver(receiver.licences, waste, Mode(offer.need.mode), offer.kg, on)
    if verdict.licence is None or verdict.line is None:
        return []
    return gates.quota_warnings(verdict.licence, verdict.line, waste.code, offer.kg, on)


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
    if offer.vehicle is None or queries.is_busy(work.session, offer.vehicle.id):
        found.append(
            Conflict(
                N_("The vehicle of this match has been taken by another deal."),
                code="vehicle_taken",
                way_out=N_("Look at the matches again."),
            )
        )
    return found
