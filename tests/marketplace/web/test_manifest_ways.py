"""Can people open every other way of a load on its page: back, onward, by another carrier, on paper?"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from compliance.deadlines.tables import Deadline
from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.rules import State
from compliance.manifests.tables import Manifest
from compliance.receipts.tables import Receipt
from tests.compliance.qualification.papers import PNG
from tests.factories.site import Site
from tests.factories.trade import TARE_KG
from tracking.alerts.tables import Alert
from tracking.trips import service as trips
from tracking.trips.rules import Act as TripAct
from tracking.trips.tables import Trip

MINE = "<strong>yours to decide</strong>"


def drive(site: Site, manifest_id: UUID, *acts: TripAct) -> None:
    """Let the driver take the steps of a manifest's trip."""
    market = site.market
    for act in acts:
        market.forward(minutes=10)
        with market.work(market.drivers[0]) as work:
            trip = work.session.scalars(select(Trip).where(Trip.manifest_id == manifest_id)).one()
            trips.advance(work, trip, act)


def test_a_refused_load_is_brought_home(site: Site) -> None:
    """A truck with twenty tonnes of refused oil would stand at the gate, and nobody could move it (M12)."""
    market = site.market
    deal = market.agree()
    market.deliver(deal, 20_000, 19_980)
    market.refuse(deal)
    key = market.manifest(deal).id
    producer = site.visitor("producer")
    assert "Send what was refused back or onward" in producer.get(f"/manifests/{key}")
    assert "Send what was refused" not in site.visitor("carrier").get(f"/manifests/{key}")
    wrong = producer.post(f"/manifests/{key}/ways/returns", tonnes="30")
    assert wrong.status_code == 422
    assert "19980 kg were refused" in wrong.text
    assert producer.sent_to(f"/manifests/{key}/ways/returns") == f"/manifests/{key}"
    market.idle()
    (back,) = market.rows(select(Manifest).where(Manifest.parent_id == key))
    assert back.planned_kg == 19_980
    producer.sent_to(f"/manifests/{back.id}/acts", act="issue")
    drive(site, back.id, TripAct.ARRIVE, TripAct.LOAD, TripAct.DEPART)
    market.weigh("producer", back.plate, TARE_KG + 19_970)
    market.weigh("producer", back.plate, TARE_KG)
    drive(site, back.id, TripAct.DELIVER)
    market.idle()
    page = producer.get(f"/manifests/{back.id}")
    assert "what was refused under manifest" in page
    producer.sent_to(f"/manifests/{back.id}/ways/receipt", tonnes="19.970")
    market.idle()
    assert market.get(Manifest, back.id).state == State.CONFIRMED
    assert market.standing(deal)[0] == "refused"
    for path in (f"/manifests/{back.id}", f"/manifests/{key}"):
        act = "close" if path.endswith(str(back.id)) else "end_return"
        producer.sent_to(f"{path}/acts", act=act)
    assert market.get(Manifest, key).state == State.CLOSED
    assert "Linked manifests" in site.visitor("inspector").get(f"/manifests/{key}")


def test_a_load_without_signal_runs_on_paper(site: Site) -> None:
    """A phone without signal would hold twenty tonnes in the yard, or the paper never come back in (M15)."""
    market = site.market
    deal = market.agree()
    market.sign(deal, ManifestAct.ISSUE, "producer")
    key = market.manifest(deal).id
    producer = site.visitor("producer")
    producer.sent_to(f"/manifests/{key}/ways/national-number", number="20264201000042")
    producer.sent_to(f"/manifests/{key}/ways/paper", reason="no signal in the quarry")
    drive(site, key, TripAct.ARRIVE, TripAct.LOAD, TripAct.DEPART)
    market.idle()
    (due,) = market.rows(select(Deadline).where(Deadline.subject_id == key))
    assert (due.kind, due.state, due.due_on.isoformat()) == ("back_entry", "ahead", "2026-12-04")
    said = {
        "number": "P-77",
        "loaded_at": "2026-11-20T09:10",
        "ended_at": "2026-11-20T09:20",
        "sender": "20",
        "receiver": "19.98",
        "evidence": "binder 7",
    }
    assert producer.post(f"/manifests/{key}/ways/paper-entry", **(said | {"sender": "x"})).status_code == 422
    producer.sent_to(f"/manifests/{key}/ways/paper-entry", **said)
    market.idle()
    (trip,) = market.rows(select(Trip).where(Trip.manifest_id == key))
    (receipt,) = market.rows(select(Receipt).where(Receipt.manifest_id == key))
    assert (trip.state, receipt.receiver_kg) == ("delivered", 19_980)
    assert market.get(Deadline, due.id).state == "kept"
    market.receive(deal, 19_980)
    assert market.standing(deal)[0] == "received"
    page = site.visitor("inspector").get(f"/manifests/{key}")
    for words in ("20264201000042", "binder 7", "no signal in the quarry"):
        assert words in page


def test_a_photo_that_could_not_be_taken_is_handed_in_afterwards(site: Site) -> None:
    """A driver without signal would have no form for the picture that is still asked for (A1)."""
    market = site.market
    deal = market.agree()
    market.deliver(deal, 20_000, 19_980)
    manifest, path = (f"/manifests/{market.manifest(deal).id}{end}" for end in ("", "/exception"))
    carrier, producer = site.visitor("carrier"), site.visitor("producer")
    carrier.get("/manifests")
    token = {"_csrf_token": carrier.client.cookies["csrftoken"]}
    owed = token | {"case": "company_closed/refuse", "reason": "closed", "missing": "no_signal"}
    assert carrier.client.post(path, data=owed, files={"file": ("", b"")}).status_code == 200
    page = carrier.get(manifest)
    assert "Evidence outstanding" in page
    assert "Evidence outstanding" in producer.get("/exceptions")
    assert f'action="{path}/' not in producer.get(manifest)
    hand_in = page.split(f'action="{path}/')[1].split('"')[0]
    hand_in = f"{path}/{hand_in}"
    assert carrier.client.post(hand_in, data=token, files={"file": ("", b"")}).status_code == 422
    photo = {"file": ("gate.png", PNG, "image/png")}
    assert carrier.client.post(hand_in, data=token, files=photo).status_code == 200
    assert "Evidence outstanding" not in carrier.get(manifest)


def test_an_exception_and_a_correction_go_over_the_page(site: Site) -> None:
    """A driver at a locked gate, or a clerk with a typed error, would find no form for it (M16)."""
    market = site.market
    deal = market.agree()
    market.deliver(deal, 20_000, 19_980)
    key = market.manifest(deal).id
    ways = f"/manifests/{key}/ways"
    carrier, producer, processor = (site.visitor(one) for one in ("carrier", "producer", "processor"))
    photo = {"file": ("gate.png", PNG, "image/png")}
    said = {"case": "company_closed/refuse", "reason": "closed"}
    carrier.get("/manifests")
    token = {"_csrf_token": carrier.client.cookies["csrftoken"]}
    path = f"/manifests/{key}/exception"
    assert carrier.client.post(path, data=said | token, files={"file": ("", b"")}).status_code == 422
    assert carrier.client.post(path, data=said | token, files=photo).status_code == 200
    assert "Leave is asked" in [market.idle(), site.visitor("inspector").get("/alerts")][1]
    key_of = market.rows(select(Alert.id).where(Alert.kind == "exception_asked"))[0]
    assert "接受单位关闭" in site.visitor("inspector", "zh").get(f"/alerts/{key_of}")
    assert [MINE in one.get("/exceptions") for one in (producer, carrier)] == [True, False]
    assert "loads stand until you give or deny leave" in producer.get("/")
    file = carrier.get(f"/manifests/{key}").split(f"/api/v1/manifests/{key}/files/")[1][:64]
    assert producer.client.get(f"/api/v1/manifests/{key}/files/{file}").content == PNG
    assert producer.client.get(f"/api/v1/manifests/{key}/files/{'0' * 64}").status_code == 404
    assert "Give leave" not in carrier.get(f"/manifests/{key}")
    page = producer.get(f"/manifests/{key}")
    assert "Give leave" in page
    item = page.split('name="item" value="')[1].split('"')[0]
    assert producer.post(f"{ways}/decide-exception", item=item, verdict="grant").status_code == 422
    producer.sent_to(f"{ways}/decide-exception", item=item, verdict="grant", reason="called them")
    market.idle()
    assert "Let through by exception" in site.visitor("inspector").get("/alerts")
    assert "Sign that the load was not taken" in carrier.get(f"/manifests/{key}")
    assert "Sign that the load was not taken" not in producer.get(f"/manifests/{key}")
    assert producer.post(f"{ways}/correction", field="nothing", value="1", reason="x").status_code == 422
    processor.sent_to(f"{ways}/correction", field="loaded_kg", value="19.99", reason="read wrongly")
    page = producer.get(f"/manifests/{key}")
    assert "<del>20.000 t</del> → <ins>19.990 t</ins>" in page
    item = page.split("answer-correction")[1].split('name="item" value="')[1].split('"')[0]
    for answering in (producer, carrier):
        answering.sent_to(f"{ways}/answer-correction", item=item, verdict="approve")
    assert market.get(Manifest, key).loaded_kg == 19_990
