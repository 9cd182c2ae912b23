"""How is a lot made up of what was handed in, and what became of one hand-in?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.catalogue import queries as catalogue
from compliance.collection import queries, rules, service
from compliance.collection.queries import Held
from compliance.collection.tables import CollectionPoint, HandIn
from compliance.manifests.rules import State
from compliance.manifests.tables import Manifest
from compliance.record.errors import N_, Conflict, DomainError, NotFound
from compliance.record.work import Work
from compliance.registry.tables import Organisation
from marketplace.deals.tables import Deal
from marketplace.lots import queries as lots
from marketplace.lots.rules import State as LotState
from marketplace.lots.tables import Lot

BEFORE = frozenset({State.DRAFT.value, State.CANCELLED.value})
GONE = frozenset({LotState.WITHDRAWN.value, LotState.EXPIRED.value})


@dataclass(frozen=True, slots=True)
class Way:
    """One load of the lot that holds a hand-in: its state, what for, in which district, and since when."""

    state: str
    mode: str
    place: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Trace:
    """What became of a hand-in, for whoever has its receipt; no company or person is named but the point."""

    row: HandIn
    point: CollectionPoint
    ways: list[Way]


def make_up(work: Work, lot_id: UUID) -> Lot:
    """Let an own lot hold what waits at its site of its code; return it."""
    row = _open(work, lot_id)
    service.make_up(work, row.id, row.site_id, row.code, row.kg)
    return row


def take_apart(work: Work, lot_id: UUID) -> Lot:
    """Take the hand-ins out of an own lot again; return it."""
    row = _open(work, lot_id)
    service.release(work, row.id)
    return row


def faults(work: Work, row: Lot, held: Held) -> list[DomainError]:
    """Return what is to be said of a lot that is partly made up of hand-ins; nothing of one without any."""
    return rules.accounted(row.kg, held.grams, work.today) if held.count else []


def is_open(session: Session, row: Lot) -> bool:
    """Tell whether what a lot is made up of may still change: no load of it has its manifest yet."""
    under_way = select(Manifest.id).join(Deal, Deal.id == Manifest.deal_id)
    under_way = under_way.where(Deal.lot_id == row.id, Manifest.state.not_in(BEFORE)).limit(1)
    return row.state not in GONE and session.scalar(under_way) is None


def trace(session: Session, code: str) -> Trace:
    """Return what became of the hand-in of a receipt, or raise `NotFound`."""
    receipt = rules.plain(code)
    row = queries.by_receipt(session, receipt)
    if row is None:
        raise NotFound("receipt", receipt[:20])
    point = session.get_one(CollectionPoint, row.point_id)
    return Trace(row, point, _ways(session, row.lot_id) if row.lot_id else [])


def _open(work: Work, lot_id: UUID) -> Lot:
    """Return an own lot that may still change, locked, or refuse."""
    row = lots.own_lot(work.session, lot_id, work.who)
    if not is_open(work.session, row):
        raise Conflict(
            N_("What this lot is made up of can no longer be changed."),
            code="lot_under_way",
            way_out=N_("Let the next lot hold what waits."),
        )
    return row


def _ways(session: Session, lot_id: UUID) -> list[Way]:
    found = session.execute(
        select(Manifest.state, Manifest.mode, Organisation.division_code, Manifest.changed_at)
        .join(Deal, Deal.id == Manifest.deal_id)
        .join(Organisation, Organisation.id == Manifest.receiver_id)
        .where(Deal.lot_id == lot_id, Manifest.state.not_in(BEFORE))
        .order_by(Manifest.created_at, Manifest.id)
    )
    return [
        Way(state, mode, catalogue.full_name(session, division), since)
        for state, mode, division, since in found
    ]
