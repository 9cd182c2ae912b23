"""Which day has the carrier of a test: three vehicles in Wuhan, three loads to Ezhou, each on its own?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tests.factories.trade import Market

VEHICLES = 3


def agree_a_day(market: Market, loads: int = VEHICLES) -> list[UUID]:
    """Let deals be agreed, ready one hour after the other from in two hours on; return the manifests."""
    found = []
    for number in range(loads):
        ready = market.at + timedelta(hours=2 + number)
        deal = market.agree(kg=12_000, ready_from=ready, ready_to=ready + timedelta(hours=6))
        found.append(market.manifest(deal).id)
    return found
