"""What is written down of what was found, for the first time or otherwise than before?

An episode keeps its row for ever: late data may give it another end, or disprove it, and then the row and the
record say that it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.record.work import Work
from tracking.judgement import alarms, queries
from tracking.judgement.fold import settled
from tracking.judgement.rules import ALARMS, RULES, Episode, Kind
from tracking.judgement.state import State
from tracking.judgement.tables import EpisodeRow

Name = tuple[str, datetime, str]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of one vehicle's way that was judged, and what came of it.

    `since` is None where new fixes went on from the head; otherwise everything from it on was judged again,
    up to before `until` (None: to the end). `head` is how far the way had been judged before.
    """

    vehicle_id: UUID
    since: datetime | None
    until: datetime | None
    head: datetime | None
    state: State
    found: Sequence[Episode]

    def covers(self, moment: datetime) -> bool:
        """Tell whether what was certain at a moment was judged again."""
        return self.since is not None and self.since <= moment and (self.until is None or moment < self.until)


def record(work: Work, stretches: Sequence[Stretch]) -> None:
    """Write what was found on several vehicles' ways, and withdraw what no longer is."""
    onward = [one.vehicle_id for one in stretches if one.since is None]
    standing: dict[UUID, list[EpisodeRow]] = {}
    for row in queries.standing(work.session, onward) if onward else ():
        standing.setdefault(row.vehicle_id, []).append(row)
    for stretch in stretches:
        if stretch.since is None:
            rows: Sequence[EpisodeRow] = standing.get(stretch.vehicle_id, ())
        else:
            rows = queries.since(work.session, stretch.vehicle_id, stretch.since)
        _record(work, stretch, {_name(row): row for row in rows})
    work.session.flush()


def _record(work: Work, stretch: Stretch, stored: Mapping[Name, EpisodeRow]) -> None:
    found = settled(stretch.found)
    for name, episode in found.items():
        row = stored.get(name)
        if row is None:
            _add(work, stretch, episode)
        else:
            _amend(work, stretch, row, episode)
    for name, row in stored.items():
        if name not in found:
            _reconsider(work, stretch, row)


def _name(row: EpisodeRow) -> Name:
    return row.kind, row.since, row.subject


def _add(work: Work, stretch: Stretch, episode: Episode) -> None:
    late = stretch.since is not None and stretch.head is not None and episode.opened[0] <= stretch.head
    row = EpisodeRow(
        id=work.new_id(),
        vehicle_id=stretch.vehicle_id,
        trip_id=UUID(episode.trip) if episode.trip else None,
        kind=episode.kind.value,
        subject=episode.subject,
        since=episode.since,
        until=episode.until,
        opened_at=episode.opened[0],
        opened_seq=episode.opened[1],
        closed_at=episode.closed[0] if episode.closed else None,
        lat=episode.lat,
        lon=episode.lon,
        facts=dict(episode.facts),
        found_at=work.now,
        late=late,
    )
    work.session.add(row)
    _append(work, row)
    _append_end(work, row)
    alarms.tell(work, row)


def _amend(work: Work, stretch: Stretch, row: EpisodeRow, episode: Episode) -> None:
    """Give a stored episode the end and the facts that it now has.

    One that still lasts where the stretch ends, within the way, keeps the end that lies beyond.
    """
    beyond = stretch.until is not None and row.closed_at is not None and row.closed_at >= stretch.until
    if episode.until is None and beyond:
        return
    before = row.until, row.facts
    ended = row.until is None and episode.until is not None
    row.until, row.closed_at = episode.until, episode.closed[0] if episode.closed else None
    row.opened_at, row.opened_seq = episode.opened
    row.trip_id = UUID(episode.trip) if episode.trip else None
    if row.facts != episode.facts:
        row.facts = dict(episode.facts)
    if ended:
        _append_end(work, row)
    if before != (row.until, row.facts):
        alarms.tell(work, row)


def _append_end(work: Work, row: EpisodeRow) -> None:
    """Append the end of a deviation: only then its length and duration are known."""
    if row.kind == Kind.DEVIATION and row.trip_id is not None and row.until is not None:
        work.append("TripRejoined", row.trip_id, **_told(row), facts=dict(row.facts))


def _reconsider(work: Work, stretch: Stretch, row: EpisodeRow) -> None:
    """Withdraw a stored episode that was not found again, or let it last if only its end was not.

    A silence without end was noticed by the clock, and the next fix decides on it.
    """
    if row.kind == Kind.SILENCE and row.until is None:
        track = stretch.state.track
        if stretch.until is None and track is not None and track.at > row.since:
            _withdraw(work, row)
    elif stretch.covers(row.opened_at):
        _withdraw(work, row)
    elif row.closed_at is not None and stretch.covers(row.closed_at):
        row.until = row.closed_at = None


def _withdraw(work: Work, row: EpisodeRow) -> None:
    row.withdrawn_at = work.now
    alarms.take_back(work, row)
    if row.trip_id is not None and Kind(row.kind) in ALARMS:
        work.append("EpisodeWithdrawn", row.trip_id, **_told(row), what=row.kind)


def _told(row: EpisodeRow) -> dict[str, object]:
    return {
        "episode": str(row.id),
        "vehicle": str(row.vehicle_id),
        "since": row.since.isoformat(),
        "until": row.until.isoformat() if row.until else None,
    }


def noticed(work: Work, row: EpisodeRow) -> None:
    """Write an episode that the clock brought about: a silence that still lasts."""
    work.session.add(row)
    _append(work, row)
    alarms.tell(work, row)


def _append(work: Work, row: EpisodeRow) -> None:
    """Append what happened on a trip to the record, with the rule that warns of it."""
    kind = Kind(row.kind)
    name = {
        Kind.DEVIATION: "TripDeviated",
        Kind.AREA: "TripInRestrictedArea",
        Kind.OVERSPEED: "TripTooFast",
        Kind.HALT: "TripHalted",
        Kind.SILENCE: "TripSilent",
        Kind.SEAL: "TripOpened",
    }.get(kind)
    if name is not None and row.trip_id is not None:
        rule = RULES.get(kind, "")
        work.append(name, row.trip_id, **_told(row), rule=rule, facts=dict(row.facts), late=row.late)
