"""How is money booked so that nothing is lost, made or booked twice?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from compliance.record.errors import raise_all
from compliance.record.work import Work
from marketplace.settlements.rules import AccountKind, Posting, balances, entry_faults, funds_faults
from marketplace.settlements.tables import JournalEntry, JournalLine, MoneyAccount

PLATFORM = "platform"


def owner_key(owner: UUID | None) -> str:
    """Return the key under which a party, or the platform, holds its accounts."""
    return PLATFORM if owner is None else str(owner)


def book(work: Work, intent: str, reference: UUID, postings: Sequence[Posting]) -> bool:
    """Book a balanced entry once per intent; return False where the intent is booked already.

    Raises S6 for lines that do not sum to zero and for an available balance that would fall below zero.
    """
    session = work.session
    raise_all(entry_faults(postings, work.today))
    _lock_accounts(session, postings)
    if session.scalar(select(JournalEntry.id).where(JournalEntry.intent == intent)):
        return False
    _require_funds(work, postings)
    entry = JournalEntry(id=work.new_id(), intent=intent, reference=reference, at=work.now)
    session.add(entry)
    session.flush()
    session.add_all(
        JournalLine(
            id=work.new_id(),
            entry_id=entry.id,
            owner_key=owner_key(posting.owner),
            kind=posting.account.value,
            fen=posting.fen,
        )
        for posting in postings
    )
    session.flush()
    return True


def _lock_accounts(session: Session, postings: Sequence[Posting]) -> None:
    """Lock the touched accounts in one order, making those that are new."""
    keys = sorted({(owner_key(posting.owner), posting.account.value) for posting in postings})
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    for key, kind in keys:
        session.execute(
            dialect.insert(MoneyAccount).values(owner_key=key, kind=kind).on_conflict_do_nothing()
        )
        session.execute(
            select(MoneyAccount)
            .where(MoneyAccount.owner_key == key, MoneyAccount.kind == kind)
            .with_for_update()
        )


def _require_funds(work: Work, postings: Sequence[Posting]) -> None:
    for (owner, account), change in balances(postings).items():
        if account is AccountKind.AVAILABLE and change < 0:
            raise_all(funds_faults(balance(work.session, owner, account), change, work.today))


def balance(session: Session, owner: UUID | None, account: AccountKind) -> int:
    """Return an account's balance in fen: the sum of its lines."""
    total = session.scalar(
        select(func.coalesce(func.sum(JournalLine.fen), 0)).where(
            JournalLine.owner_key == owner_key(owner), JournalLine.kind == account.value
        )
    )
    return int(total or 0)


def sums(session: Session) -> dict[tuple[str, str], int]:
    """Return the balance of every account, by owner and kind."""
    rows = session.execute(
        select(JournalLine.owner_key, JournalLine.kind, func.sum(JournalLine.fen)).group_by(
            JournalLine.owner_key, JournalLine.kind
        )
    ).all()
    return {(owner, kind): int(fen) for owner, kind, fen in rows}


def booked(session: Session) -> dict[str, list[tuple[str, str, int]]]:
    """Return the lines of every entry by intent: owner, kind of account, fen; sorted."""
    rows = session.execute(
        select(JournalEntry.intent, JournalLine.owner_key, JournalLine.kind, JournalLine.fen).join(
            JournalLine, JournalLine.entry_id == JournalEntry.id
        )
    )
    found: dict[str, list[tuple[str, str, int]]] = {}
    for intent, owner, kind, fen in rows:
        found.setdefault(intent, []).append((owner, kind, fen))
    return {intent: sorted(lines) for intent, lines in found.items()}


def unbalanced_entries(session: Session) -> list[UUID]:
    """Return the entries whose lines do not sum to zero; there must be none."""
    rows = session.execute(
        select(JournalLine.entry_id).group_by(JournalLine.entry_id).having(func.sum(JournalLine.fen) != 0)
    )
    return list(rows.scalars())
