"""What shows why leave is asked: a photo or scan, or why there is none yet and by when it is handed in?

Nothing here stops a load: leave may be given and used while its evidence is outstanding.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Select, select

from compliance.manifests import queries
from compliance.manifests.situations import State
from compliance.manifests.tables import Manifest, ManifestException
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid
from compliance.record.who import Who
from compliance.record.work import Work

HAND_IN_WITHIN = timedelta(hours=24)


class Missing(StrEnum):
    """Why no photo or scan can be had at the moment."""

    PHONE_BROKEN = "phone_broken"
    NO_SIGNAL = "no_signal"
    FORBIDDEN = "photo_forbidden"
    """Taking pictures is forbidden there, as where gas may explode."""
    OTHER = "other_reason"
    """Said in words."""


def faults(file: str | None, missing: Missing | None, words: str) -> list[DomainError]:
    """Say what is missing of what shows it: a file, or why there is none; another reason is said in words."""
    if file is not None:
        return []
    if missing is None:
        return [
            Invalid(
                N_("Hand in a photo or scan, or say why none can be had now."),
                field="missing",
                way_out=N_("With a reason the load goes on; the photo or scan is handed in afterwards."),
            )
        ]
    if missing is Missing.OTHER and not words.strip():
        return [Invalid(N_("Say why no photo or scan can be had."), field="evidence")]
    return []


def is_outstanding(row: ManifestException) -> bool:
    """Tell whether a photo or scan is still to be handed in; of what was denied nobody asks one."""
    return row.file is None and row.evidence_due_at is not None and row.state != State.DENIED.value


def outstanding(who: Who) -> Select[ManifestException]:
    """Return the statement for the exceptions a person may see whose evidence is outstanding."""
    seen = queries.visible_to(who).with_only_columns(Manifest.id)
    return select(ManifestException).where(
        ManifestException.file.is_(None),
        ManifestException.evidence_due_at.is_not(None),
        ManifestException.state != State.DENIED.value,
        ManifestException.manifest_id.in_(seen),
    )


def hand_in(work: Work, found: ManifestException, file: str) -> ManifestException:
    """Hand in the photo or scan that was outstanding, by its SHA-256; the house that asked for leave does."""
    if work.who.organisation_id is None or work.who.organisation_id != found.organisation_id:
        raise Forbidden(N_("Whoever asked for leave hands in what shows it."))
    if not is_outstanding(found):
        raise Conflict(N_("Nothing is outstanding for this exception."), code="evidence_there")
    found.file, found.handed_in_at, found.handed_in_by = file, work.now, work.who.name
    work.append(
        "ExceptionEvidence",
        found.manifest_id,
        exception=str(found.id),
        situation=found.situation,
        act=found.act,
        file=file,
        handed_in_by=work.who.name,
    )
    return found
