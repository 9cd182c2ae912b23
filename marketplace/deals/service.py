"""How does an accepted match become a binding deal, and how does the deal move on?"""

from __future__ import annotations

from uuid import UUID

from compliance.approvals import service as approvals
from compliance.catalogue import service as catalogue
from compliance.record.errors import raise_all
from compliance.record.work import Work
from compliance.registry import bookings
from compliance.registry.rules import Mode
from marketplace.deals import gates
from marketplace.deals.gates import Offer
from marketplace.deals.rules import NEXT, Act, State, Terms
from marketplace.deals.tables import Deal
from marketplace.lots import queries as lots
from marketplace.lots import service as lots_service
from marketplace.lots.tables import Lot
from marketplace.matches import queries as matches
from marketplace.matches.tables import Match
from marketplace.needs import queries as needs
from marketplace.needs import service as needs_service
from marketplace.needs.tables import Need
from tracking.fleet.tables import Vehicle


def accept(work: Work, match_id: UUID) -> Deal:
    """Accept a proposed match on one of the producer's own lots: the need is an offer, so this binds.

    Lot, need and vehicle are locked and match and vehicle looked at again: whoever comes second gets a
    409, never a double booking. The receiver's licence is checked with all the rest, and its yearly mass
    booked (A1, L1, L3, L4).
    """
    session = work.session
    lot = lots.own_lot(session, matches.proposed(session, match_id).lot_id, work.who)
    match = matches.proposed(session, match_id)  # again: it may have gone while the lot was waited for
    need = needs.locked(session, match.need_id)
    vehicle = session.get(Vehicle, match.vehicle_id, with_for_update=True)
    offer = Offer(lot, need, vehicle, vehicle.carrier_id if vehicle else match.carrier_id, match.kg)
    waste = catalogue.require(work, lot.code, work.today, "code")
    booking = bookings.booking(work, need.organisation_id, waste, Mode(need.mode), match.kg)
    raise_all(gates.against(work, offer, waste, gates.parties(work, offer, waste)))
    assert vehicle is not None
    lots_service.take(work, lot, match.kg)
    needs_service.take(need, match.kg)
    row = _deal(work, match, lot, need, vehicle)
    session.add(row)
    session.flush()
    bookings.draw(work, booking, row.id)
    approvals.draw(work, gates.crossing(work, offer, waste), row.id)
    matches.close_others(session, match, lot.left_kg)
    work.append("DealAgreed", row.id, match=str(match.id), terms_hash=row.terms_hash, kg=match.kg)
    return row


def _terms(match: Match, lot: Lot, need: Need, vehicle: Vehicle) -> Terms:
    return Terms(
        lot=str(lot.id),
        producer=str(lot.organisation_id),
        processor=str(need.organisation_id),
        carrier=str(vehicle.carrier_id),
        vehicle=vehicle.plate,
        code=lot.code,
        mode=need.mode,
        kg=match.kg,
        price=str(need.price),
        freight_fen=match.freight_fen,
    )


def _deal(work: Work, match: Match, lot: Lot, need: Need, vehicle: Vehicle) -> Deal:
    return Deal(
        id=work.new_id(),
        lot_id=lot.id,
        need_id=need.id,
        match_id=match.id,
        producer_id=lot.organisation_id,
        processor_id=need.organisation_id,
        carrier_id=vehicle.carrier_id,
        vehicle_id=vehicle.id,
        origin_site_id=lot.site_id,
        destination_site_id=need.site_id,
        code=lot.code,
        waste_name=lot.waste_name,
        mode=need.mode,
        kg=match.kg,
        price=need.price,
        freight_fen=match.freight_fen,
        terms_hash=_terms(match, lot, need, vehicle).hash(),
        state=State.AGREED.value,
        agreed_at=work.now,
    )


def carry_by(work: Work, deal_id: UUID, vehicle_id: UUID) -> None:
    """Note which vehicle of the carrier a running deal holds now; its terms stay as they were agreed."""
    row = work.session.get(Deal, deal_id, with_for_update=True)
    if row is not None and State(row.state) is State.AGREED:
        row.vehicle_id = vehicle_id


def move(work: Work, deal_id: UUID, act: Act) -> Deal | None:
    """Move a deal on as its load does; an act that its state does not allow changes nothing.

    A deal that comes to nothing gives its mass back to the lot, the need and the receiver's licence.
    """
    row = work.session.get(Deal, deal_id, with_for_update=True)
    if row is None:
        return None
    target = NEXT.get((State(row.state), act))
    if target is None:
        return None
    row.state = target.value
    if act in {Act.REFUSE, Act.CANCEL}:
        lots_service.give_back(work, row.lot_id, row.kg)
        needs_service.give_back(work, row.need_id, row.kg)
        bookings.confirm_draw(work, row.id, 0)
        approvals.confirm(work, row.id, 0)
    work.append("DealMoved", row.id, act=act.value, state=row.state)
    return row
