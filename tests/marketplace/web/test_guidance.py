"""Does the listing form say what a lot would fetch, with and without scripts, and only to those who list?"""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from compliance.registry.tables import Site as Place
from marketplace.lots.tables import Lot
from marketplace.matches import board
from marketplace.matches.tables import GatePrice
from marketplace.needs.tables import Need
from tests.factories.site import Site
from tests.factories.trade import OIL
from tests.marketplace.web.test_producer import listed, lot_fields

LOOK = "/lots/guidance"
API = "/api/v1/price-guidance"


def asked(site: Site, **more: str) -> str:
    """Return the question that a filled-in form asks."""
    fields = lot_fields(site, **more)
    return f"{LOOK}?{urlencode({name: fields[name] for name in ('code', 'site_id', 'tonnes')})}"


def at_the_producer(site: Site, **more: str) -> str:
    """Return the question that a program asks about 20 t of waste oil at the producer's site."""
    (place,) = site.market.rows(select(Place).where(Place.id == site.market.parties["producer"].site_id))
    query = {"code": OIL, "lat": place.location.y, "lon": place.location.x, "tonnes": "20"}
    return f"{API}?{urlencode(query | more)}"


def test_the_panel_asks_for_what_is_missing_and_then_names_a_range(site: Site) -> None:
    """A producer would be shown a price for nothing in particular, or none at all."""
    producer = site.visitor("producer")
    assert "Choose what kind of waste it is." in producer.get(LOOK)
    assert "Say how many tonnes there are." in producer.get(asked(site, tonnes="many"))
    assert "Say where it lies." in producer.get(asked(site, site_id="new"))
    assert "Correct the fields first" in producer.get(asked(site, code="999-999-99"))
    shown = producer.get(asked(site))
    assert "Likely" in shown
    assert "producer pays" in shown
    assert "too few to show a price" in shown
    assert "has not been cleared yet" in shown
    board.refresh(site.market.engine, site.market.now)
    assert "was last cleared" in producer.get(asked(site))


def test_without_scripts_a_button_shows_it_and_lists_nothing(site: Site) -> None:
    """Whoever has no scripts would list in the dark, or list by only having looked."""
    producer = site.visitor("producer")
    answer = producer.post("/lots/new", **lot_fields(site, look="guidance", note="still here"))
    assert answer.status_code == 200
    assert "Likely" in answer.text
    assert "still here" in answer.text
    assert site.market.rows(select(Lot)) == []
    path = listed(site, producer)
    again = producer.post(f"{path}/edit", **lot_fields(site, look="guidance", tonnes="7"))
    assert "Likely" in again.text
    assert site.market.rows(select(Lot))[0].kg == 20_000


def test_the_form_speaks_chinese(site: Site) -> None:
    """The people it is for could not read it."""
    shown = site.visitor("producer", "zh").get(asked(site))
    assert "参考价格" in shown
    assert "Likely" not in shown


def test_figures_go_from_the_form_to_the_lot_and_back(site: Site) -> None:
    """An analysis typed in would be lost, and a receiver with limits be closed to the lot."""
    producer = site.visitor("producer")
    path = listed(site, producer, moisture_percent="12.5", chlorine_percent="")
    assert site.market.rows(select(Lot))[0].composition == {"moisture_percent": "12.5"}
    page = producer.get(path)
    assert "moisture, %" in page
    assert "chlorine, %" not in page
    assert 'value="12.5"' in producer.get(f"{path}/edit")
    wrong = producer.post("/lots/new", **lot_fields(site, ash_percent="much", sulphur_percent="200"))
    assert wrong.status_code == 422
    assert "Write a plain number" in wrong.text
    assert "between 0 and 100" in wrong.text


def test_limits_and_days_go_from_the_form_to_the_need(site: Site) -> None:
    """A processor would be sent what it cannot take, on a day when nobody is there."""
    processor = site.visitor("processor")
    fields = {
        "site_id": str(site.market.parties["processor"].site_id),
        "code": OIL,
        "mode": "use",
        "payer": "producer",
        "price": "2000",
        "kg": "10",
        "valid_to": "2027-01-01",
    }
    limited = fields | {"moisture_percent": "30", "calorific_mj_kg": "12", "day_2": "open"}
    assert processor.sent_to("/needs", **limited) == "/needs"
    page = processor.get("/needs")
    assert "moisture, %: ≤ 30" in page
    assert "heat value, MJ/kg: ≥ 12" in page
    assert [need.weekdays for need in site.market.rows(select(Need)) if need.limits] == [[2]]
    wrong = processor.post("/needs", **fields, ash_percent="101")
    assert wrong.status_code == 422
    assert "between 0 and 100" in wrong.text


def test_a_match_says_how_well_it_holds_against_all_other_lots(site: Site) -> None:
    """A producer would wait, while others take the room that was shown as free."""
    producer = site.visitor("producer")
    path = listed(site, producer)
    site.market.idle()
    assert "How well it holds" not in producer.get(path)
    board.refresh(site.market.engine, site.market.now)
    page = producer.get(path)
    assert "How well it holds" in page
    assert "firm" in page
    with site.market.work() as work:
        for row in work.session.scalars(select(GatePrice)):
            row.ask = Decimal(5000)
    assert "Other lots are worth" in producer.get(path)


def test_a_processor_is_told_what_more_licence_would_earn(site: Site) -> None:
    """Nobody would apply for the capacity that the region lacks."""
    processor = site.visitor("processor")
    words = "One more tonne of licence"
    assert words not in processor.get("/needs")
    for _ in range(3):
        site.market.list_lot(kg=300_000)
    board.refresh(site.market.engine, site.market.now)
    assert words in processor.get("/needs")


@pytest.mark.parametrize("who", ["processor", "carrier", "inspector"])
def test_only_those_who_list_are_told(site: Site, who: str) -> None:
    """Rivals would read each other's gate prices off the panel."""
    visitor = site.visitor(who)
    assert visitor.client.get(asked(site), follow_redirects=False).status_code == 403
    assert visitor.client.get(at_the_producer(site)).status_code == 403


def test_strangers_are_told_nothing(site: Site) -> None:
    """The market's prices would be open to everybody."""
    visitor = site.visitor("producer")
    visitor.client.cookies.clear()
    assert visitor.client.get(at_the_producer(site)).status_code == 401


@pytest.mark.parametrize("who", ["producer", "operator"])
def test_a_program_is_told_the_same(site: Site, who: str) -> None:
    """A producer's own system would have to scrape the page."""
    board.refresh(site.market.engine, site.market.now)
    told = site.visitor(who).client.get(at_the_producer(site)).json()
    assert Decimal(told["low"]) <= Decimal(told["likely"]) <= Decimal(told["high"])
    assert (told["code"], told["kg"], told["placed_kg"], told["deals"]["count"]) == (OIL, 20_000, 20_000, 0)
    assert [Decimal(one["ask"]) for one in told["offers"]] == [0, 0]
    assert told["as_of"] is not None
    assert len(told["licence_worth"]) == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "999-999-99"}, "code"),
        ({"tonnes": "-1"}, "tonnes"),
        ({"tonnes": "NaN"}, "tonnes"),
        ({"lat": "95"}, "location"),
        ({"lon": "nan"}, "location"),
    ],
)
def test_a_wrong_question_is_told_which_part_is_wrong(site: Site, wrong: dict[str, str], field: str) -> None:
    """A programmer would get a fault, or a price for a lot that cannot be."""
    answer = site.visitor("producer").client.get(at_the_producer(site, **wrong))
    assert answer.status_code == 422
    told = answer.json()
    assert [one["field"] for one in told.get("errors", [told])] == [field], told
