"""Which manifests are there, and who may see them?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from compliance.manifests.rules import SIGNER, Act, Party
from compliance.manifests.situations import Situation
from compliance.manifests.situations import State as Standing
from compliance.manifests.tables import (
    Manifest,
    ManifestException,
    ManifestLeg,
    ManifestPaper,
    ManifestSerial,
    ManifestSignature,
)
from compliance.record.errors import NotFound
from compliance.record.rows import plain_rows
from compliance.record.who import Role, Who


def visible_to(who: Who) -> Select[Manifest]:
    """Return the statement for the manifests that concern a person; who only drives sees the own ones."""
    return _seen(who.oversees, who.roles == {Role.DRIVER}, who.organisation_id, who.person_id)


def _seen(
    oversees: bool,
    drives: bool,
    own: UUID | BindParameter[UUID] | None,
    person: UUID | BindParameter[UUID] | None,
) -> Select[Manifest]:
    statement = select(Manifest)
    if oversees:
        return statement
    if drives:
        mine = or_(Manifest.driver_id == person, stood_in(Manifest.id))
        return statement.where(Manifest.carrier_id == own, mine)
    taking_part = select(ManifestLeg.manifest_id).where(
        or_(ManifestLeg.carrier_id == own, ManifestLeg.from_carrier_id == own)
    )
    return statement.where(
        or_(
            Manifest.mover_id == own,
            Manifest.carrier_id == own,
            Manifest.receiver_id == own,
            Manifest.id.in_(taking_part),
        )
    )


def stood_in(manifest_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Return whether leave was given that somebody else of the carrier's house signs on a manifest."""
    return exists().where(
        ManifestException.manifest_id == manifest_id,
        ManifestException.situation == Situation.SIGNER_ABSENT.value,
        ManifestException.act.in_([act.value for act in Act if SIGNER[act] is Party.CARRIER]),
        ManifestException.state.in_([Standing.GRANTED.value, Standing.USED.value]),
    )


_OWN, _PERSON = (bindparam(name, type_=Manifest.id.type) for name in ("own", "person"))
_ONE = {
    (oversees, drives): _seen(oversees, drives, _OWN, _PERSON).where(Manifest.id == bindparam("wanted"))
    for oversees in (True, False)
    for drives in (True, False)
}
"""Built once: one manifest is looked up with nearly everything."""


def manifest(session: Session, manifest_id: UUID, who: Who) -> Manifest:
    """Return one manifest that the person may see, or raise `NotFound`."""
    asked = {"wanted": manifest_id, "own": who.organisation_id, "person": who.person_id}
    found = session.scalar(_ONE[who.oversees, who.roles == {Role.DRIVER}], asked)
    if found is None:
        raise NotFound("manifest", manifest_id)
    return found


def by_deal(session: Session, deal_id: UUID) -> Manifest | None:
    """Return the manifest under which a deal's load was sent off."""
    return session.scalar(select(Manifest).where(Manifest.deal_id == deal_id, Manifest.parent_id.is_(None)))


def linked(session: Session, manifest_id: UUID) -> Sequence[Manifest]:
    """Return the manifests under which a refused load went back or onward, in order."""
    rows = select(Manifest).where(Manifest.parent_id == manifest_id)
    return session.scalars(rows.order_by(Manifest.created_at, Manifest.id)).all()


def legs(session: Session, manifest_id: UUID) -> Sequence[ManifestLeg]:
    """Return a load's hand-overs in order; the caller has made sure that the manifest may be seen."""
    rows = select(ManifestLeg).where(ManifestLeg.manifest_id == manifest_id)
    return session.scalars(rows.order_by(ManifestLeg.ordinal)).all()


def next_carrier(session: Session, manifest_id: UUID) -> UUID | None:
    """Return to which carrier a load is offered on its way, None while it is to none."""
    offered = [leg for leg in legs(session, manifest_id) if leg.ended_at is None]
    return offered[-1].carrier_id if offered else None


def paper(session: Session, manifest_id: UUID) -> ManifestPaper | None:
    """Return what is known of a transfer that ran on paper."""
    return session.get(ManifestPaper, manifest_id)


def with_national_number(session: Session, number: str) -> UUID | None:
    """Return which manifest bears a number of the national system."""
    return session.scalar(select(Manifest.id).where(Manifest.national_number == number))


def signatures(session: Session, manifest_id: UUID) -> Sequence[ManifestSignature]:
    """Return a manifest's signatures in the order they were given."""
    return session.scalars(
        select(ManifestSignature)
        .where(ManifestSignature.manifest_id == manifest_id)
        .order_by(ManifestSignature.ordinal)
    ).all()


class Signed(NamedTuple):
    """One act that was signed on a manifest: which, by whom, when, where, and the hash of what it covers."""

    act: str
    party: str
    person_name: str
    organisation_id: UUID | None
    at: datetime
    lat: float | None
    lon: float | None
    document_hash: str
    credential: str | None
    label: str
    exception_id: UUID | None


_SIGNED = (
    select(*(getattr(ManifestSignature, name) for name in Signed._fields))
    .where(ManifestSignature.manifest_id == bindparam("manifest_id"))
    .order_by(ManifestSignature.ordinal)
)


def signed(session: Session, manifest_id: UUID) -> list[Signed]:
    """Return what was signed on a manifest, in order."""
    return [Signed(*row) for row in plain_rows(session, _SIGNED, {"manifest_id": manifest_id})]


def counts(session: Session, who: Who) -> dict[str, int]:
    """Return how many manifests a person sees in each state."""
    seen = visible_to(who).with_only_columns(Manifest.state, func.count()).group_by(Manifest.state)
    return dict(session.execute(seen).all())


def next_serial(session: Session, year: int, prefecture: str) -> int:
    """Return the next serial of a year and prefecture; the row stays locked until the transaction ends.

    A rolled-back transaction gives its serial back, so the numbers have no gap.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        dialect.insert(ManifestSerial)
        .values(year=year, prefecture=prefecture, last=0)
        .on_conflict_do_nothing()
    )
    statement = (
        update(ManifestSerial)
        .where(ManifestSerial.year == year, ManifestSerial.prefecture == prefecture)
        .values(last=ManifestSerial.last + 1)
        .returning(ManifestSerial.last)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).scalar_one()
