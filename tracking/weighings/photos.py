"""Which pictures do tickets name, and which of them are here?

A ticket names each picture by the hash of its bytes, under the scale's signature. A file is taken only from
the scale whose stored ticket names it: whoever has a scale's password still cannot hand in anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.record.errors import N_, Conflict, NotFound
from compliance.record.work import Work
from devices.codecs.ticket_json import particulars
from tracking.weighings.tables import Weighing, WeighingPhoto


def name(session: Session, row: Weighing) -> None:
    """Note which pictures a ticket names; one that another ticket of the scale brought is here already."""
    named = particulars(row.extra).photos
    there = _of_hashes(session, row.device_id, named.values()) if named else {}
    for view, sha256 in named.items():
        known = there.get(sha256)
        session.add(
            WeighingPhoto(
                weighing_id=row.id,
                view=view,
                device_id=row.device_id,
                sha256=sha256,
                media_type=known.media_type if known is not None else "",
                received_at=known.received_at if known is not None else None,
            )
        )


def of(session: Session, weighing_ids: Iterable[UUID]) -> Sequence[WeighingPhoto]:
    """Return the pictures that tickets name, by ticket and view; the caller has asked who may see them."""
    wanted = set(weighing_ids)
    rows = select(WeighingPhoto).where(WeighingPhoto.weighing_id.in_(wanted))
    return session.scalars(rows.order_by(WeighingPhoto.weighing_id, WeighingPhoto.view)).all()


def named(session: Session, row: Weighing) -> list[tuple[str, str, WeighingPhoto | None]]:
    """Return view and hash of every picture under a ticket's signature, with what is known of the file.

    A ticket of an earlier release names pictures of which nothing is known.
    """
    known = {(one.view, one.sha256): one for one in of(session, [row.id])}
    return [
        (view, sha256, known.get((view, sha256)))
        for view, sha256 in sorted(particulars(row.extra).photos.items())
    ]


def alike(session: Session, row: Weighing) -> Sequence[tuple[str, Weighing]]:
    """Return the other tickets of the scale that name one of this one's pictures, by number, with the view.

    Two pictures of a camera never have the same bytes: it hangs, or is fed what was recorded.
    """
    hashes = set(particulars(row.extra).photos.values())
    if not hashes:
        return ()
    found = session.execute(
        select(WeighingPhoto.view, Weighing)
        .join(Weighing, Weighing.id == WeighingPhoto.weighing_id)
        .where(WeighingPhoto.sha256.in_(hashes), Weighing.device_id == row.device_id, Weighing.id != row.id)
        .order_by(Weighing.inc, Weighing.ticket_number, WeighingPhoto.view)
    )
    return [(view, other) for view, other in found]


def one(session: Session, row: Weighing, view: str) -> WeighingPhoto:
    """Return the picture of a ticket from one side, or raise `NotFound` where it names none or none came."""
    found = session.get(WeighingPhoto, (row.id, view))
    if found is None or found.received_at is None:
        raise NotFound("photo", f"{row.ticket_number} {view}")
    return found


def take(work: Work, device_id: str, sha256: str, media_type: str) -> int:
    """Note that a picture has come in; return how many places of tickets it fills.

    Raises `Conflict` (`photo_unnamed`) for one that no stored ticket of the scale names: the ticket may still
    be on its way. The same picture again changes nothing.
    """
    own = WeighingPhoto.sha256 == sha256, WeighingPhoto.device_id == device_id
    rows = work.session.scalars(select(WeighingPhoto).where(*own).with_for_update()).all()
    if not rows:
        raise Conflict(
            N_("No ticket of this scale that is here names this picture."),
            code="photo_unnamed",
            way_out=N_("Send it again once the ticket has been acknowledged."),
        )
    for row in rows:
        row.media_type = media_type
        row.received_at = row.received_at or work.now
    return len(rows)


def _of_hashes(session: Session, device_id: str, hashes: Iterable[str]) -> Mapping[str, WeighingPhoto]:
    rows = session.scalars(
        select(WeighingPhoto).where(
            WeighingPhoto.sha256.in_(set(hashes)),
            WeighingPhoto.device_id == device_id,
            WeighingPhoto.received_at.is_not(None),
        )
    )
    return {row.sha256: row for row in rows}
