"""Does the record hold? The chain, the money and the mass of a whole database, row by row."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, or_, select
from sqlalchemy.orm import Session

from compliance.anchors import service as anchors
from compliance.manifests.tables import Manifest
from compliance.receipts.tables import Receipt
from compliance.record import ledger
from marketplace.deals.rules import State as DealState
from marketplace.deals.tables import Deal
from marketplace.lots.tables import Lot
from marketplace.settlements import journal
from marketplace.settlements import service as settlements
from marketplace.settlements.tables import Settlement
from tracking.trips.tables import Trip
from tracking.weighings import queries as weighing_queries
from tracking.weighings.tables import Weighing


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: which check, which row, what is wrong."""

    check: str
    row: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at and what was found."""

    events: int
    head: str
    money_fen: int
    manifests: int
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Tell whether nothing at all was found."""
        return not self.findings


def verify(engine: Engine) -> Verification:
    """Walk the chain and its anchors, add up the journal, balance every load; findings in that order."""
    findings: list[Finding] = []
    broken = ledger.verify(engine)
    if broken is not None:
        findings.append(Finding("chain", f"ledger {broken.seq}", broken.reason))
    with ledger.snapshot(engine) as connection, Session(connection) as session:
        seq, head = session.execute(select(ledger.head.c.seq, ledger.head.c.hash)).one()
        findings += [Finding("anchors", row, reason) for row, reason in anchors.faults(session)]
        findings += _money(session)
        findings += _bookings(session)
        findings += _lots(session)
        findings += _loads(session)
        findings += _shares(session)
        total = sum(journal.sums(session).values())
        count = len(session.scalars(select(Manifest.id)).all())
    return Verification(seq, head, total, count, tuple(findings))


def _money(session: Session) -> list[Finding]:
    """Every entry sums to zero, and nobody has less than nothing (S6)."""
    found = [
        Finding("money", f"journal entry {entry}", "its lines do not sum to zero")
        for entry in journal.unbalanced_entries(session)
    ]
    found += [
        Finding("money", f"account {owner}/{kind}", f"the balance is {fen} fen")
        for (owner, kind), fen in journal.sums(session).items()
        if kind in {"available", "receivable", "fee_income"} and fen < 0
    ]
    return found


def _bookings(session: Session) -> list[Finding]:
    """Every line of a settlement is booked as it stands, and as paid exactly where it says so (S6)."""
    booked = journal.booked(session)
    found = []
    for row in session.scalars(select(Settlement).order_by(Settlement.due_at)):
        for intent, postings in settlements.bookings(row).items():
            stated = sorted((journal.owner_key(one.owner), one.account.value, one.fen) for one in postings)
            has = booked.pop(intent, [])
            if has != stated:
                found.append(Finding("money", intent, f"the settlement states {stated}, booked is {has}"))
    found += [
        Finding("money", intent, "it is booked, but no settlement states it")
        for intent in booked
        if intent.startswith(settlements.INTENT)
    ]
    return found


def _lots(session: Session) -> list[Finding]:
    """What a lot has left and what its deals took make up what was listed."""
    taken: dict[object, int] = {}
    lost = {DealState.REFUSED.value, DealState.CANCELLED.value}
    for deal in session.scalars(select(Deal)):
        if deal.state not in lost:
            taken[deal.lot_id] = taken.get(deal.lot_id, 0) + deal.kg
    return [
        Finding(
            "mass", f"lot {lot.id}", f"{lot.kg} kg listed, {lot.left_kg} left, {taken.get(lot.id, 0)} dealt"
        )
        for lot in session.scalars(select(Lot).order_by(Lot.created_at))
        if lot.kg != lot.left_kg + taken.get(lot.id, 0)
    ]


def _loads(session: Session) -> list[Finding]:
    """A receipt's masses are its weighings' nets, and no more is settled than was accepted (S1, S2)."""
    found = []
    settled = {row.manifest_id: row for row in session.scalars(select(Settlement))}
    weighings = {str(row.id): row for row in session.scalars(select(Weighing))}
    trips = {row.manifest_id: row for row in session.scalars(select(Trip))}
    for receipt in session.scalars(select(Receipt).order_by(Receipt.created_at)):
        trip = trips.get(receipt.manifest_id)
        nets = _nets([weighings[key] for key in receipt.weighing_ids if key in weighings], trip)
        if nets != {"source": receipt.sender_kg, "destination": receipt.receiver_kg}:
            reason = f"{receipt.sender_kg} and {receipt.receiver_kg} kg stated, weighed {nets}"
            found.append(Finding("mass", f"receipt {receipt.id}", reason))
        settlement = settled.get(receipt.manifest_id)
        if settlement and settlement.kg + settlement.disputed_kg != (receipt.accepted_kg or 0):
            reason = (
                f"{receipt.accepted_kg} kg accepted, {settlement.kg} settled, {settlement.disputed_kg} open"
            )
            found.append(Finding("mass", f"settlement {settlement.id}", reason))
    return found


def _nets(weighings: list[Weighing], trip: Trip | None) -> dict[str, int]:
    """Return the heavier minus the lighter ticket of each end; a load's share where several were weighed."""
    nets: dict[str, int] = {}
    for place in {str(row.place) for row in weighings}:
        kgs = [row.kg for row in weighings if row.place == place]
        nets[place] = max(kgs) - min(kgs)
    if trip is not None and trip.sender_shared and trip.sender_kg is not None:
        nets["source"] = trip.sender_kg
    if trip is not None and trip.receiver_shared and trip.receiver_kg is not None:
        nets["destination"] = trip.receiver_kg
    return nets


def _shares(session: Session) -> list[Finding]:
    """What several loads weighed together is dealt out to the kilogram (M3)."""
    dealt: dict[tuple[Weighing, ...], dict[str, int]] = {}
    for trip in session.scalars(select(Trip).where(or_(Trip.sender_shared, Trip.receiver_shared))):
        tickets = weighing_queries.of_trip(session, trip.id)
        source = ("source", trip.sender_shared, trip.sender_kg)
        for place, shared, kg in (source, ("destination", trip.receiver_shared, trip.receiver_kg)):
            if shared:
                own = tuple(row for row in tickets if row.place == place)
                dealt.setdefault(own, {})[str(trip.id)] = kg or 0
    found = []
    for own, kgs in dealt.items():
        weighed = max((row.kg for row in own), default=0) - min((row.kg for row in own), default=0)
        if sum(kgs.values()) != weighed:
            reason = f"{sum(kgs.values())} kg shared out, weighed {weighed}"
            found.append(Finding("mass", f"trips {', '.join(sorted(kgs))}", reason))
    return found
