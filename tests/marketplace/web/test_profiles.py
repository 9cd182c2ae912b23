"""Is a lot asked what its family wants to know, and do batteries and phosphogypsum have their pages?"""

from __future__ import annotations

from sqlalchemy import update

from compliance.manifests.tables import Manifest
from tests.factories.site import Site

PACK, MODULE = (f"001{kind}E081234567FBL000000{n}" for n, kind in enumerate("PM", start=1))


def test_what_is_told_of_a_lot_is_printed_on_its_manifest(site: Site) -> None:
    """A receiver would learn of the form of a waste when the drums are open."""
    producer = site.visitor("producer")
    deal = site.market.agree()
    lot = site.market.standing(deal)[1].id
    page = producer.get(f"/lots/{lot}")
    assert "F1" in page or "wants to know more: “Emergency measures”" in page
    told = producer.sent_to(f"/lots/{lot}/profile", form="liquid", emergency="sand, no water")
    assert told == f"/lots/{lot}"
    assert 'value="sand, no water"' in producer.get(told)
    assert site.visitor("neighbour").post(f"/lots/{lot}/profile", form="x").status_code == 303
    assert 'value="liquid"' in producer.get(told)
    manifest = site.market.manifest(deal).id
    shown = site.visitor("carrier").get(f"/manifests/{site.market.manifest(deal).id}")
    assert "sand, no water" in shown
    assert "battery-codes" not in shown
    for who, status in (("processor", 200), ("carrier", 200), ("distant", 404)):
        answer = site.visitor(who).client.get(f"/api/v1/lots/{lot}/profile")
        assert answer.status_code == status, who
    told_api = site.visitor("processor").client.get(f"/api/v1/lots/{lot}/profile").json()
    assert (told_api["profile"], told_api["missing"]) == ("hazardous", [])
    assert site.visitor("carrier").client.get(f"/api/v1/manifests/{manifest}/batteries").json() == []


def test_batteries_have_pages_for_those_who_hold_them(site: Site) -> None:
    """A dismantler would keep its codes in a spreadsheet, or a rival read them."""
    producer = site.visitor("producer")
    assert "No battery" in producer.get("/batteries")
    wrong = producer.post("/batteries", code="1234")
    assert wrong.status_code == 422
    assert 'value="1234"' in wrong.text
    assert "B1.identity" in wrong.text
    producer.sent_to("/batteries", code=PACK)
    producer.sent_to("/batteries", code=MODULE, parent=PACK)
    assert MODULE in producer.get(f"/batteries/{PACK}")
    producer.sent_to(f"/batteries/{PACK}/dismantle")
    assert "taken out" in producer.get(f"/batteries/{PACK}")
    sees = {"producer": 200, "neighbour": 404, "inspector": 200, "operator": 200, "carrier": 403}
    for who, status in sees.items():
        for place in (f"/batteries/{PACK}", f"/api/v1/batteries/{PACK}"):
            assert site.visitor(who).client.get(place).status_code == status, (who, place)
    for who, status in {"producer": 200, "inspector": 200, "carrier": 403}.items():
        for place in ("/ledgers/phosphogypsum", "/api/v1/ledgers/phosphogypsum", "/batteries"):
            assert site.visitor(who).client.get(place).status_code == status, (who, place)


def test_batteries_are_named_on_the_manifest_they_travel_under(site: Site) -> None:
    """An inspector would find batteries on a truck whose paper names none."""
    producer = site.visitor("producer")
    producer.sent_to("/batteries", code=PACK)
    row = site.market.manifest(site.market.agree())
    with site.market.engine.begin() as connection:
        connection.execute(update(Manifest).where(Manifest.id == row.id).values(code="900-005-S17"))
    place = f"/manifests/{row.id}"
    assert "battery-codes" in producer.get(place)
    producer.sent_to(f"/batteries{place}", codes=PACK)
    assert PACK in site.visitor("processor").get(place)
    assert "battery-codes" not in site.visitor("processor").get(place)
    assert site.visitor("neighbour").post(f"/batteries{place}", codes=PACK).status_code == 303
    producer.sent_to(f"/batteries{place}", codes="nothing")
    assert "was not found" in producer.get(place)
    assert PACK in producer.get(place)
