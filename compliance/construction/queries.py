"""Which treatment plans, disposal sites and closed vehicles are there, and what is left of them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from compliance.construction.rules import Place, Plan, Spoil, State
from compliance.construction.tables import ClosedVehicle, DisposalSite, SpoilDraw, TreatmentPlan
from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from compliance.registry.tables import Site


def visible_to(who: Who) -> Select[TreatmentPlan]:
    """Return the statement for the plans that a person may see: the own house's, or all."""
    statement = select(TreatmentPlan)
    return (
        statement if who.oversees else statement.where(TreatmentPlan.organisation_id == who.organisation_id)
    )


def plan(session: Session, plan_id: UUID, who: Who, *, locked: bool = False) -> TreatmentPlan:
    """Return one plan that a person may see, or raise `NotFound`."""
    statement = visible_to(who).where(TreatmentPlan.id == plan_id)
    found = session.scalar(statement.with_for_update() if locked else statement)
    if found is None:
        raise NotFound("treatment_plan", plan_id)
    return found


def listed(session: Session, who: Who, most: int = 200) -> Sequence[TreatmentPlan]:
    """Return the plans a person may see, the newest first."""
    newest = visible_to(who).order_by(TreatmentPlan.created_at.desc(), TreatmentPlan.id)
    return session.scalars(newest.limit(most)).all()


def drawn(session: Session, plan_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return what left under each plan, kilograms."""
    rows = session.execute(
        select(SpoilDraw.plan_id, func.sum(SpoilDraw.kg))
        .where(SpoilDraw.plan_id.in_(set(plan_ids)))
        .group_by(SpoilDraw.plan_id)
    )
    return {key: int(kg) for key, kg in rows}


def loads(session: Session, plan_id: UUID) -> Sequence[SpoilDraw]:
    """Return the loads that left under a plan, the newest first."""
    mine = select(SpoilDraw).where(SpoilDraw.plan_id == plan_id)
    return session.scalars(mine.order_by(SpoilDraw.at.desc())).all()


def filed(session: Session, site_id: UUID, *, locked: bool = False) -> dict[UUID, Plan]:
    """Return the filed plans of a building site with what is left of each."""
    statement = select(TreatmentPlan).where(
        TreatmentPlan.site_id == site_id, TreatmentPlan.state == State.FILED.value
    )
    rows = session.scalars(
        statement.order_by(TreatmentPlan.id).with_for_update() if locked else statement
    ).all()
    taken = drawn(session, [row.id for row in rows])
    return {
        row.id: Plan(
            number=row.number,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            kg=row.kg,
            drawn_kg=taken.get(row.id, 0),
            codes=tuple(row.codes),
            sites=frozenset(UUID(one) for one in row.sites),
        )
        for row in rows
    }


def places(session: Session, site_ids: Iterable[UUID] | None = None) -> dict[UUID, Place]:
    """Return disposal sites with the room that is left, all or some."""
    statement = select(DisposalSite, Site.name).join(Site, Site.id == DisposalSite.site_id)
    if site_ids is not None:
        statement = statement.where(DisposalSite.site_id.in_(set(site_ids)))
    rows = session.execute(statement.order_by(Site.name)).all()
    taken = session.execute(
        select(SpoilDraw.site_id, func.sum(SpoilDraw.kg))
        .where(SpoilDraw.site_id.in_([row.site_id for row, _ in rows]))
        .group_by(SpoilDraw.site_id)
    )
    used = {key: int(kg) for key, kg in taken}
    return {
        row.site_id: Place(name, row.capacity_kg, used.get(row.site_id, 0), row.valid_to)
        for row, name in rows
    }


def vehicles(session: Session, who: Who) -> Sequence[ClosedVehicle]:
    """Return the closed vehicles of the own carrier, or all for who oversees."""
    statement = select(ClosedVehicle).order_by(ClosedVehicle.plate)
    if not who.oversees:
        if not who.has(Role.DISPATCHER):
            return ()
        statement = statement.where(ClosedVehicle.carrier_id == who.organisation_id)
    return session.scalars(statement).all()


def spoil(
    session: Session, code: str, plate: str, vehicle_id: UUID, ends: tuple[UUID, UUID], *, to_disposal: bool
) -> Spoil:
    """Read what the gates ask about one load of construction waste from a site to a site."""
    origin, destination = ends
    closed = session.get(ClosedVehicle, vehicle_id)
    return Spoil(
        code=code,
        plate=plate,
        destination=destination,
        to_disposal=to_disposal,
        plans=tuple(filed(session, origin).values()),
        place=places(session, [destination]).get(destination) if to_disposal else None,
        closed_to=closed.valid_to if closed is not None else None,
    )
