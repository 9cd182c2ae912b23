"""How is what has come in judged exactly once, and again where late data touches what was judged?

Whoever stores a position notes the touched stretch in the same transaction (`notes`). Here, in one more,
the notes are taken away, the fixes are folded from a stored state, and what was found is written. New fixes
go on from the head; late ones from the checkpoint before them, up to a later one that comes out the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from compliance.record.work import Work
from tracking.judgement import context, outcome, queries
from tracking.judgement.fold import Run, hour_of
from tracking.judgement.notes import FOREVER, Span, note
from tracking.judgement.outcome import Stretch
from tracking.judgement.rules import Around
from tracking.judgement.state import State, packed, unpacked
from tracking.judgement.tables import Checkpoint, Head
from tracking.positions import queries as positions
from tracking.positions import service as live
from tracking.positions.rules import Fix
from tracking.trips import progress
from tracking.weighings import judgement as weighings

VEHICLES = 200
"""So many vehicles are judged in one transaction."""
MOST = 20_000
"""So many fixes of one vehicle are read at once; what is left is noted again."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def judge_waiting(work: Work, most: int = VEHICLES) -> int:
    """Judge the vehicles that have waited longest, and return how many there were."""
    session = work.session
    wanted = queries.waiting(session, most)
    if not wanted:
        return 0
    heads = {row.vehicle_id: row for row in queries.locked_heads(session, wanted)}
    noted = queries.take_notes(session, heads)
    spans = _judgeable(session, heads, noted)
    if not spans:
        return len(noted)
    fresh = positions.fixes_since(session, {key: since for key, (since, _) in spans.items()}, MOST)
    changed = progress.take_up(work, {key: few for key, few in fresh.items() if few})
    weighings.look_again(work, fresh)
    arounds = context.around(session, spans)
    stretches = []
    for vehicle_id, span in sorted(spans.items()):
        if vehicle_id not in arounds:
            continue
        touched = (min(span[0], changed[vehicle_id]), FOREVER) if vehicle_id in changed else span
        head, known = heads[vehicle_id], arounds[vehicle_id]
        stretches.append(_judge(session, head, touched, fresh[vehicle_id], known))
    outcome.record(work, stretches)
    live.touch(session, changed)
    return len(stretches)


def _judgeable(session: Session, heads: Mapping[UUID, Head], spans: Mapping[UUID, Span]) -> dict[UUID, Span]:
    """Leave out what was judged by positions that have been archived and are gone."""
    kept_from = positions.kept_from(session)
    if kept_from is None:
        return dict(spans)
    found = {}
    for vehicle_id, (since, until) in spans.items():
        head, first = heads[vehicle_id], since
        if head.at is not None and since <= head.at:
            first = queries.judged_again_from(session, head, since, kept_from)
        if first <= until:
            found[vehicle_id] = first, until
    return found


def _judge(session: Session, head: Head, span: Span, fresh: Sequence[Fix], around: Around) -> Stretch:
    """Fold one vehicle's fixes from the head, or from the checkpoint before what is touched."""
    since, until = span
    state = unpacked(head.state) if head.state else None
    if state is not None and head.at is not None and since > head.at:
        run = Run(head.vehicle_id, state, hour_of(head.at), until, {})
        return _fold(session, head, run, fresh, around, None)
    before = queries.checkpoint_before(session, head.vehicle_id, since)
    state = unpacked(bytes(before.state)) if before else None
    start = before.at if before is not None and state is not None else None
    marks = queries.checkpoints(session, head.vehicle_id, start or BEGINNING) if head.at else {}
    fixes = positions.fixes(session, head.vehicle_id, start or BEGINNING, None, MOST)
    run = Run(head.vehicle_id, state or State(), start, until, marks)
    return _fold(session, head, run, fixes, around, start or BEGINNING)


def _fold(
    session: Session, head: Head, run: Run, fixes: Sequence[Fix], around: Around, since: datetime | None
) -> Stretch:
    """Judge fixes and move the head on; what is more than can be done at once is noted for the next turn."""
    hours = [(hour, list(few)) for hour, few in groupby(fixes, key=lambda fix: hour_of(fix.at))]
    left = hours.pop()[0] if len(fixes) >= MOST and len(hours) > 1 else None
    run.go(hours, around)
    before, end = head.at, run.met
    last = hours[-1][1][-1] if hours else None
    if left is not None and end is None:
        run.made[left] = packed(run.state)
        note(session, {head.vehicle_id: (left, max(run.until, head.at or run.until))})
        end = left
    if run.met is None and last is not None and (head.at is None or last.at >= head.at):
        head.at, head.seq, head.state = last.at, last.seq, packed(run.state)
    _keep(session, head.vehicle_id, run.made)
    return Stretch(head.vehicle_id, since, end, before, run.state, run.found)


def _keep(session: Session, vehicle_id: UUID, made: Mapping[datetime, bytes]) -> None:
    """Write checkpoints, in the place of those that came out otherwise before."""
    if not made:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Checkpoint)
    statement = statement.on_conflict_do_update(
        index_elements=["vehicle_id", "at"], set_={"state": statement.excluded.state}
    )
    rows = [{"vehicle_id": vehicle_id, "at": at, "state": data} for at, data in made.items()]
    session.execute(statement, rows)
