"""Does a yard's storage limit stand beside what lies there, for the unit and for the inspector?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.factories.site import Site

PAGE, API = "/ledgers/stock/limits", "/api/v1/storage"


def _stored(site: Site, *rows: tuple[str, str]) -> None:
    """Enter batches into the producer's store: tonnes, facility."""
    producer = site.visitor("producer")
    for kg, facility in rows:
        row = {"day": "2026-11-20", "code": "900-214-08", "kg": kg, "facility": facility}
        producer.sent_to("/ledgers/tables/generated", **row | {"facility": "P1"})
        producer.sent_to("/ledgers/tables/stored", **row, source="")
    site.market.idle()


def _limits(site: Site, name: str, **query: str) -> list[dict[str, Any]]:
    answer = site.visitor(name).client.get(API, params=query, headers=site.token(name))
    return [one for unit in answer.json()["items"] for one in unit["limits"]]


def _set(site: Site, name: str, site_id: UUID, key: str, **body: object) -> int:
    client = site.visitor(name).client
    headers = site.token(name) | {"Idempotency-Key": key}
    return int(client.post(f"{API}/limits/{site_id}", json=body, headers=headers).status_code)


def test_a_producers_yard_is_held_against_its_own_limits(site: Site) -> None:
    """Drums would pile up in a producer's yard, and only receivers be asked."""
    yard = site.market.parties["producer"].site_id
    assert yard is not None
    producer, inspector = site.visitor("producer"), site.visitor("inspector")
    _stored(site, ("12", "TS001"), ("8", "TS002"))
    typed = {"site": str(yard), "source": "EIA 2025-17"}
    assert producer.post(PAGE, **typed, tonnes="x", code="oil").status_code == 422
    assert producer.sent_to(PAGE, **typed, tonnes="25") == "/ledgers/stock"
    assert producer.sent_to(PAGE, **typed, tonnes="10", facility="TS001") == "/ledgers/stock"
    assert _set(site, "producer", yard, "1", kg=20_000, source="licence", code="HW08") == 201
    site.market.idle()
    told = {(one["facility"], one["code"]): one for one in _limits(site, "producer")}
    assert {key: (one["stock_kg"], one["over"]) for key, one in told.items()} == {
        ("", ""): (20_000, False),
        ("", "HW08"): (20_000, False),
        ("TS001", ""): (12_000, True),
    }
    page = producer.get("/ledgers/stock")
    assert "balance__stock--over" in page
    assert "120 %" in page
    assert "TS001" in inspector.get("/analyses").split('id="over_storage"')[1]
    assert _set(site, "producer", yard, "2", kg=19_000, source="licence") == 201
    site.market.idle()
    (alert,) = _alerts(site)
    shown = inspector.get(f"/alerts/{alert['id']}")
    assert "all waste: 20.000 t" in shown
    assert "*" not in shown.split("Evidence")[1].split("</dl>")[0]
    assert "全部废物: 20.000 t" in site.visitor("inspector", "zh").get(f"/alerts/{alert['id']}")
    assert alert["evidence"]["limits"] == [
        "*: 20.000 t > 19.000 t (licence)",
        "TS001: 12.000 t > 10.000 t (EIA 2025-17)",
    ]
    assert _set(site, "producer", yard, "3", kg=25_000, source="licence") == 201
    assert producer.sent_to(PAGE, **typed, tonnes="0", facility="TS001") == "/ledgers/stock"
    site.market.idle()
    assert [one["state"] for one in _alerts(site)] == ["withdrawn"]


def _alerts(site: Site) -> list[dict[str, Any]]:
    params = {"kind": "store_over_limit"}
    answer = site.visitor("inspector").client.get(
        "/api/v1/alerts", params=params, headers=site.token("inspector")
    )
    return list(answer.json()["items"])


def test_who_may_say_what_may_lie_where(site: Site) -> None:
    """A works would raise the limit that the authority noted, or a neighbour lower it."""
    yard = site.market.parties["producer"].site_id
    assert yard is not None
    body = {"kg": 5_000, "source": "licence"}
    statuses = {"neighbour": 403, "processor": 403, "carrier": 403, "producer": 201, "inspector": 201}
    for name, status in statuses.items():
        assert _set(site, name, yard, name, **body) == status, name
    assert _set(site, "producer", yard, "again", **body | {"kg": 50_000}) == 409
    for wrong in ({"kg": -1}, {"code": "oil"}, {"code": "HW99"}, {"code": "HW43"}, {"source": " "}):
        assert _set(site, "inspector", yard, str(wrong), **body | wrong) in {400, 422}
    assert [one["by_authority"] for one in _limits(site, "inspector")] == [True]
    assert _limits(site, "neighbour") == []
    assert site.visitor("carrier").client.get(API).status_code == 403


def test_what_a_receiver_took_in_lies_at_the_site_that_the_manifest_names(site: Site) -> None:
    """A load that waits for its confirmation would lie nowhere."""
    market = site.market
    yard = market.parties["processor"].site_id
    assert yard is not None
    assert _set(site, "inspector", yard, "1", kg=10_000, source="S42-001", code="900-214-08") == 201
    deal = market.agree()
    market.deliver(deal, 20_000, 19_980)
    market.receive(deal, 19_980)
    (one,) = _limits(site, "inspector")
    assert (one["stock_kg"], one["percent"], one["over"]) == (19_980, 199, True)
    market.idle()
    (same,) = _limits(site, "processor")
    assert same["stock_kg"] == 19_980
