"""Which pages are there?"""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from marketplace.web.pages import (
    account,
    alerts,
    areas,
    costs,
    deadlines,
    deals,
    devices,
    dispatch,
    documents,
    driver,
    home,
    manifest_csv,
    manifests,
    organisation,
    oversight,
    processor,
    producer,
    proofs,
    receiving,
    road_checks,
    settlements,
    trade_offs,
    ways,
    weighings,
)

ROUTES: list[ControllerRouterHandler] = [
    *home.ROUTES,
    *producer.ROUTES,
    *deals.ROUTES,
    *deadlines.ROUTES,
    *organisation.ROUTES,
    *documents.ROUTES,
    *settlements.ROUTES,
    *account.ROUTES,
    *areas.ROUTES,
    *ways.ROUTES,
    *oversight.ROUTES,
    *trade_offs.ROUTES,
    *dispatch.ROUTES,
    *devices.ROUTES,
    *costs.ROUTES,
    *driver.ROUTES,
    *processor.ROUTES,
    *receiving.ROUTES,
    *manifests.ROUTES,
    *manifest_csv.ROUTES,
    *alerts.ROUTES,
    *road_checks.ROUTES,
    *proofs.ROUTES,
    *weighings.ROUTES,
]
