"""Which settlements are there, and who may see them?"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from marketplace.settlements.tables import Settlement, SettlementLine


def visible_to(who: Who) -> Select[Settlement]:
    """Return the statement for the settlements in which a person's organisation pays or is paid.

    Money is the parties' and the operator's business: an inspector sees none of it.
    """
    if who.has(Role.OPERATOR):
        return select(Settlement)
    own = who.organisation_id
    mine = select(SettlementLine.settlement_id).where(
        or_(SettlementLine.payer_id == own, SettlementLine.payee_id == own)
    )
    return select(Settlement).where(Settlement.id.in_(mine))


def settlement(session: Session, settlement_id: UUID, who: Who) -> Settlement:
    """Return one settlement that the person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(Settlement.id == settlement_id))
    if found is None:
        raise NotFound("settlement", settlement_id)
    return found


def lines_seen(row: Settlement, who: Who) -> list[SettlementLine]:
    """Return the lines that concern a person: prices between others stay between them."""
    if who.has(Role.OPERATOR):
        return list(row.lines)
    return [line for line in row.lines if who.organisation_id in {line.payer_id, line.payee_id}]


def by_deals(session: Session, deal_ids: Iterable[UUID], who: Who) -> dict[UUID, Settlement]:
    """Return the settlements of deals that the person may see, by deal."""
    rows = session.scalars(visible_to(who).where(Settlement.deal_id.in_(set(deal_ids))))
    return {row.deal_id: row for row in rows}
