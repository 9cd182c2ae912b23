"""Can somebody collect, make a lot up of it, and the giver follow it, and nobody else look in?"""

from __future__ import annotations

from litestar.testing import TestClient

from compliance.collection.rules import plain
from compliance.manifests.rules import Act
from tests.factories.site import Site, Visitor
from tests.factories.trade import OIL, PAPER

POINT = {"name": "North gate", "kind": "station", "address": "1 Ring Road"}


def stranger(site: Site) -> Visitor:
    """Return the browser of somebody who did not sign in."""
    client = TestClient(site.app)
    client.cookies.set("lang", "en")
    return Visitor(client)


def opened(site: Site) -> str:
    """Open the producer's station over the page; return its id."""
    producer, origin = site.visitor("producer"), site.market.parties["producer"].site_id
    assert producer.sent_to("/collection/points", site=str(origin), **POINT) == "/collection"
    page = producer.client.get("/api/v1/collection-points").json()
    return str(page["items"][0]["id"])


def taken(site: Site, point: str, kg: str, code: str = PAPER) -> str:
    """Take something in over the page; return the code of its receipt."""
    place = site.visitor("producer").sent_to("/collection/hand-ins", point=point, code=code, kg=kg)
    return place.removeprefix("/collected/")


def test_a_hand_in_is_followed_from_the_scale_to_the_receiver(site: Site) -> None:
    """A household would be told a fine story, and nobody could say where its paper went."""
    producer, anyone = site.visitor("producer"), stranger(site)
    assert "No collection point is open yet" in producer.get("/collection")
    point = opened(site)
    receipt = taken(site, point, "2.450", OIL)
    taken(site, point, "4997.55", OIL)
    assert "2.450 kg" in anyone.get(f"/collected/{receipt.lower()}")
    assert "waits there until a load is full" in anyone.get(f"/collected/{receipt}")
    deal = site.market.agree(kg=5_000)
    lot = site.market.standing(deal)[1].id
    assert "Make it up of what waits" in producer.get(f"/lots/{lot}")
    producer.sent_to(f"/lots/{lot}/collected")
    made = producer.client.get(f"/api/v1/lots/{lot}/collected").json()
    assert (made["count"], made["grams"], made["points"], made["warnings"]) == (2, 5_000_000, 1, [])
    site.market.sign(deal, Act.ISSUE, "producer")
    told = anyone.client.get(f"/api/v1/collected/{receipt}").json()
    assert told["held_by_a_lot"] is True
    assert [way["mode"] for way in told["ways"]] == ["use"]
    assert "processor" not in str(told)
    producer.sent_to(f"/lots/{lot}/collected/release")
    assert "can no longer be changed" in producer.get(f"/lots/{lot}")
    assert "in a lot" in producer.get("/collection")


def test_a_lot_that_hand_ins_do_not_make_up_is_warned_of_and_lets_them_go(site: Site) -> None:
    """Waste of nobody knows where would leave among what was handed in, or hand-ins vanish."""
    producer = site.visitor("producer")
    taken(site, opened(site), "3")
    lot = site.market.list_lot(code=PAPER, kg=1_000)
    assert producer.client.get(f"/api/v1/lots/{lot}/collected").json()["warnings"] == []
    producer.sent_to(f"/lots/{lot}/collected")
    assert "Hand-ins account for 3 of the lot's 1000 kg" in producer.get(f"/lots/{lot}")
    producer.sent_to(f"/lots/{lot}/withdraw")
    (stock,) = producer.client.get("/api/v1/hand-ins/stock").json()
    assert stock["grams"] == 3_000


def test_bad_input_comes_back_with_what_was_typed_and_every_reason(site: Site) -> None:
    """Somebody at the scale would type it all again for one wrong field."""
    producer = site.visitor("producer")
    point = opened(site)
    answer = producer.post("/collection/hand-ins", point=point, code=PAPER, kg="0", giver="from_shop")
    assert answer.status_code == 422
    assert "at most 5000 kg" in answer.text
    assert "Name the shop or office" in answer.text
    answer = producer.post("/collection/hand-ins", point=point, code="paper", kg="0")
    assert "C1.bad_form" in answer.text
    assert "at most 5000 kg" in answer.text
    for typed, words in (("2.4505", "to the gram"), ("two", "is not a number")):
        answer = producer.post("/collection/hand-ins", point=point, code=PAPER, kg=typed)
        assert answer.status_code == 422
        assert words in answer.text
        assert f'value="{typed}"' in answer.text
    assert producer.post("/collection/points", site="nowhere", **POINT).status_code == 422
    assert "was not found" in stranger(site).get("/collected/NOSUCHCODE22", status=404)
    assert producer.client.get("/api/v1/hand-ins").json()["items"] == []


def test_others_see_nothing_of_what_a_house_collects(site: Site) -> None:
    """A rival would read whom a collector serves and what it pays."""
    receipt = taken(site, opened(site), "3")
    assert plain(receipt) == receipt
    for who, sees in (("neighbour", False), ("inspector", True), ("operator", True)):
        assert (receipt in site.visitor(who).get("/collection")) is sees, who
    for who in ("carrier", "processor"):
        assert site.visitor(who).client.get("/collection").status_code == 403
        assert site.visitor(who).client.get("/api/v1/hand-ins").status_code == 403
    row = site.visitor("producer").client.get("/api/v1/hand-ins").json()["items"][0]
    place = f"/api/v1/hand-ins/{row['id']}/void"
    headers = site.token("neighbour", "void-1")
    assert stranger(site).client.post(place, json={"reason": "x"}, headers=headers).status_code == 404
