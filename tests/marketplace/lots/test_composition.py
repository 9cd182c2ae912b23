"""Are the figures of a lot kept, held to their bounds, and asked of it by those who limit them?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from compliance.record.errors import DomainError
from marketplace.lots import service
from marketplace.lots.rules import Figure
from marketplace.lots.tables import Lot
from marketplace.needs import service as needs
from marketplace.needs.service import Edge
from marketplace.needs.tables import Need
from matching.reasons import ReasonCode
from tests.factories.trade import Market, fields_of
from tests.marketplace.matches.test_proposals import offered_by, refused

WET = {Figure.MOISTURE: {Edge.MOST: Decimal(30)}}


def only_the_processor_limits_moisture(market: Market) -> None:
    """Open one need that bears 30 % of water, in place of every other."""
    for need in market.rows(select(Need)):
        with market.work() as work:
            work.session.get_one(Need, need.id).open = False
    market.open_need("processor", limits=WET)


def test_what_was_measured_is_kept_as_it_was_written(market: Market) -> None:
    """A load would be turned back for a figure that its producer had stated rightly."""
    lot = market.get(Lot, market.list_lot(composition={Figure.MOISTURE: Decimal("12.50")}))
    assert lot.composition == {"moisture_percent": "12.50"}
    with market.work("producer") as work:
        service.change_lot(work, lot.id, market.draft())
    assert market.get(Lot, lot.id).composition == {}


@pytest.mark.parametrize(
    ("figure", "value"),
    [(Figure.MOISTURE, "100.1"), (Figure.ASH, "-1"), (Figure.CHLORINE, "NaN"), (Figure.HEAT, "61")],
)
def test_a_figure_that_cannot_be_is_refused_by_its_own_name(
    market: Market, figure: Figure, value: str
) -> None:
    """A slip of the comma would send waste where it does harm."""
    with pytest.raises(DomainError) as caught, market.work("producer") as work:
        service.list_lot(work, market.draft(composition={figure: Decimal(value)}))
    assert fields_of(caught.value) == [figure.value]


def test_limits_that_contradict_themselves_are_refused(market: Market) -> None:
    """A processor would wait for ever for a lot that cannot exist."""
    wrong = {Figure.ASH: {Edge.LEAST: Decimal(20), Edge.MOST: Decimal(10)}}
    with pytest.raises(DomainError) as caught, market.work("processor") as work:
        needs.open_need(work, market.need(limits=wrong, weekdays=frozenset({8})))
    assert fields_of(caught.value) == ["ash_percent", "weekdays"]


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ({}, ReasonCode.FIGURE_UNKNOWN),
        ({Figure.MOISTURE: Decimal("30.1")}, ReasonCode.OUTSIDE_LIMITS),
        ({Figure.MOISTURE: Decimal(30)}, None),
    ],
)
def test_a_lot_is_matched_only_within_the_limits_of_who_takes_it(
    market: Market, stated: dict[Figure, Decimal], reason: ReasonCode | None
) -> None:
    """A kiln would be sent sludge that puts it out, and the producer not be told why it was refused."""
    only_the_processor_limits_moisture(market)
    lot_id = market.list_lot(composition=stated)
    market.idle()
    assert offered_by(market, lot_id) == ([] if reason else ["processor"])
    assert refused(market, lot_id) == ({reason} if reason else set())


def test_a_lot_that_only_comes_on_days_when_the_gate_is_shut_is_refused(market: Market) -> None:
    """A truck would stand before a locked gate."""
    for need in market.rows(select(Need)):
        with market.work() as work:
            work.session.get_one(Need, need.id).open = False
    later = (market.at + timedelta(days=3)).isoweekday()
    market.open_need("processor", weekdays=frozenset({later}))
    lot_id = market.list_lot(ready_to=market.at + timedelta(hours=12))
    market.idle()
    assert refused(market, lot_id) == {ReasonCode.GATE_DAY_CLOSED}
    other = market.list_lot(ready_to=market.at + timedelta(days=5))
    market.idle()
    assert offered_by(market, other) == ["processor"]
