"""What is the document of a pipeline's period, and which signature covers what of it (M13)?

The mover signs its own part when it issues the period; the receiver, when it confirms, signs that part and
its own. Blanking the receiver's part gives what the mover signed, so that one document proves both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from compliance.pipelines.rules import Side
from compliance.pipelines.tables import MeterReading, PeriodManifest, Pipeline
from compliance.record.ledger import canonical

FORM = 1
Document = dict[str, Any]


def issued(
    row: Pipeline,
    period: PeriodManifest,
    stated: Mapping[str, Any],
    read: Sequence[MeterReading],
    signed_by: str,
) -> Document:
    """Return what the mover signs: what flows whence and whither, what is stated, its own meter by day."""
    return {
        "form": FORM,
        "id": str(period.id),
        "number": period.number,
        "period": period.period,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "pipeline": {"id": str(row.id), "name": row.name, "carrying": row.carrying},
        "code": row.code,
        "edition": period.edition,
        "hazardous": row.hazardous,
        "mode": row.mode,
        "mover_id": str(row.mover_id),
        "receiver_id": str(row.receiver_id),
        "origin_site_id": str(row.origin_site_id),
        "destination_site_id": str(row.destination_site_id),
        "stated": dict(stated),
        "mover": {"kg": period.mover_kg, "days": _days(read, Side.MOVER), "signed_by": signed_by},
        "receiver": None,
    }


def confirmed(
    document: Document, period: PeriodManifest, read: Sequence[MeterReading], signed_by: str
) -> Document:
    """Return what the receiver signs: the mover's part, its own meter by day, and what it accepted."""
    return document | {
        "receiver": {
            "kg": period.receiver_kg,
            "accepted_kg": period.accepted_kg,
            "reason": period.reason,
            "days": _days(read, Side.RECEIVER),
            "signed_by": signed_by,
        }
    }


def digest(document: Document) -> str:
    """Return the SHA-256 of a document in canonical JSON."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def seal(period: PeriodManifest, document: Document) -> str:
    """Keep a document with its period and return its hash, which the signature's event names."""
    period.document, period.document_hash = document, digest(document)
    return period.document_hash


def _days(read: Sequence[MeterReading], side: Side) -> list[dict[str, object]]:
    return [
        {
            "day": one.day.isoformat(),
            "kg": one.kg,
            "how": one.how,
            "counter_from_kg": one.counter_from_kg,
            "counter_to_kg": one.counter_to_kg,
        }
        for one in read
        if one.side == side.value
    ]
