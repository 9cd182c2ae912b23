"""Which receipts are there?"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.receipts.tables import Receipt


def of_manifest(session: Session, manifest_id: UUID) -> Receipt | None:
    """Return the receipt of a manifest, if both weights are known."""
    return session.scalar(select(Receipt).where(Receipt.manifest_id == manifest_id))


def of_manifests(session: Session, manifest_ids: Iterable[UUID]) -> dict[UUID, Receipt]:
    """Return receipts by manifest; the caller has made sure that the manifests may be seen."""
    rows = session.scalars(select(Receipt).where(Receipt.manifest_id.in_(set(manifest_ids))))
    return {row.manifest_id: row for row in rows}
