"""Can a producer list, change and withdraw a lot, understand its matches and accept one?"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from marketplace.lots.tables import Lot
from marketplace.web.translation import Language, translate
from tests.factories.site import Site, Visitor
from tests.factories.trade import OIL, PAPER


def lot_fields(site: Site, **more: str) -> dict[str, str]:
    """Return the fields of a sound form: 20 t of waste oil, the producer pays up to 2500 CNY/t."""
    market = site.market
    return {
        "code": OIL,
        "site_id": str(market.parties["producer"].site_id),
        "tonnes": "20",
        "ready_from": "2026-11-20T10:00",
        "ready_to": "2026-11-30T10:00",
        "payer": "producer",
        "amount": "2500",
        "parts": "split",
        "intent": str(uuid4()),
    } | more


def listed(site: Site, visitor: Visitor, **more: str) -> str:
    """List a lot through the form and return its page."""
    return visitor.sent_to("/lots/new", **lot_fields(site, **more))


def test_waste_is_found_by_code_words_and_pinyin(site: Site) -> None:
    """A producer who does not know the code by heart could not list anything."""
    producer = site.visitor("producer")
    assert "T" in producer.get(f"/wastes?code={OIL}")
    for typed in ("feikuangwuyou", "废矿物油", "900-214", "fkwy"):
        assert f'data-value="{OIL}"' in producer.get(f"/wastes?code={typed}")
    assert "Nothing in the catalogues fits" in producer.get("/wastes?code=zzzz")


def test_a_lot_is_listed_once_however_often_the_form_is_sent(site: Site) -> None:
    """A double click would put the same waste on the market twice."""
    producer = site.visitor("producer")
    fields = lot_fields(site)
    first, second = (producer.sent_to("/lots/new", **fields) for _ in range(2))
    assert first == second
    (row,) = site.market.rows(select(Lot))
    assert (row.kg, str(row.price)) == (20_000, "-2500.00")


def test_a_lot_without_an_expectation_does_not_say_that_one_is_under_way(site: Site) -> None:
    """A producer who left the price open would read that it is being worked on."""
    producer = site.visitor("producer")
    page = listed(site, producer, payer="open", amount="")
    assert "none stated" in producer.get(page)
    assert "none stated" in producer.get("/lots")
    assert translate(Language.ZH, "none stated") == "未填写"


def test_every_fault_is_told_at_once_beside_its_field_and_nothing_typed_is_lost(site: Site) -> None:
    """A producer would mend one fault after the other, and type everything again."""
    producer = site.visitor("producer")
    wrong = lot_fields(
        site,
        code="999-999-99",
        tonnes="-3",
        ready_to="2026-11-01T10:00",
        amount="-7",
        note="keep me",
    )
    answer = producer.post("/lots/new", **wrong)
    assert answer.status_code == 422
    for field in ("code", "tonnes", "ready_to", "amount"):
        assert f'id="{field}-error"' in answer.text
    for rule in ("C1.bad_form", "P5.mass", "W4.window"):
        assert rule in answer.text
    assert "keep me" in answer.text
    assert site.market.rows(select(Lot)) == []


def test_text_that_is_no_number_or_day_is_a_fault_and_no_crash(site: Site) -> None:
    """A slip of the finger would show a fault of ours instead of the field."""
    producer = site.visitor("producer")
    fields = lot_fields(site, tonnes="NaN", ready_from="soon", amount="1e99", payer="nobody", site_id="x")
    answer = producer.post("/lots/new", **fields)
    assert answer.status_code == 422
    for field in ("tonnes", "ready_from", "payer", "site_id"):
        assert f'id="{field}-error"' in answer.text


def test_a_new_site_is_put_on_the_map_with_its_lot(site: Site) -> None:
    """A producer with waste at a new place would have to ask somebody to register it first."""
    producer = site.visitor("producer")
    place = {"site_id": "new", "site_name": "Yard 2", "division": "420100", "lat": "30.5", "lon": "114.2"}
    page = producer.get(listed(site, producer, **place))
    assert "Yard 2" in page


def test_a_swapped_or_foreign_point_is_refused_at_its_field(site: Site) -> None:
    """A vehicle would be sent to another continent."""
    producer = site.visitor("producer")
    place = {"site_id": "new", "site_name": "Yard", "division": "420100"}
    swapped = producer.post("/lots/new", **lot_fields(site, **place, lat="114.2", lon="30.5"))
    abroad = producer.post("/lots/new", **lot_fields(site, **place, lat="48.8", lon="2.3"))
    assert "GEO.swapped" in swapped.text
    assert "GEO.outside_china" in abroad.text
    nothing = producer.post("/lots/new", **lot_fields(site, site_id="new"))
    for field in ("site_name", "division", "lat", "lon"):
        assert f'id="{field}-error"' in nothing.text


def test_matches_appear_by_themselves_with_reasons_and_who_pays(site: Site) -> None:
    """A producer would choose blindly, or read a minus the wrong way round (P6)."""
    producer = site.visitor("producer")
    path = listed(site, producer)
    assert "every 2s" in producer.get(path)
    site.market.idle()
    part = producer.get(f"{path}/matches")
    assert "every 2s" not in part
    assert part.count('class="card match') == 2
    assert "producer pays 2,300.00 CNY/t" in part
    assert "[501]" in part
    assert "you pay the carrier" in part
    assert "covers this load" in part
    assert "S42-001" in part


def test_a_lot_that_nobody_takes_says_who_came_nearest_and_the_way_out(site: Site) -> None:
    """A producer would wait for ever for a match that cannot come."""
    producer = site.visitor("producer")
    whole = {"tonnes": "900", "parts": "whole"}
    path = listed(site, producer, **whole)
    site.market.idle()
    page = producer.get(path)
    assert "Nobody can take this lot" in page
    assert "Allow the lot to be split" in page
    other = producer.get(listed(site, producer, code=PAPER))
    assert PAPER in other


def test_accepting_a_match_makes_a_deal_and_the_second_comer_is_told_why_not(site: Site) -> None:
    """Two clicks would sell the same waste twice."""
    producer = site.visitor("producer")
    path = listed(site, producer)
    site.market.idle()
    best = site.market.matches(site.market.rows(select(Lot))[0].id)[0]
    deal = producer.sent_to(f"{path}/accept", match_id=str(best.id))
    assert deal.startswith("/deals/")
    again = producer.post(f"{path}/accept", match_id=str(best.id))
    assert again.status_code == 409
    assert "no longer on offer" in again.text


def test_an_edit_of_an_outdated_form_is_not_stored_and_can_be_sent_again(site: Site) -> None:
    """The later of two colleagues would overwrite the other without knowing."""
    producer = site.visitor("producer")
    path = listed(site, producer)
    version = str(site.market.rows(select(Lot))[0].version)
    first = producer.post(f"{path}/edit", **lot_fields(site, tonnes="18", version=version))
    assert first.status_code == 303
    late = producer.post(f"{path}/edit", **lot_fields(site, tonnes="15", version=version))
    assert late.status_code == 412
    assert 'value="15"' in late.text
    (row,) = site.market.rows(select(Lot))
    assert row.kg == 18_000
    assert f'name="version" value="{row.version}"' in " ".join(late.text.split())


def test_a_withdrawn_lot_is_off_the_market_and_stays_so(site: Site) -> None:
    """Receivers would go on being offered waste that is gone."""
    producer = site.visitor("producer")
    path = listed(site, producer)
    assert producer.sent_to(f"{path}/withdraw") == path
    page = producer.get(path)
    assert "not on the market" in page
    assert producer.post(f"{path}/withdraw").status_code == 409
    assert "withdrawn" in producer.get("/lots")


def test_what_was_typed_when_the_sign_in_ran_out_comes_back(site: Site) -> None:
    """Ten minutes of typing would be lost to a session that ended."""
    producer = site.visitor("producer")
    producer.get("/lots/new")
    site.wall_at += timedelta(days=2)
    answer = producer.post("/lots/new", **lot_fields(site, note="typed with care"))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=%2Flots%2Fnew")
    again = site.visitor("producer")
    again.client.cookies.set("held_form", producer.client.cookies["held_form"])
    assert "typed with care" in again.get("/lots/new")
    assert "typed with care" not in again.get("/lots/new")


def test_nobody_sees_the_lots_of_another_producer(site: Site) -> None:
    """A neighbour would read quantities, prices and matches of a competitor."""
    path = listed(site, site.visitor("producer"))
    neighbour = site.visitor("neighbour")
    for address in (path, f"{path}/matches", f"{path}/edit"):
        neighbour.get(address, 404)
    assert neighbour.post(f"{path}/withdraw").status_code == 404
    site.visitor("processor").get(path, 403)
