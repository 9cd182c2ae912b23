"""Which visits are there, who may see them, and who could be drawn?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import Session

from compliance.record import ledger
from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from compliance.registry import queries as registry
from compliance.registry.rules import OrganisationKind
from compliance.registry.tables import Organisation
from compliance.visits.rules import OPEN, State, overlap
from compliance.visits.tables import SiteVisit, VisitDraw, VisitRound


def visible_to(who: Who) -> Select[SiteVisit]:
    """Return the statement for the visits a person may see.

    A party sees its own once something was found or all was well: nobody is warned of a visit to come.
    """
    every = select(SiteVisit)
    if who.oversees:
        return every
    if not who.has(Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER):
        return every.where(false())
    return every.where(
        SiteVisit.organisation_id == who.organisation_id,
        SiteVisit.state.not_in([State.DRAWN.value, State.CALLED_OFF.value]),
    )


def visit(session: Session, visit_id: UUID, who: Who, *, locked: bool = False) -> SiteVisit:
    """Return one visit that the person may see, or raise `NotFound`."""
    statement = visible_to(who).where(SiteVisit.id == visit_id)
    found = session.scalar(statement.with_for_update() if locked else statement)
    if found is None:
        raise NotFound("visit", visit_id)
    return found


def listed(session: Session, who: Who, *, open_only: bool = False, most: int = 200) -> Sequence[SiteVisit]:
    """Return the visits a person may see, the newest first."""
    statement = visible_to(who).order_by(SiteVisit.created_at.desc(), SiteVisit.id).limit(most)
    if open_only:
        statement = statement.where(SiteVisit.state.in_([state.value for state in OPEN]))
    return session.scalars(statement).all()


def of_organisation(session: Session, organisation_id: UUID, who: Who) -> Sequence[SiteVisit]:
    """Return the visits of one party that a person may see, the newest first."""
    mine = visible_to(who).where(SiteVisit.organisation_id == organisation_id)
    return session.scalars(mine.order_by(SiteVisit.created_at.desc(), SiteVisit.id)).all()


def rounds(session: Session, visit_id: UUID) -> Sequence[VisitRound]:
    """Return how often somebody went there, the first time first."""
    mine = select(VisitRound).where(VisitRound.visit_id == visit_id)
    return session.scalars(mine.order_by(VisitRound.at, VisitRound.id)).all()


def draw(session: Session, draw_id: UUID) -> VisitDraw:
    """Return one draw or raise `NotFound`."""
    found = session.get(VisitDraw, draw_id)
    if found is None:
        raise NotFound("draw", draw_id)
    return found


def draws(session: Session, most: int = 50) -> Sequence[VisitDraw]:
    """Return the draws, the newest first."""
    return session.scalars(select(VisitDraw).order_by(VisitDraw.at.desc(), VisitDraw.id).limit(most)).all()


def last_number(session: Session) -> int:
    """Return the number of the last draw, once nobody else can be drawing until the transaction ends."""
    session.execute(select(ledger.head.c.seq).with_for_update()).one()
    return session.scalar(select(func.max(VisitDraw.number))) or 0


def earlier(session: Session, population: Mapping[str, str]) -> int:
    """Return how often exactly a purpose, kind, division and period have been drawn from."""
    same = (getattr(VisitDraw, name) == value for name, value in population.items())
    return session.scalar(select(func.count()).select_from(VisitDraw).where(*same)) or 0


def drawn_before(session: Session, period: str, kind: OrganisationKind, division: str) -> VisitDraw | None:
    """Return the last draw of a period from a population that has parties in common with this one."""
    rows = session.scalars(
        select(VisitDraw)
        .where(VisitDraw.period == period, VisitDraw.kind == kind.value)
        .order_by(VisitDraw.number.desc())
    )
    return next((row for row in rows if overlap(row.division, division)), None)


def of_draw(session: Session, draw_ids: Iterable[UUID]) -> dict[UUID, list[SiteVisit]]:
    """Return the visits by draw, in the order in which they were drawn."""
    rows = session.scalars(
        select(SiteVisit).where(SiteVisit.draw_id.in_(set(draw_ids))).order_by(SiteVisit.id)
    )
    found: dict[UUID, list[SiteVisit]] = {}
    for row in rows:
        found.setdefault(row.draw_id, []).append(row)
    return found


def pool(session: Session, kind: OrganisationKind, division: str) -> list[UUID]:
    """Return who can be drawn: approved for a kind of business, in a division, with no visit open."""
    busy = select(SiteVisit.organisation_id).where(SiteVisit.state.in_([state.value for state in OPEN]))
    rows = session.scalars(
        select(Organisation)
        .where(Organisation.division_code.startswith(division, autoescape=True), Organisation.id.not_in(busy))
        .order_by(Organisation.id)
    )
    return [row.id for row in rows if kind.value in row.kinds]


def inspectors(session: Session) -> list[UUID]:
    """Return who may be sent: every inspector; where there is none, the operators."""
    people = registry.overseers(session)
    found = [row.id for row in people if Role.INSPECTOR in row.roles]
    return found or [row.id for row in people]
