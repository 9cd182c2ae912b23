"""What does an organisation see of its money: what it owes and is owed, and every booking on its accounts?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from compliance.record.errors import N_
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Organisation
from marketplace.deals.tables import Deal
from marketplace.settlements import journal, queries
from marketplace.settlements.rules import AccountKind
from marketplace.settlements.tables import JournalEntry, JournalLine, Settlement, SettlementLine
from marketplace.web.deal_views import owed_fen

MOST = 200
BOOKED = {
    "due": N_("became due"),
    "paid": N_("paid"),
    "funding": N_("arrived from the bank"),
}
"""What a booking's intent ends or begins with, in words."""


@dataclass(frozen=True, slots=True)
class SettlementView:
    """One settlement with the lines that concern the reader, in fen."""

    settlement: Settlement
    deal: Deal
    lines: tuple[SettlementLine, ...]
    parties: dict[UUID, Organisation]
    gains_fen: int
    pays_fen: int
    owes_fen: int


@dataclass(frozen=True, slots=True)
class Booking:
    """One line on one account: when, which account, what for, how much (positive: gained), in fen."""

    at: datetime
    kind: str
    words: str
    settlement_id: UUID | None
    fen: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The balances of an owner's accounts and the newest bookings on them."""

    balances: tuple[tuple[str, int], ...]
    bookings: tuple[Booking, ...]


def settlements_of(work: Work) -> list[SettlementView]:
    """Return the settlements a person may see, those with something to pay first, then the newest."""
    statement = queries.visible_to(work.who).order_by(Settlement.due_at.desc(), Settlement.id).limit(MOST)
    views = _views(work, work.session.scalars(statement).all())
    return sorted(views, key=lambda view: view.owes_fen == 0)


def settlement_of(work: Work, settlement_id: UUID) -> SettlementView:
    """Return one settlement that the person may see, or raise `NotFound`."""
    return _views(work, [queries.settlement(work.session, settlement_id, work.who)])[0]


def _views(work: Work, rows: Sequence[Settlement]) -> list[SettlementView]:
    who = work.who
    found = work.session.scalars(select(Deal).where(Deal.id.in_([row.deal_id for row in rows])))
    deals = {row.id: row for row in found}
    parties = registry.organisations(
        work.session,
        [one for row in deals.values() for one in (row.producer_id, row.processor_id, row.carrier_id)],
    )
    views = []
    for row in rows:
        lines = tuple(queries.lines_seen(row, who))
        own = who.organisation_id
        gains = sum(line.fen for line in lines if line.payee_id == own)
        pays = sum(line.fen for line in lines if line.payer_id == own)
        views.append(
            SettlementView(row, deals[row.deal_id], lines, parties, gains, pays, owed_fen(lines, who))
        )
    return views


def owner_of(who: Who) -> UUID | None:
    """Return whose books a person reads: the own organisation's; the operator reads the platform's."""
    return None if who.has(Role.OPERATOR) else who.organisation_id


def statement_of(work: Work) -> Statement:
    """Return the balances and the newest bookings of the books a person reads."""
    owner = owner_of(work.who)
    kinds = [AccountKind.AVAILABLE, AccountKind.RECEIVABLE, AccountKind.PAYABLE]
    if owner is None:
        kinds = [AccountKind.FEE_INCOME, AccountKind.BANK_CLEARING]
    line, entry = JournalLine, JournalEntry
    rows = work.session.execute(
        select(line.kind, line.fen, entry.at, entry.intent, entry.reference)
        .join(entry, entry.id == line.entry_id)
        .where(line.owner_key == journal.owner_key(owner))
        .order_by(entry.at.desc(), entry.id.desc(), line.kind)
        .limit(MOST)
    ).all()
    return Statement(
        balances=tuple((kind.value, journal.balance(work.session, owner, kind)) for kind in kinds),
        bookings=tuple(_booking(row.at, row.kind, row.intent, row.reference, row.fen) for row in rows),
    )


def _booking(at: datetime, kind: str, intent: str, reference: UUID, fen: int) -> Booking:
    first, last = intent.split(":", maxsplit=1)[0], intent.rsplit(":", maxsplit=1)[-1]
    is_settlement = first == "settlement"
    words = BOOKED.get(last if is_settlement else first, intent)
    return Booking(at, kind, words, reference if is_settlement else None, fen)
