"""Which exemptions are claimed, which are granted, and who may see them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from compliance.exemptions.rules import Grant, Stage, State
from compliance.exemptions.tables import ExemptionClaim
from compliance.record.errors import NotFound
from compliance.record.rows import plain_rows
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
    asked = {"holders": list(set(holders)), "codes": list(set(codes))}
    return [
        Grant(holder_id, code, Stage(stage), valid_from, valid_to, only_from)
        for holder_id, code, stage, valid_from, valid_to, only_from in plain_rows(session, _GRANTS, asked)
        if valid_from is not None and valid_to is not None
    ]


_c = ExemptionClaim
_GRANTS = select(_c.organisation_id, _c.code, _c.stage, _c.valid_from, _c.valid_to, _c.only_from).where(
    _c.organisation_id.in_(bindparam("holders", expanding=True, type_=_c.id.type)),
    _c.code.in_(bindparam("codes", expanding=True)),
    _c.state == State.GRANTED.value,
)
