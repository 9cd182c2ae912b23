"""Do reactions run to their end, go on after a failure, and stop when told to?"""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from compliance.record import subscribers as record
from compliance.record.subscribers import Parked, Subscriber, Subscription, Turn
from marketplace import worker
from marketplace.matches.tables import Match
from tests.factories.trade import Market


def test_a_worker_digests_what_comes_until_it_is_told_to_stop(market: Market) -> None:
    """Matches would only be found while somebody restarts the worker."""
    stop = threading.Event()
    runner = threading.Thread(target=worker.run, args=(market.engine, market.now, stop))
    runner.start()
    try:
        lot_id = market.list_lot()
        for _ in range(200):
            if market.matches(lot_id):
                break
            stop.wait(0.05)
    finally:
        stop.set()
        runner.join(90)
    assert not runner.is_alive()
    assert len(market.matches(lot_id)) == 2


def test_two_workers_do_every_step_once(market: Market) -> None:
    """A second worker would propose everything twice."""
    lots = [market.list_lot() for _ in range(4)]
    both = [
        threading.Thread(target=worker.run_until_idle, args=(market.engine, market.now)) for _ in range(2)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    market.idle()
    assert len(market.events("MatchProposed")) == len(lots)
    assert len(market.rows(select(Match))) == 2 * len(lots)


def test_a_poisoned_event_is_set_aside_and_the_rest_goes_on(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One event that cannot be digested would stop the whole market."""

    def fail(turn: Turn) -> None:
        if turn.event.data["kg"] == 666:
            raise ValueError("cannot digest this")
        seen.append(turn.event.data["kg"])

    seen: list[object] = []
    monkeypatch.setattr(
        worker, "subscribers", lambda now: [Subscriber("picky", frozenset({"LotListed"}), fail)]
    )
    monkeypatch.setattr(record, "FIRST_DELAY_S", 0.0)
    for kg in (1_000, 666, 2_000):
        market.list_lot(kg=kg)
    for _ in range(record.MAX_ATTEMPTS + 1):
        worker.run_until_idle(market.engine, market.now)
    assert seen == [1_000, 2_000]
    (parked,) = market.rows(select(Parked))
    assert (parked.name, parked.kind, parked.reason) == (
        "picky",
        "LotListed",
        "ValueError: cannot digest this",
    )
    assert market.rows(select(Subscription.cursor).where(Subscription.name == "picky"))[0] >= parked.seq
