"""Of which vehicle has which part of the way to be judged, for the first time or again?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tracking.judgement.tables import Touched

Span = tuple[datetime, datetime]
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Until when a vehicle's way is touched where everything from a moment on has to be looked at again."""

_NOTE = insert(Touched)


def note(session: Session, spans: Mapping[UUID, Span]) -> None:
    """Note, in the transaction that changed it, from when to when a vehicle's way is touched.

    Notes are only added here and taken away by whoever judges, so nobody waits for anybody.
    """
    if spans:
        rows = [
            {"vehicle_id": vehicle_id, "since": since, "until": until}
            for vehicle_id, (since, until) in spans.items()
        ]
        session.connection().execute(_NOTE, rows)
