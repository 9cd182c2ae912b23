"""Matches over HTTP: look at what is proposed and why, accept one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from compliance.record.who import Role, Who
from marketplace.deals import service as deals
from marketplace.deals.api import DealView, deal_view
from marketplace.edge.api.documents import told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.lots import queries as lots
from marketplace.lots.tables import Lot
from marketplace.matches import queries
from marketplace.matches.rules import State
from marketplace.matches.tables import Match


class MatchView(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal with its score by parts and its reasons; metres and freight are estimates."""

    id: UUID
    lot_id: UUID
    need_id: UUID
    processor_id: UUID
    vehicle_id: UUID
    carrier_id: UUID
    rank: int
    kg: int
    price: Decimal
    freight_fen: int
    metres: int
    distance_source: str
    score: Decimal
    parts: dict[str, str]
    reasons: list[dict[str, Any]]
    state: State
    created_at: datetime


class MatchesView(msgspec.Struct, frozen=True, kw_only=True):
    """What is proposed for a lot; `at` is when it was last worked out, None while it has not been."""

    items: list[MatchView]
    at: datetime | None = None
    refusals: list[dict[str, Any]] = []


class LotMatches(Controller):
    """The proposals for a lot."""

    path = "/api/v1/lots/{lot_id:uuid}/matches"
    tags = ("matches",)

    @get("/", guards=[signed_in], sync_to_thread=True, operation_id="get_matches_of_lot")
    def of_lot(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> MatchesView:
        """Show the proposals for a lot, best first, or why nobody can take it."""
        with door.reading(request) as work:
            lot = lots.lot(work.session, lot_id, work.who)
            rows = [row for row in queries.of_lot(work.session, lot.id) if shows(work.who, lot, row)]
            outlook = queries.outlook(work.session, lot.id)
            holds = _holds(work.who, lot)
            return MatchesView(
                items=[view(row, MatchView) for row in rows],
                at=outlook.at if outlook else None,
                refusals=outlook.refusals if outlook and holds else [],
            )


class Matches(Controller):
    """One proposal."""

    path = "/api/v1/matches/{match_id:uuid}"
    tags = ("matches",)

    @post(
        "/accept",
        guards=[requires(Role.PRODUCER), keyed],
        sync_to_thread=True,
        operation_id="accept_match",
        responses=told(DealView),
    )
    def accept(
        self, request: Visit, door: NamedDependency[Door], match_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Accept a proposal on one of the own lots: this makes a binding deal."""
        return door.once(request, lambda work: deal_view(deals.accept(work, match_id), work.who))


def shows(who: Who, lot: Lot, row: Match) -> bool:
    """Tell whether a person may see a proposal: rivals do not see each other's prices."""
    return _holds(who, lot) or who.organisation_id in {row.processor_id, row.carrier_id}


def _holds(who: Who, lot: Lot) -> bool:
    return who.oversees or who.organisation_id == lot.organisation_id
