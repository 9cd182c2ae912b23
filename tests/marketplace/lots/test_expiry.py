"""What becomes of a lot whose window has passed, and of one that must go entire?"""

from __future__ import annotations

from uuid import uuid4

import pytest

from compliance.record.errors import DomainError
from marketplace import worker
from marketplace.lots.rules import Division, State
from marketplace.lots.tables import Lot
from tests.factories.trade import Market


def test_a_lot_leaves_the_market_when_its_window_has_passed(market: Market) -> None:
    """A processor would be matched with waste that is long gone."""
    lot_id = market.list_lot()
    market.idle()
    assert market.matches(lot_id)
    market.forward(days=11)
    worker.watch_the_clock(market.engine, market.now)
    worker.watch_the_clock(market.engine, market.now)
    lot = market.get(Lot, lot_id)
    assert (lot.state, lot.left_kg) == (State.EXPIRED.value, lot.kg)
    assert len(market.events("LotExpired")) == 1
    assert market.matches(lot_id) == []


def test_a_whole_lot_is_not_proposed_in_part(market: Market) -> None:
    """A lot marked entire would be divided by the size of a truck."""
    lot_id = market.list_lot(kg=90_000, division=Division.WHOLE)
    market.idle()
    assert market.matches(lot_id) == []
    part = market.list_lot(kg=90_000)
    market.idle()
    assert {match.kg < 90_000 for match in market.matches(part)} == {True}


def test_an_unknown_site_does_not_hide_the_other_faults(market: Market) -> None:
    """A program would learn its mistakes one by one."""
    with pytest.raises(DomainError) as caught:
        market.list_lot(site_id=uuid4(), kg=-5)
    fields = {one.field for one in getattr(caught.value, "errors", ())}
    assert fields == {"kg", "site_id"}
