"""How does a signed receipt become money owed, and how is it paid?"""

from __future__ import annotations

from uuid import UUID

from compliance.record.errors import N_, Conflict, Forbidden, Invalid, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.deals.tables import Deal
from marketplace.settlements import journal, queries
from marketplace.settlements.rules import (
    Line,
    LineKind,
    Parties,
    Posting,
    State,
    amount_faults,
    due_postings,
    funding_postings,
    lines_for,
    paid_postings,
)
from marketplace.settlements.tables import Settlement, SettlementLine

INTENT = "settlement:"
"""How the intents of all bookings of settlements begin."""


def draw_up(work: Work, deal: Deal, manifest_id: UUID, payable_kg: int, disputed_kg: int) -> Settlement:
    """Draw up the settlement of a received load on the mass that is not in dispute (S1, S2, S4)."""
    parties = Parties(deal.producer_id, deal.processor_id, deal.carrier_id)
    row = Settlement(
        id=work.new_id(),
        deal_id=deal.id,
        manifest_id=manifest_id,
        kg=payable_kg,
        disputed_kg=disputed_kg,
        state=State.DUE.value,
        due_at=work.now,
    )
    lines = lines_for(parties, deal.price, deal.freight_fen, payable_kg)
    row.lines = [_line_row(work, number, line) for number, line in enumerate(lines, 1)]
    work.session.add(row)
    work.session.flush()
    for line in row.lines:
        journal.book(work, _intent(line, "due"), row.id, due_postings(_line(line)))
    work.append(
        "SettlementDue",
        row.id,
        deal=str(deal.id),
        manifest=str(manifest_id),
        kg=payable_kg,
        disputed_kg=disputed_kg,
        lines=[_told(line) for line in row.lines],
    )
    return row


def pay(work: Work, settlement_id: UUID) -> Settlement:
    """Pay every line that the acting organisation owes; the settlement is paid when all lines are."""
    row = queries.settlement(work.session, settlement_id, work.who)
    if not work.who.has(Role.PRODUCER, Role.PROCESSOR):
        raise Forbidden(N_("Only those who trade for the organisation may pay for it."))
    work.session.refresh(row, with_for_update=True)
    owed = [line for line in row.lines if line.payer_id == work.who.organisation_id]
    if not owed:
        raise Forbidden(N_("Your organisation owes nothing on this settlement."))
    unpaid = [line for line in owed if line.paid_at is None]
    if not unpaid:
        raise Conflict(N_("This is paid already."), code="already_paid")
    deal = work.session.get_one(Deal, row.deal_id)
    waste = [line for line in unpaid if LineKind(line.kind) is LineKind.WASTE]
    raise_all([one for line in waste for one in amount_faults(line.fen, deal.price, row.kg, work.today)])
    for line in unpaid:
        journal.book(work, _intent(line, "paid"), row.id, paid_postings(_line(line)))
        line.paid_at = work.now
        work.append("LinePaid", row.id, deal=str(row.deal_id), **_told(line))
    if all(line.paid_at is not None for line in row.lines):
        row.state, row.paid_at = State.PAID.value, work.now
        work.append("SettlementPaid", row.id, deal=str(row.deal_id), manifest=str(row.manifest_id))
    return row


def fund(work: Work, organisation_id: UUID, fen: int, reference: UUID) -> None:
    """Book money that the bank says has arrived for a party; the same reference books once."""
    if fen <= 0:
        raise Invalid(N_("A sum that arrives is above zero."), field="fen")
    if journal.book(work, f"funding:{reference}", reference, funding_postings(organisation_id, fen)):
        work.append("FundsArrived", organisation_id, fen=fen, reference=str(reference))


def bookings(row: Settlement) -> dict[str, tuple[Posting, ...]]:
    """Return what the journal has to hold for a settlement as it stands, by intent."""
    due = {_intent(line, "due"): due_postings(_line(line)) for line in row.lines}
    paid = {_intent(line, "paid"): paid_postings(_line(line)) for line in row.lines if line.paid_at}
    return due | paid


def _intent(line: SettlementLine, act: str) -> str:
    return f"{INTENT}{line.settlement_id}:line:{line.ordinal}:{act}"


def _line_row(work: Work, number: int, line: Line) -> SettlementLine:
    return SettlementLine(
        id=work.new_id(),
        ordinal=number,
        kind=line.kind.value,
        payer_id=line.payer,
        payee_id=line.payee,
        fen=line.fen,
    )


def _line(row: SettlementLine) -> Line:
    return Line(LineKind(row.kind), row.payer_id, row.payee_id, row.fen)


def _told(row: SettlementLine) -> dict[str, object]:
    return {
        "line": row.kind,
        "payer": str(row.payer_id),
        "payee": str(row.payee_id or journal.PLATFORM),
        "fen": row.fen,
    }
