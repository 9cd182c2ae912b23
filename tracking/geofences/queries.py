"""Which fences are there, as the judgement sees them and as people list them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from weakref import WeakKeyDictionary

import shapely
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.registry.tables import Site
from tracking.geofences.rules import Approval, Hours, Place, Places, fence_of
from tracking.geofences.tables import AreaApproval, AreaVersion
from tracking.judgement.limits import limits


@dataclass(frozen=True, slots=True)
class Fences:
    """Every site and restricted area, as of one state of the register."""

    sites: Places
    areas: Places


_known: WeakKeyDictionary[Engine, tuple[object, Fences]] = WeakKeyDictionary()
"""The fences of each database, and the state of the register from which they were made."""

_STATE = select(
    select(func.max(Site.key)).scalar_subquery(),
    select(func.max(AreaVersion.key)).scalar_subquery(),
    select(func.count(AreaVersion.until)).scalar_subquery(),
    select(func.count(AreaApproval.id)).scalar_subquery(),
    select(func.count(AreaApproval.withdrawn_at)).scalar_subquery(),
)
"""Versions and approvals are only added and ended, so these numbers change with every change."""


def fences(session: Session) -> Fences:
    """Return all fences; they are read again only once the register has changed."""
    engine = session.get_bind().engine
    state = tuple(session.execute(_STATE).one())
    known = _known.get(engine)
    if known is None or known[0] != state:
        known = (state, Fences(_sites(session), _areas(session)))
        _known[engine] = known
    return known[1]


def _sites(session: Session) -> Places:
    return Places(
        Place(str(row.id), row.name, fence_of(shapely.to_wkb(row.boundary)))
        for row in session.scalars(select(Site))
    )


def _areas(session: Session) -> Places:
    approvals: dict[UUID, list[Approval]] = {}
    for row in session.scalars(select(AreaApproval).where(AreaApproval.withdrawn_at.is_(None))):
        approvals.setdefault(row.area_id, []).append(
            Approval(row.plate_key, row.valid_from, row.valid_to, row.number)
        )
    rows = session.scalars(select(AreaVersion).order_by(AreaVersion.key))
    return Places(_area(row, tuple(approvals.get(row.id, ()))) for row in rows)


def _area(row: AreaVersion, approvals: tuple[Approval, ...]) -> Place:
    return Place(
        f"{row.id}.{row.version}"[-40:],
        row.name,
        fence_of(shapely.to_wkb(row.boundary), limits().areas.leaving_m),
        row.since,
        row.until,
        row.valid_from,
        row.valid_to,
        Hours(row.minute_from, row.minute_to, frozenset(row.weekdays)),
        approvals,
    )


def areas(session: Session) -> Sequence[AreaVersion]:
    """Return the restricted areas as they now stand, by name; they are public to whoever is signed in."""
    return session.scalars(
        select(AreaVersion).where(AreaVersion.until.is_(None)).order_by(AreaVersion.name, AreaVersion.key)
    ).all()


def area(session: Session, area_id: UUID, *, lock: bool = False) -> AreaVersion:
    """Return a restricted area as it now stands, or raise `NotFound`."""
    statement = select(AreaVersion).where(AreaVersion.id == area_id, AreaVersion.until.is_(None))
    found = session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("restricted area", area_id)
    return found


def history(session: Session, area_id: UUID) -> Sequence[AreaVersion]:
    """Return every version of a restricted area, the newest first."""
    return session.scalars(
        select(AreaVersion).where(AreaVersion.id == area_id).order_by(AreaVersion.version.desc())
    ).all()


def approvals(session: Session, area_id: UUID) -> Sequence[AreaApproval]:
    """Return the approvals for an area that have not been withdrawn, the newest first."""
    return session.scalars(
        select(AreaApproval)
        .where(AreaApproval.area_id == area_id, AreaApproval.withdrawn_at.is_(None))
        .order_by(AreaApproval.valid_to.desc(), AreaApproval.id)
    ).all()
