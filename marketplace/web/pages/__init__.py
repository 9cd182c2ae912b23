"""Which pages are there?"""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from marketplace.web.pages import (
    account,
    deals,
    dispatch,
    driver,
    home,
    manifests,
    oversight,
    processor,
    producer,
    settlements,
)

ROUTES: list[ControllerRouterHandler] = [
    *home.ROUTES,
    *producer.ROUTES,
    *deals.ROUTES,
    *settlements.ROUTES,
    *account.ROUTES,
    *oversight.ROUTES,
    *dispatch.ROUTES,
    *driver.ROUTES,
    *processor.ROUTES,
    *manifests.ROUTES,
]
