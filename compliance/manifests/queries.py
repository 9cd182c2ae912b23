"""Which manifests are there, and who may see them?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from compliance.manifests.tables import Manifest, ManifestSerial, ManifestSignature
from compliance.record.errors import NotFound
from compliance.record.who import Role, Who


def visible_to(who: Who) -> Select[Manifest]:
    """Return the statement for the manifests that concern a person; who only drives sees the own ones."""
    statement = select(Manifest)
    if who.oversees:
        return statement
    own = who.organisation_id
    if who.roles == {Role.DRIVER}:
        return statement.where(Manifest.carrier_id == own, Manifest.driver_id == who.person_id)
    return statement.where(
        or_(Manifest.mover_id == own, Manifest.carrier_id == own, Manifest.receiver_id == own)
    )


def manifest(session: Session, manifest_id: UUID, who: Who) -> Manifest:
    """Return one manifest that the person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(Manifest.id == manifest_id))
    if found is None:
        raise NotFound("manifest", manifest_id)
    return found


def by_deal(session: Session, deal_id: UUID) -> Manifest | None:
    """Return the manifest of a deal."""
    return session.scalar(select(Manifest).where(Manifest.deal_id == deal_id))


def signatures(session: Session, manifest_id: UUID) -> Sequence[ManifestSignature]:
    """Return a manifest's signatures in the order they were given."""
    return session.scalars(
        select(ManifestSignature)
        .where(ManifestSignature.manifest_id == manifest_id)
        .order_by(ManifestSignature.ordinal)
    ).all()


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
