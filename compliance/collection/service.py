"""How is a collection point opened, something handed in there, and a lot made up of it?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update

from compliance.catalogue import service as catalogue
from compliance.catalogue.rules import WasteType
from compliance.collection import queries
from compliance.collection.rules import HandInDraft, PointKind, code_of, draft_faults, fill, name_of
from compliance.collection.tables import CollectionPoint, HandIn
from compliance.record.errors import N_, Conflict, Forbidden, Invalid, NotFound, RuleBroken, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.gates import HAZARDOUS

LONGEST_NAME = 60


def open_point(work: Work, name: str, kind: PointKind, site_id: UUID, address: str = "") -> CollectionPoint:
    """Open a collection point whose goods are brought to one of the own sites."""
    own = _own(work)
    site = registry.sites(work.session, [site_id]).get(site_id)
    if site is None or site.organisation_id != own:
        raise NotFound("site", site_id)
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        text = N_("Give the point a name of at most {limit} characters.")
        raise Invalid(text, field="name", values={"limit": LONGEST_NAME})
    row = CollectionPoint(
        id=work.new_id(),
        organisation_id=own,
        site_id=site_id,
        name=name.strip(),
        kind=kind.value,
        address=address.strip(),
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.append("CollectionPointOpened", row.id, name=row.name, shape=row.kind, site=str(site_id))
    return row


def close_point(work: Work, point_id: UUID) -> CollectionPoint:
    """Close a point: nothing is handed in there any more, what was stays on record."""
    row = _own_point(work, point_id)
    if row.closed_at is None:
        row.closed_at = work.now
        work.append("CollectionPointClosed", row.id)
    return row


def take_in(work: Work, draft: HandInDraft) -> HandIn:
    """Take in what somebody hands in; the receipt's code is how it can be followed. Raises all faults."""
    point = _own_point(work, draft.point_id)
    waste = _checked(work, draft)
    if point.closed_at is not None:
        raise Conflict(
            N_("This point is closed."), code="point_closed", way_out=N_("Choose a point that is open.")
        )
    key = work.new_id()
    row = HandIn(
        id=key,
        receipt=code_of(key),
        organisation_id=point.organisation_id,
        point_id=point.id,
        site_id=point.site_id,
        code=waste.code,
        waste_name=name_of(waste.category_name, waste.description),
        grams=draft.grams,
        giver=draft.giver.value,
        giver_name=draft.giver_name.strip(),
        paid_fen=draft.paid_fen,
        note=draft.note.strip(),
        taken_at=draft.taken_at,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.append("HandInTaken", row.id, code=row.code, grams=row.grams, giver=row.giver, point=str(point.id))
    return row


def _checked(work: Work, draft: HandInDraft) -> WasteType:
    """Return the waste of a sound hand-in, or raise all that is wrong with it together."""
    try:
        waste = catalogue.require(work, draft.code, work.today, "code")
    except RuleBroken as unknown:
        raise_all([unknown, *draft_faults(draft, work.now, work.today, hazardous=False)])
        raise
    raise_all(draft_faults(draft, work.now, work.today, hazardous=waste.kind == HAZARDOUS))
    return waste


def void(work: Work, hand_in_id: UUID, reason: str) -> HandIn:
    """Void a hand-in that was entered wrongly, with the reason; what a lot holds is taken out of it first."""
    _own(work)
    row = queries.hand_in(work.session, hand_in_id, work.who, locked=True)
    if not reason.strip():
        raise Invalid(N_("Give the reason."), field="reason")
    if row.lot_id is not None:
        raise Conflict(
            N_("A lot holds this hand-in."),
            code="hand_in_held",
            way_out=N_("Take the hand-ins out of the lot first, while nothing of it is under way."),
        )
    if row.voided_at is None:
        row.voided_at, row.void_reason = work.now, reason.strip()
        work.append("HandInVoided", row.id, reason=row.void_reason)
    return row


def make_up(work: Work, lot_id: UUID, site_id: UUID, code: str, kg: int) -> int:
    """Let a lot hold what waits at its site of its code, the oldest first, up to its mass; return how many.

    The caller has made sure that it is the own lot, and that nothing of it is under way.
    """
    before = queries.held(work.session, lot_id)
    waiting = queries.waiting(work.session, _own(work), site_id, code)
    chosen = fill(waiting, kg * 1000 - before.grams)
    _hold(work, chosen, lot_id)
    if chosen:
        mass = {one.id: one.grams for one in waiting}
        work.append("LotMadeUp", lot_id, count=len(chosen), grams=sum(mass[one] for one in chosen))
    return len(chosen)


def release(work: Work, lot_id: UUID) -> int:
    """Take all hand-ins out of a lot again, so that they wait for another; return how many."""
    rows = [row.id for row in queries.of_lot(work.session, lot_id)]
    _hold(work, rows, None)
    if rows:
        work.append("LotTakenApart", lot_id, count=len(rows))
    return len(rows)


def _hold(work: Work, rows: Sequence[UUID], lot_id: UUID | None) -> None:
    for first in range(0, len(rows), 500):
        part = rows[first : first + 500]
        work.session.execute(update(HandIn).where(HandIn.id.in_(part)).values(lot_id=lot_id))


def _own(work: Work) -> UUID:
    if work.who.organisation_id is None or not work.who.has(Role.PRODUCER):
        raise Forbidden(N_("Your role does not allow this."), code="role")
    return work.who.organisation_id


def _own_point(work: Work, point_id: UUID) -> CollectionPoint:
    row = queries.point(work.session, point_id, work.who)
    if row.organisation_id != _own(work):
        raise NotFound("collection point", point_id)
    return row
