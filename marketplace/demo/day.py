"""Which loads has the dispatcher's login to plan when the demonstration world begins?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from compliance.record.who import Who
from compliance.record.work import Work
from marketplace.deals import service as deals
from marketplace.lots import service as lots
from marketplace.lots.rules import LotDraft
from marketplace.lots.tables import Lot
from marketplace.matches import market, queries
from marketplace.matches import service as matches
from marketplace.matches.service import Proposal
from matching.assign import rank
from tracking.fleet.tables import Vehicle

FIRST_H = 4
"""The first load is ready in so many hours of the demonstration's clock: minutes for a visitor."""
READY_H = 6
TONNES = (6, 13)


@dataclass(frozen=True, slots=True)
class Seller:
    """A producer who has a kind of waste to give away, and what is expected for it."""

    who: Who
    site_id: UUID
    code: str
    price: Decimal


def agree_a_day(
    work: Work, sellers: Sequence[Seller], vehicles: Sequence[Vehicle], chance: random.Random
) -> None:
    """Let a load be agreed for each vehicle, ready one hour after the other.

    Each is on a vehicle of its own, as the market agrees deals: there is something to plan. Who gets no
    receiver is passed over.
    """
    free = list(vehicles)
    for seller in chance.sample(list(sellers), len(sellers)):
        if not free:
            return
        if _agreed(work, seller, free[0], len(vehicles) - len(free), chance):
            free.pop(0)


def _agreed(work: Work, seller: Seller, vehicle: Vehicle, place: int, chance: random.Random) -> bool:
    """List a lot, propose its best receiver with this vehicle, accept; tell whether there was one."""
    own = replace(work, who=seller.who)
    ready = work.now + timedelta(hours=FIRST_H + place)
    lot = lots.list_lot(
        own,
        LotDraft(
            site_id=seller.site_id,
            code=seller.code,
            kg=chance.randrange(*TONNES) * 1000,
            ready_from=ready,
            ready_to=ready + timedelta(hours=READY_H),
            price=seller.price,
            packaging="吨桶",
        ),
    )
    work.session.flush()
    _propose(work, lot, vehicle)
    offered = queries.of_lot(work.session, lot.id)
    if not offered:
        return False
    deals.accept(own, offered[0].id)
    return True


def _propose(work: Work, lot: Lot, vehicle: Vehicle) -> None:
    """Propose a lot's receivers with one vehicle and no other."""
    problem = market.problem_of(work.session, [lot], work.now)
    mine = tuple(one for one in problem.vehicles if one.id == str(vehicle.id))
    ranking = rank(replace(problem, vehicles=mine), str(lot.id), 1)
    capacities = {one.id: one.capacity_kg for one in mine}
    matches.propose(work, [Proposal(lot.id, lot.version, ranking, capacities)])
