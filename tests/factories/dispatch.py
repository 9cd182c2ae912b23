"""Which day has the carrier of a test: three vehicles in Wuhan, three loads to Ezhou, each on its own?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine

from tests.factories.site import searchable_market
from tests.factories.snapshots import filled
from tests.factories.trade import Market

VEHICLES = 3


def open_day(engine: Engine) -> tuple[Market, list[UUID]]:
    """Open the market of the pages with a day of loads agreed; return it and the manifests."""

    def fill() -> tuple[Market, list[UUID]]:
        market = searchable_market(engine, VEHICLES)
        loads = _agree(market)
        market.engine = None  # type: ignore[assignment]
        return market, loads

    market, loads = filled(engine, ("day", VEHICLES), fill)
    market.engine = engine
    return market, loads


def _agree(market: Market) -> list[UUID]:
    """Let deals be agreed, ready one hour after the other from in two hours on; return the manifests."""
    found = []
    for number in range(VEHICLES):
        ready = market.at + timedelta(hours=2 + number)
        deal = market.agree(kg=12_000, ready_from=ready, ready_to=ready + timedelta(hours=6))
        found.append(market.manifest(deal).id)
    return found
