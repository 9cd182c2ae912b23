"""Which matches are proposed, and for which lots must they be worked out anew?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from compliance.record.errors import N_, Conflict, NotFound
from marketplace.lots.rules import State as LotState
from marketplace.lots.tables import Lot
from marketplace.matches.rules import State
from marketplace.matches.tables import Match, Outlook


def proposed(session: Session, match_id: UUID) -> Match:
    """Return a match that may still be accepted, or raise."""
    found = session.get(Match, match_id, populate_existing=True)
    if found is None:
        raise NotFound("match", match_id)
    if State(found.state) is not State.PROPOSED:
        raise gone()
    return found


def gone() -> Conflict:
    """Return what is said of a match that cannot be accepted any more."""
    return Conflict(
        N_("This match is no longer on offer."),
        code="match_gone",
        way_out=N_("Look at the matches again."),
    )


def of_lot(session: Session, lot_id: UUID) -> Sequence[Match]:
    """Return the proposed matches of a lot, best first; the caller has made sure the lot may be seen."""
    return session.scalars(
        select(Match).where(Match.lot_id == lot_id, Match.state == State.PROPOSED.value).order_by(Match.rank)
    ).all()


def outlook(session: Session, lot_id: UUID) -> Outlook | None:
    """Return when a lot was last looked at and what came of it."""
    return session.get(Outlook, lot_id)


def close_others(session: Session, accepted: Match, left_kg: int) -> None:
    """Mark a match accepted and, when the lot is used up, its rivals superseded."""
    accepted.state = State.ACCEPTED.value
    if left_kg == 0:
        supersede(session, accepted.lot_id)


def supersede(session: Session, lot_id: UUID) -> None:
    """Take all proposals of a lot off offer."""
    session.execute(
        update(Match)
        .where(Match.lot_id == lot_id, Match.state == State.PROPOSED.value)
        .values(state=State.SUPERSEDED.value)
    )


def lots_wanting(session: Session, vehicle_id: UUID | None, need_id: UUID | None) -> set[UUID]:
    """Return the listed lots whose proposals lean on a vehicle or a need that is now taken."""
    leaning = (Match.vehicle_id == vehicle_id) | (Match.need_id == need_id)
    rows = session.scalars(select(Match.lot_id).where(leaning, Match.state == State.PROPOSED.value))
    return set(rows)


def lots_without_match(session: Session) -> set[UUID]:
    """Return the listed lots that nobody could take when they were last looked at."""
    return set(session.scalars(_looked_at().where(Outlook.found == 0)))


def lots_of_code(session: Session, code: str) -> set[UUID]:
    """Return the listed lots of a code that were looked at before, whatever came of it."""
    return set(session.scalars(_looked_at().where(Lot.code == code)))


def _looked_at() -> Select[UUID]:
    return select(Lot.id).join(Outlook, Outlook.lot_id == Lot.id).where(Lot.state == LotState.LISTED.value)
