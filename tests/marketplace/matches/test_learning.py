"""Does a producer hear what past deals say, and only once there are enough of them?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from compliance.record.database import reading
from compliance.registry.tables import Organisation
from marketplace.cli import main
from marketplace.deals.tables import Deal
from marketplace.lots.rules import Figure
from marketplace.lots.tables import Lot
from marketplace.matches import history, learning
from marketplace.matches.rules import State
from marketplace.matches.tables import Match
from matching.learning.card import Model
from matching.learning.history import CONSTITUENTS, BadHistory
from matching.learning.prices import LEAST_DEALS
from tests.factories.trade import OIL, START, Market
from tracking.positions.rules import Fix

TODAY = date(2026, 11, 20)
WUHAN_DISTRICT = "420106"


PRODUCERS = ("producer", "processor", "distant")
"""Who is said to have produced what; only that they are several matters here."""


def agree(
    market: Market, n: int, *, state: str = "settled", days: int = 700, producers: Sequence[str] = PRODUCERS
) -> None:
    """Put n agreed deals on the record, their prices about -300 CNY/t, spread over so many days."""
    lot_id = market.list_lot(composition={Figure.MOISTURE: Decimal(20)})
    random = np.random.default_rng(1)
    with market.work() as work:
        lot = work.session.get_one(Lot, lot_id)
        for place in range(n):
            price = -300 + 20 * float(random.standard_t(4))
            deal = deal_of(market, lot, price, state, days * (n - place) / n)
            deal.producer_id = market.parties[producers[place % len(producers)]].id
            work.session.add(deal)


def deal_of(market: Market, lot: Lot, price: float, state: str, days_ago: float) -> Deal:
    """Return a deal on a lot, agreed some days ago."""
    processor = market.parties["processor"]
    return Deal(
        id=uuid4(),
        version=1,
        lot_id=lot.id,
        need_id=uuid4(),
        match_id=uuid4(),
        producer_id=lot.organisation_id,
        processor_id=processor.id,
        carrier_id=processor.id,
        vehicle_id=uuid4(),
        origin_site_id=lot.site_id,
        destination_site_id=processor.site_id,
        code=lot.code,
        waste_name=lot.waste_name,
        mode="use",
        kg=20_000,
        price=Decimal(round(price, 2)),
        freight_fen=1_000,
        terms_hash="",
        state=state,
        agreed_at=START - timedelta(days=days_ago, hours=1),
    )


def band(market: Market, code: str = OIL, **stated: object) -> learning.Learned:
    """Ask for the band of a waste from Wuhan."""
    with reading(market.engine) as session:
        return learning.price_band(session, code, WUHAN_DISTRICT, stated, TODAY)


@pytest.mark.sqlite_alone
def test_a_young_market_has_no_model_and_says_how_many_deals_it_needs(market: Market) -> None:
    """A producer would take a guess from three deals for the market's price."""
    agree(market, 3)
    told = band(market)
    assert (told.deals, told.needed, told.band, told.card) == (3, LEAST_DEALS, None, None)


def test_enough_deals_give_a_band_with_its_card(market: Market) -> None:
    """A producer would list her oil without hearing what such oil fetched here."""
    agree(market, LEAST_DEALS + 200)
    told = band(market, moisture_percent="20")
    assert told.band is not None
    assert told.card is not None
    assert not told.simulated
    assert told.band.low < -300 < told.band.high
    assert told.band.high - told.band.low < 200
    assert told.card.n == LEAST_DEALS + 200


@pytest.mark.sqlite_alone
def test_a_band_that_would_tell_whose_prices_they_are_is_not_shown(market: Market) -> None:
    """A producer would read her only rival's prices from the form."""
    agree(market, LEAST_DEALS + 200, producers=PRODUCERS[:2])
    told = band(market)
    assert told.private
    assert told.band is None


def test_who_dealt_today_does_not_hide_whose_prices_of_before_a_band_rests_on(market: Market) -> None:
    """A band ends with yesterday: two of today beside one of before would still show that one's prices."""
    agree(market, LEAST_DEALS + 200, producers=PRODUCERS[:1])
    with market.work() as work:
        lot = work.session.scalars(select(Lot)).first()
        assert lot is not None
        for name in PRODUCERS[1:]:
            deal = deal_of(market, lot, -300, "agreed", 0)
            deal.agreed_at = START
            deal.producer_id = market.parties[name].id
            work.session.add(deal)
    told = band(market)
    assert told.private
    assert told.band is None


def test_deals_that_came_to_nothing_are_no_prices(market: Market) -> None:
    """Prices at which nothing changed hands would bend what the next producer hears."""
    agree(market, 5, state="cancelled")
    agree(market, 4, state="refused")
    assert band(market).deals == 0


@pytest.mark.sqlite_alone
def test_an_unknown_waste_has_no_band_and_a_wrong_figure_is_refused(market: Market) -> None:
    """The listing form would fail for the first lot of a new waste, or take a slip for a figure."""
    agree(market, LEAST_DEALS + 200)
    assert band(market, code="772-006-49").band is None
    with pytest.raises(BadHistory):
        band(market, moisture_percent="-5")


@pytest.mark.sqlite_alone
def test_what_the_demonstration_taught_is_marked(market: Market) -> None:
    """A lesson from invented parties would be shown as one from the market."""
    agree(market, LEAST_DEALS + 200)
    with market.work() as work:
        work.session.execute(update(Organisation).values(simulated=True))
    told = band(market)
    assert told.simulated
    assert told.card is not None
    assert told.card.simulated


@pytest.mark.sqlite_alone
def test_every_figure_that_can_be_stated_can_be_learned_from(market: Market) -> None:
    """A figure that producers fill in would be refused when they ask what it is worth."""
    assert {figure.value for figure in Figure} == set(CONSTITUENTS)


@pytest.mark.sqlite_alone
def test_the_cards_are_printed_for_people_and_for_programs(
    market: Market, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator could not see whether a model is used, what it was learned from and against which rule."""
    agree(market, LEAST_DEALS + 200)
    monkeypatch.setattr(learning, "open_database", lambda _: market.engine)
    learning.print_cards(learning.Settings(), as_json=True)
    told = json.loads(capsys.readouterr().out)
    cards = {one["model"]: one for one in told["models"]}
    assert set(cards) == set(Model)
    assert cards["price_band"]["card"]["rule"] == "quarter_of_code"
    assert cards["acceptance"] == {"model": "acceptance", "rows": 0, "needed": 1_000, "card": None}
    assert (told["odd"], told["simulated"]) == ([], False)
    learning.print_cards(learning.Settings(), as_json=False)
    spoken = capsys.readouterr().out
    assert "leg_time: no model: 0 rows" in spoken
    assert "price_band: " in spoken


@pytest.mark.sqlite_alone
def test_the_command_needs_nothing_but_a_database(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator would have to write Python to learn whether a model is in use."""
    monkeypatch.setenv("DATABASE_URL", market.engine.url.render_as_string(hide_password=False))
    done = CliRunner().invoke(main, ["match", "learn", "--json"])
    assert done.exit_code == 0, done.output
    assert {one["rows"] for one in json.loads(done.output)["models"]} == {0}


def test_offers_count_once_they_are_decided(market: Market) -> None:
    """A proposal that a producer has not looked at yet would count as one that she refused."""
    taken, open_, expired = (market.list_lot() for _ in range(3))
    market.idle()
    with market.work() as work:
        for row in work.session.scalars(select(Match).where(Match.lot_id == taken, Match.rank == 1)):
            row.state = State.ACCEPTED.value
        work.session.get_one(Lot, expired).state = "expired"
    with reading(market.engine) as session:
        found = history.offers(session, simulated=False)
    assert len(found) == len(market.matches(open_)) * 2 == 4
    assert found.accepted.tolist().count(True) == 1
    assert set(found.rank.tolist()) == {1, 2}


def test_a_closed_loop_is_a_way_two_stays_and_a_weighed_load(market: Market) -> None:
    """Trips that were driven and weighed would teach nothing."""
    deal_id = market.agree()
    market.forward(hours=1)
    market.deliver(deal_id, 20_000, 19_990)
    market.idle()
    with reading(market.engine) as session:
        weighed, trips = history.weighed(session, simulated=False)
        stays = history.stays(session, simulated=False)
        assert history.count_deals(session, simulated=False) == 1
        assert learning.odd(session) == []
    assert len(trips) == 1
    assert weighed.tare_kg.tolist() == [12_000.0]
    assert len(stays) >= 1
    assert (stays.actual_s > 0).all()


def fixes(*steps: tuple[float, float]) -> Iterable[Fix]:
    """Return fixes at minutes, so many metres to the north."""
    start = datetime.fromisoformat("2026-11-20T08:00:00+08:00")
    for number, (minute, metres) in enumerate(steps):
        yield Fix(start + timedelta(minutes=minute), number, 30.0 + metres / 111_195, 114.0)


@pytest.mark.parametrize(
    ("steps", "minutes"),
    [
        ([], 0.0),
        ([(0, 0)], 0.0),
        ([(0, 0), (1, 1_000), (2, 2_000)], 0.0),
        ([(0, 0), (1, 1_000), (20, 1_030), (46, 960), (47, 2_000)], 45.0),
    ],
)
def test_a_stop_lasts_while_the_vehicle_stays(steps: list[tuple[float, float]], minutes: float) -> None:
    """A lorry that tips its load by the river for an hour would look as if it had driven on."""
    assert history.longest_stop_minutes(list(fixes(*steps))) == pytest.approx(minutes)
