"""In how many slightly other markets is a match made again, and when was that last tried?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from marketplace.lots.tables import Lot
from marketplace.matches.tables import MarketLook, Match, MatchFirmness
from marketplace.needs.tables import Need

SHAKEN = 2
"""The key of the row that says when the market was last shaken; the first is that of its prices."""


@dataclass(frozen=True, slots=True)
class Firmness:
    """How firm a match is: made again in so many of `samples` markets that are off by up to `percent`.

    `made`: it is part of the clearing of the market as it is.
    """

    made: bool
    again: int
    samples: int
    percent: float
    at: datetime


def keep(
    session: Session, rows: Iterable[tuple[UUID, UUID, bool, int]], samples: int, percent: float, at: datetime
) -> None:
    """Keep what shaking the market came to, by lot and need, in place of what was kept before."""
    session.execute(delete(MatchFirmness))
    session.add_all(
        MatchFirmness(
            lot_id=lot, need_id=need, made=made, again=again, samples=samples, percent=percent, at=at
        )
        for lot, need, made, again in rows
    )
    look = session.get(MarketLook, SHAKEN)
    if look is not None:
        look.at = at


def of_matches(session: Session, lot: Lot, rows: Sequence[Match]) -> Mapping[UUID, Firmness]:
    """Return by match how firm it is; a match of a lot or need that came or changed since is not told."""
    kept = session.scalars(select(MatchFirmness).limit(1)).first()
    if kept is None or lot.changed_at > kept.at:
        return {}
    fresh = Need.id.in_([row.need_id for row in rows]), Need.created_at <= kept.at
    known = set(session.scalars(select(Need.id).where(*fresh)))
    mine = select(MatchFirmness).where(MatchFirmness.lot_id == lot.id)
    found = {row.need_id: row for row in session.scalars(mine)}
    return {row.id: _told(found.get(row.need_id), kept) for row in rows if row.need_id in known}


def _told(row: MatchFirmness | None, kept: MatchFirmness) -> Firmness:
    """Return what is kept of a match; one that was never made is not kept, and is told as such."""
    made, again = (row.made, row.again) if row is not None else (False, 0)
    return Firmness(made, again, kept.samples, kept.percent, kept.at)
