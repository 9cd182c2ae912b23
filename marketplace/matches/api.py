"""Matches over HTTP: look at what is proposed and why, accept one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from marketplace.deals import service as deals
from marketplace.deals.api import DealView, deal_view
from marketplace.edge.api.documents import told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.problems import Standing
from marketplace.lots import queries as lots
from marketplace.lots.rules import LARGEST_KG
from marketplace.lots.tables import Lot
from marketplace.matches import firmness, queries
from marketplace.matches import guidance as service
from marketplace.matches.learning import Learned
from marketplace.matches.market import Draft
from marketplace.matches.rules import State
from marketplace.matches.tables import Match
from marketplace.web import standings
from marketplace.web.standings import holds_lot
from marketplace.web.translation import language_of
from matching.guide import Offer


class FirmnessView(msgspec.Struct, frozen=True, kw_only=True):
    """In how many of `samples` markets, prices and rooms up to `percent` off, the match is made again.

    `made`: it is part of the clearing of the market as it was `at` that moment.
    """

    made: bool
    again: int
    samples: int
    percent: float
    at: datetime


class MatchView(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal with its score by parts and its reasons; metres and freight are estimates.

    `firmness` is null while the market has not been shaken since lot and need came.
    """

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
    firmness: FirmnessView | None = None


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
            holds = holds_lot(work.who, lot)
            firm = firmness.of_matches(work.session, lot, rows) if holds else {}
            return MatchesView(
                items=[match_view(row, firm.get(row.id)) for row in rows],
                at=outlook.at if outlook else None,
                refusals=outlook.refusals if outlook and holds else [],
            )


class Matches(Controller):
    """One proposal."""

    path = "/api/v1/matches/{match_id:uuid}"
    tags = ("matches",)

    @get("/reasons", guards=[signed_in], sync_to_thread=True, operation_id="explain_match")
    def reasons(self, request: Visit, door: NamedDependency[Door], match_id: FromPath[UUID]) -> Standing:
        """Say why a proposal cannot be accepted today: all reasons at once, nothing is changed."""
        with door.reading(request) as work:
            row = work.session.get(Match, match_id)
            if row is None or not shows(work.who, work.session.get_one(Lot, row.lot_id), row):
                raise NotFound("match", match_id)
            return standings.of_match(work, row, language_of(request))

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


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    """One receiver that may take such a lot; CNY per tonne that the taker pays the holder (P1).

    `fetch` is the most its holder can expect here: the gate price less freight, carbon and the like, less
    `ask`, which is what the room is worth to lots that would have to give way.
    """

    need_id: UUID
    processor_id: UUID
    gate_price: Decimal
    freight: Decimal
    metres: int
    room_kg: int
    ask: Decimal
    fetch: Decimal


class DealsView(msgspec.Struct, frozen=True, kw_only=True):
    """Prices agreed for the waste within a year: tenths at the ends and the middle, from five deals on."""

    count: int
    low: Decimal | None = None
    middle: Decimal | None = None
    high: Decimal | None = None


class BandView(msgspec.Struct, frozen=True, kw_only=True):
    """Between which prices four in five deals like this one are expected, learned from so many past ones."""

    low: Decimal
    middle: Decimal
    high: Decimal
    deals: int
    basis: str
    learned: bool
    simulated: bool


class GuidanceView(msgspec.Struct, frozen=True, kw_only=True):
    """What a lot would fetch, signed CNY per tonne that the taker pays the holder.

    `high`: the first tonne at the best receiver; `likely`: the whole mass; `low`: the same without the best
    receiver. Both take the room at what its next tonne is worth: exact for small lots, for large ones they
    may be too high. `thin`: little stands behind it. `as_of`: when the market was last cleared for prices.
    `licence_worth`: what one more tonne of licence for this waste would earn, at least and at most.
    """

    code: str
    kg: int
    low: Decimal | None
    likely: Decimal | None
    high: Decimal | None
    placed_kg: int
    offers: list[OfferView]
    licence_worth: list[Decimal]
    deals: DealsView
    expected: BandView | None
    thin: bool
    distance_source: str
    as_of: datetime | None


class Guidance(Controller):
    """What a lot would fetch before it is listed."""

    path = "/api/v1/price-guidance"
    tags = ("matches",)

    @get(
        "/",
        guards=[requires(Role.PRODUCER, Role.OPERATOR)],
        sync_to_thread=True,
        operation_id="get_price_guidance",
    )
    def guidance(
        self,
        request: Visit,
        door: NamedDependency[Door],
        code: Annotated[str, QueryParameter()],
        lat: Annotated[float, QueryParameter()],
        lon: Annotated[float, QueryParameter()],
        tonnes: Annotated[Decimal, QueryParameter()],
    ) -> GuidanceView:
        """Say what so many tonnes of a waste would fetch at a place, from the market as it stands."""
        with door.reading(request) as work:
            kg = int(tonnes * 1000) if tonnes.is_finite() and tonnes.copy_abs() < LARGEST_KG else 0
            draft = Draft(code=code, kg=kg, lat=lat, lon=lon, division=service.home_division(work))
            found = service.guide(work, service.checked(work, draft))
            return _guided(found)


def match_view(row: Match, firm: firmness.Firmness | None) -> MatchView:
    """Return a proposal and how firm it is."""
    told = view(row, MatchView)
    return msgspec.structs.replace(told, firmness=view(firm, FirmnessView)) if firm else told


def _guided(guided: service.Guided) -> GuidanceView:
    found, like = guided.found, guided.found.comparables
    return GuidanceView(
        code=found.code,
        kg=found.kg,
        low=found.low,
        likely=found.likely,
        high=found.high,
        placed_kg=found.placed_kg,
        offers=[_offer(one) for one in found.offers],
        licence_worth=list(found.capacity_worth or ()),
        deals=DealsView(count=like.count, low=like.low, middle=like.middle, high=like.high)
        if guided.tells_deals
        else DealsView(count=like.count),
        expected=_expected(guided.learned),
        thin=found.thin,
        distance_source=found.distance_source,
        as_of=guided.as_of,
    )


def _expected(told: Learned) -> BandView | None:
    band = told.band
    if band is None:
        return None
    return BandView(
        low=band.low,
        middle=band.middle,
        high=band.high,
        deals=band.deals,
        basis=band.basis.value,
        learned=band.learned,
        simulated=told.simulated,
    )


def _offer(one: Offer) -> OfferView:
    return OfferView(
        need_id=UUID(one.taker_id),
        processor_id=UUID(one.processor_id),
        gate_price=one.gate_price,
        freight=one.freight,
        metres=one.metres,
        room_kg=one.room_kg,
        ask=one.ask,
        fetch=one.fetch,
    )


def shows(who: Who, lot: Lot, row: Match) -> bool:
    """Tell whether a person may see a proposal: rivals do not see each other's prices."""
    return holds_lot(who, lot) or who.organisation_id in {row.processor_id, row.carrier_id}
