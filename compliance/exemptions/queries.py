"""Which exemptions are claimed, which are granted, and who may see them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from compliance.exemptions.rules import Grant, Stage, State
from compliance.exemptions.tables import ExemptionClaim
from compliance.record.errors import NotFound
from compliance.record.who import Who


def visible_to(who: Who) -> Select[ExemptionClaim]:
    """Return the statement for the claims a person may see: the own house's, or all who oversee."""
    every = select(ExemptionClaim)
    return every if who.oversees else every.where(ExemptionClaim.organisation_id == who.organisation_id)


def claim(session: Session, claim_id: UUID, who: Who, *, locked: bool = False) -> ExemptionClaim:
    """Return one claim that the person may see, or raise `NotFound`."""
    statement = visible_to(who).where(ExemptionClaim.id == claim_id)
    found = session.scalar(statement.with_for_update() if locked else statement)
    if found is None:
        raise NotFound("exemption", claim_id)
    return found


def listed(session: Session, who: Who, most: int = 200) -> Sequence[ExemptionClaim]:
    """Return the claims a person may see, the newest first."""
    newest = visible_to(who).order_by(ExemptionClaim.claimed_at.desc(), ExemptionClaim.id)
    return session.scalars(newest.limit(most)).all()


def grants(session: Session, holders: Iterable[UUID], codes: Iterable[str]) -> list[Grant]:
    """Return what was granted to some organisations for some codes, over or not."""
    rows = session.scalars(
        select(ExemptionClaim).where(
            ExemptionClaim.organisation_id.in_(set(holders)),
            ExemptionClaim.code.in_(set(codes)),
            ExemptionClaim.state == State.GRANTED.value,
        )
    )
    return [
        Grant(row.organisation_id, row.code, Stage(row.stage), row.valid_from, row.valid_to, row.only_from)
        for row in rows
        if row.valid_from is not None and row.valid_to is not None
    ]
