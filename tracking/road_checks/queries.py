"""Which manifests does a plate, a number or a QR code lead to, and which checks were made?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session

from compliance.manifests.rules import State
from compliance.manifests.tables import Manifest
from compliance.record.errors import NotFound
from compliance.record.who import Who
from tracking.road_checks.rules import OVER, UNSAID, Asked, By
from tracking.road_checks.tables import RoadCheck

MOST = 5
RUNNING = tuple(state.value for state in State if state not in OVER | UNSAID)


def visible_to(who: Who) -> Select[RoadCheck]:
    """Return the statement for the checks a person may see: who oversees sees all, nobody else any."""
    statement = select(RoadCheck)
    return statement if who.oversees else statement.where(false())


def road_check(session: Session, check_id: UUID, who: Who) -> RoadCheck:
    """Return one check that the person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(RoadCheck.id == check_id))
    if found is None:
        raise NotFound("road check", check_id)
    return found


def manifests_of(session: Session, asked: Asked, vehicle_id: UUID | None) -> Sequence[Manifest]:
    """Return the manifests that are asked for; a vehicle's running ones, else the last it ran on."""
    if asked.by is By.QR:
        return session.scalars(select(Manifest).where(Manifest.id == UUID(asked.key))).all()
    if asked.by is By.NUMBER:
        ours = session.scalars(select(Manifest).where(Manifest.number == asked.key)).all()
        return ours or session.scalars(select(Manifest).where(Manifest.national_number == asked.key)).all()
    if vehicle_id is None:
        return ()
    newest = select(Manifest).where(Manifest.vehicle_id == vehicle_id).order_by(Manifest.changed_at.desc())
    running = session.scalars(newest.where(Manifest.state.in_(RUNNING)).limit(MOST)).all()
    return running or session.scalars(newest.where(Manifest.state != State.DRAFT.value).limit(1)).all()
