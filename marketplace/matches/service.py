"""How are matches for a lot worked out and put before the people who decide?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.record.work import Work
from marketplace.lots.rules import State as LotState
from marketplace.lots.tables import Lot
from marketplace.matches import market, queries
from marketplace.matches.rules import SHOWN, State, freight_fen
from marketplace.matches.tables import Match, Outlook
from marketplace.needs.tables import Need
from matching.assign import rank_all
from matching.distances import Distances
from matching.reasons import NUMBERS, Reason
from matching.solution import Match as Ranked
from matching.solution import Ranking
from tracking.fleet.tables import Vehicle


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the engine answered for one lot, before it is written down."""

    lot_id: UUID
    version: int
    ranking: Ranking
    capacities: dict[str, int]


def work_out(
    session: Session, lot_ids: Iterable[UUID], now: datetime, distances: Distances | None = None
) -> list[Proposal]:
    """Rank the takers of several lots; reads only, so that no lock is held while the engine thinks.

    `distances` measures the roads; without it they are estimated.
    """
    wanted = set(lot_ids)
    rows = session.scalars(select(Lot).where(Lot.id.in_(wanted), Lot.state == LotState.LISTED.value))
    lots = [lot for lot in rows if lot.left_kg > 0 and lot.ready_to > now]
    if not lots:
        return []
    problem = market.problem_of(session, lots, now)
    if distances is not None:
        problem = replace(problem, distances=distances)
    versions = {str(lot.id): lot.version for lot in lots}
    capacities = {vehicle.id: vehicle.capacity_kg for vehicle in problem.vehicles}
    return [
        Proposal(UUID(one.lot_id), versions[one.lot_id], one, capacities)
        for one in rank_all(problem, problem.lots, SHOWN)
    ]


def propose(work: Work, proposals: Iterable[Proposal]) -> None:
    """Write the ranked matches of each lot in place of its former ones and tell both sides.

    A lot that has moved since it was ranked is left to the event that moved it.
    """
    for proposal in proposals:
        lot = work.session.get_one(Lot, proposal.lot_id, with_for_update=True)
        if lot.version != proposal.version:
            continue
        queries.supersede(work.session, proposal.lot_id)
        rows = [
            _row(work, lot, one, proposal.capacities) for one in proposal.ranking.matches if one.vehicle_id
        ]
        work.session.add_all(rows)
        _remember_outlook(work, proposal, len(rows))
        work.append(
            "MatchProposed" if rows else "MatchFailed",
            lot.id,
            matches=[str(row.id) for row in rows],
        )


def _row(work: Work, lot: Lot, one: Ranked, capacities: dict[str, int]) -> Match:
    need = work.session.get_one(Need, UUID(one.taker_id))
    vehicle = work.session.get_one(Vehicle, UUID(str(one.vehicle_id)))
    kg = min(one.kg, capacities[str(one.vehicle_id)], lot.left_kg)
    return Match(
        id=work.new_id(),
        lot_id=lot.id,
        need_id=need.id,
        processor_id=need.organisation_id,
        vehicle_id=vehicle.id,
        carrier_id=vehicle.carrier_id,
        rank=one.rank,
        kg=kg,
        price=one.price,
        freight_fen=freight_fen(one.freight, kg),
        metres=one.metres,
        distance_source=one.distance_source,
        score=one.score.total,
        parts={part.value: str(value) for part, value in one.score.parts.items()},
        reasons=[_told(reason) for reason in one.reasons],
        state=State.PROPOSED.value,
        created_at=work.now,
    )


def _remember_outlook(work: Work, proposal: Proposal, found: int) -> None:
    row = work.session.get(Outlook, proposal.lot_id) or Outlook(lot_id=proposal.lot_id)
    row.at, row.found = work.now, found
    row.refusals = [
        {"taker": refusal.taker_id, "reasons": [_told(reason) for reason in refusal.reasons]}
        for refusal in proposal.ranking.refusals
    ]
    work.session.add(row)


def _told(reason: Reason) -> dict[str, Any]:
    return {
        "number": NUMBERS[reason.code],
        "code": reason.code.value,
        "params": {name: str(value) for name, value in reason.params.items()},
    }
