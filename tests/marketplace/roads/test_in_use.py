"""Do the market's matches use the roads that the instance is told to use?"""

from __future__ import annotations

import threading

from structlog.testing import capture_logs

from marketplace import worker
from matching.distances import Estimate, Fallback, Trouble
from tests.factories.trade import Market
from tests.matching.distances.test_fallback import Roads


def matched(market: Market, roads: Fallback) -> set[tuple[str, int]]:
    """List a lot, let a worker match it, and return who measured its roads, and how far they are."""
    stop = threading.Event()
    runner = threading.Thread(target=worker.run, args=(market.engine, market.now, stop, lambda: roads))
    runner.start()
    try:
        lot_id = market.list_lot()
        for _ in range(400):
            if market.matches(lot_id):
                break
            stop.wait(0.05)
    finally:
        stop.set()
        runner.join(20)
    return {(match.distance_source, match.metres) for match in market.matches(lot_id)}


def test_matches_are_measured_by_the_network(market: Market) -> None:
    """Otherwise the setting would be read and nothing would follow from it."""
    assert matched(market, Fallback(Roads())) == {("network", 1000)}


def test_a_network_that_fails_leaves_estimates_and_a_line_in_the_log(market: Market) -> None:
    """Otherwise a dead road server would leave lots without matches, or nobody would notice it."""
    with capture_logs() as lines:
        found = matched(market, Fallback(Roads(Trouble.SILENT)))
    assert {source for source, _ in found} == {Estimate().source}
    said = [line for line in lines if line["event"] == "roads.estimated"]
    assert said
    assert {(line["provider"], line["trouble"], line["detail"]) for line in said} == {
        ("network", "silent", "because")
    }
