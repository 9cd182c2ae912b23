"""Which pages are there?"""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from marketplace.web.pages import (
    account,
    costs,
    deadlines,
    deals,
    dispatch,
    driver,
    home,
    manifests,
    oversight,
    processor,
    producer,
    receiving,
    settlements,
)

ROUTES: list[ControllerRouterHandler] = [
    *home.ROUTES,
    *producer.ROUTES,
    *deals.ROUTES,
    *deadlines.ROUTES,
    *settlements.ROUTES,
    *account.ROUTES,
    *oversight.ROUTES,
    *dispatch.ROUTES,
    *costs.ROUTES,
    *driver.ROUTES,
    *processor.ROUTES,
    *receiving.ROUTES,
    *manifests.ROUTES,
]
