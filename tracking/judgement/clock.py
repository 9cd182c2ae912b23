"""What does nobody but the clock bring about? A silence that still lasts, and the thinning of checkpoints."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, extract, select
from sqlalchemy.orm import aliased

from compliance.record.work import Work
from tracking.judgement.limits import limits
from tracking.judgement.outcome import noticed
from tracking.judgement.rules import Kind
from tracking.judgement.state import unpacked
from tracking.judgement.tables import Checkpoint, EpisodeRow, Head
from tracking.trips.rules import State
from tracking.trips.tables import Trip

KEPT = timedelta(days=3)
"""So long every checkpoint is kept; of older days one each, since late data is mostly hours late."""
THINNED = timedelta(days=30)
"""What is older was thinned before, or made anew by data that came later than that."""


def notice_silences(work: Work) -> int:
    """Note the vehicles on the road with a load that have said nothing for too long; return how many.

    The next fix decides: it ends the silence, or shows that there was none.
    """
    session = work.session
    oldest = work.now - timedelta(seconds=limits().silence.gap_s)
    e = EpisodeRow
    known = exists().where(
        e.vehicle_id == Head.vehicle_id,
        e.kind == Kind.SILENCE.value,
        e.until.is_(None),
        e.withdrawn_at.is_(None),
    )
    rows = session.execute(
        select(Trip, Head)
        .join(Head, Head.vehicle_id == Trip.vehicle_id)
        .where(
            Trip.state.in_([State.LOADED.value, State.UNDER_WAY.value]),
            Trip.started_at.is_not(None),
            Trip.arrived_at.is_(None),
            Head.at < oldest,
            Head.at >= Trip.started_at,
            ~known,
        )
        .order_by(Head.vehicle_id)
        .with_for_update(of=Head, skip_locked=True)
    ).all()
    count = 0
    for trip, head in rows:
        state = unpacked(bytes(head.state)) if head.state else None
        if state is not None and state.track is not None:
            track = state.track
            noticed(work, _silence(work, trip.id, head, track.at, track.seq, track.lat, track.lon))
            count += 1
    return count


def _silence(
    work: Work, trip_id: UUID, head: Head, since: datetime, seq: int, lat: float, lon: float
) -> EpisodeRow:
    return EpisodeRow(
        id=work.new_id(),
        vehicle_id=head.vehicle_id,
        trip_id=trip_id,
        kind=Kind.SILENCE.value,
        subject="",
        since=since,
        opened_at=since,
        opened_seq=seq,
        lat=lat,
        lon=lon,
        facts={},
        found_at=work.now,
        late=False,
    )


def thin(work: Work) -> None:
    """Throw away the checkpoints of older days but the first of each day (UTC) and vehicle."""
    old = Checkpoint.at.between(work.now - THINNED, work.now - KEPT)
    earlier = aliased(Checkpoint)
    same_day = exists().where(
        earlier.vehicle_id == Checkpoint.vehicle_id,
        earlier.at < Checkpoint.at,
        *(extract(part, earlier.at) == extract(part, Checkpoint.at) for part in ("year", "month", "day")),
    )
    work.session.execute(delete(Checkpoint).where(old, same_day))
