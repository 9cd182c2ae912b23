"""Can a producer keep its ledgers on the pages and over the API, and does nobody else read them?"""

from __future__ import annotations

import base64
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.factories.editions import drop_oil
from tests.factories.parties import committed
from tests.factories.site import Site

PAGES = (
    "/ledgers/stock",
    "/ledgers/years/2026",
    "/ledgers/years/2026/industrial",
    "/ledgers/years/2026/a3",
    "/ledgers",
    "/ledgers/tables/generated",
    "/ledgers/containers",
    "/ledgers/plan",
    "/ledgers/files",
)
APIS = (
    "ledgers/entries?table=outsourced",
    "ledgers/table.csv?table=outsourced",
    "ledgers/book.xlsx",
    "ledgers/standing",
    "ledgers/stock",
    "ledgers/years/2026/tables",
    "ledgers/years/2026/tables/a7/table.csv",
    "ledgers/years/2026/plan.xlsx",
    "ledgers/years/2026/industrial.xlsx",
    "ledgers/years/2026/compared",
    "ledgers/years/2026/flows",
    "ledgers/declarations",
    "containers",
)


@pytest.fixture
def closed(site: Site) -> UUID:
    """The manifest of a load that was confirmed."""
    deal = site.market.agree()
    site.market.deliver(deal, 20_000, 19_980)
    site.market.receive(deal, 19_980)
    return site.market.manifest(deal).id


def test_a_confirmed_load_enters_table_b5_by_itself(site: Site, closed: UUID) -> None:
    """A producer would copy every manifest by hand, and the ledger would differ from them (G4)."""
    page = site.visitor("producer").get("/ledgers/tables/outsourced")
    assert "HWWWLY20261120001" in page
    assert "19.980" in page
    assert f"/manifests/{closed}" in page
    assert "S42-001" in page
    unit = site.market.parties["producer"].id
    assert "HWWWLY20261120001" in site.visitor("inspector").get(f"/ledgers/tables/outsourced?of={unit}")
    for other in ("neighbour", "processor"):
        assert "HWWWLY" not in site.visitor(other).get(f"/ledgers/tables/outsourced?of={unit}")


def test_a_load_is_drawn_from_the_batches_that_its_mover_names(site: Site, closed: UUID) -> None:
    """A producer would not see what no batch accounts for, or could not say which drums left (G4)."""
    producer = site.visitor("producer")
    assert "G4.not_in_stock" in producer.get("/ledgers/stock")
    for kg in ("30", "40"):
        producer.sent_to("/ledgers/tables/stored", day="2026-11-20", code="900-214-08", kg=kg)
    site.market.idle()
    assert "G4.not_in_stock" not in producer.get("/ledgers/stock")
    place = f"/api/v1/manifests/{closed}/batches"
    headers = site.token("producer") | {"Idempotency-Key": "1"}
    assert _taken(producer.client.get(place, headers=headers).json()) == {"HWRK20261120001": 20_000}
    body = {"batches": ["HWRK20261120002"]}
    named = producer.client.post(place, json=body, headers=headers)
    assert _taken(named.json()) == {"HWRK20261120002": 20_000}
    assert named.json()["lines"][1]["kg"] == 19_980
    page = producer.get(f"/manifests/{closed}")
    assert "HWRK20261120002" in page
    assert producer.sent_to(f"/ledgers/stock/manifests/{closed}", batches="nothing") == f"/manifests/{closed}"
    other = site.visitor("processor").client.get(place, headers=site.token("processor"))
    assert [one["batch"] for one in other.json()["lines"]] == ["HWRK20261120001"]
    assert other.json()["named"] == []
    for name, status in {"neighbour": 404, "inspector": 403, "carrier": 403}.items():
        assert site.visitor(name).client.get(place, headers=site.token(name)).status_code == status


def _taken(ledger: dict[str, Any]) -> dict[str, int]:
    return next(one["taken"] for one in ledger["lines"] if one["part"] == "taken_out")


def test_pages_and_api_for_every_role(site: Site, closed: UUID) -> None:
    """A carrier would read what a works produces, or an inspector could write into its ledger."""
    sees = {"producer": 200, "processor": 200, "inspector": 200, "operator": 200, "carrier": 403}
    for name, status in sees.items():
        visitor = site.visitor(name).client
        keeps = name in {"producer", "processor"}
        for place in PAGES:
            own_only = place.endswith(("plan", "files", "a3"))
            wanted = 200 if keeps else 403 if own_only else status
            assert visitor.get(place).status_code == wanted, (name, place)
        for place in APIS:
            assert visitor.get(f"/api/v1/{place}").status_code == status, (name, place)
        posted = site.visitor(name).post("/ledgers/tables/generated", day="", code="", kg="")
        assert posted.status_code == (422 if keeps else 403), name


def test_what_is_typed_wrong_comes_back_as_it_was_typed(site: Site) -> None:
    """A person would type the whole form again."""
    visitor = site.visitor("producer")
    answer = visitor.post(
        "/ledgers/tables/generated", day="2027-01-01", code="900-214-08", kg="-2", note="n1"
    )
    assert answer.status_code == 422
    assert 'value="n1"' in answer.text
    assert "G4.mass" in answer.text
    assert "G4.day" in answer.text
    assert visitor.sent_to("/ledgers/tables/generated", day="2026-11-20", code="900-214-08", kg="2") == (
        "/ledgers/tables/generated"
    )
    assert "HWCS20261120001" in visitor.get("/ledgers/tables/generated")
    place = "/ledgers/tables/generated/HWCS20261120001"
    assert 'value="2.000"' in visitor.get(place)
    visitor.sent_to(place, day="2026-11-20", code="900-214-08", kg="3", count="1")
    assert "3.000" in visitor.get("/ledgers/tables/generated")
    bad = visitor.post("/ledgers/plan", year="2026", number="P", filed_on="2026-02-01", lines="nothing")
    assert bad.status_code == 422
    assert ">nothing<" in bad.text
    warned = f"/lots/{site.market.list_lot()}"
    assert "M5" in visitor.get(warned)
    visitor.sent_to("/ledgers/plan", year="2026", number="P-1", filed_on="2026-02-01", lines="900-214-08, 99")
    assert "M5" not in visitor.get(warned)


def test_a_year_is_held_against_the_tables_of_its_plan(site: Site, closed: UUID) -> None:
    """A producer could not see that it moved more than it had planned, or fill its plan in a form (G2)."""
    visitor, place = site.visitor("producer"), "/ledgers/years/2026/a7"
    bad = visitor.post(place, code="900-214-08", kg="-1", receiver_name="乙厂")
    assert bad.status_code == 422
    assert 'value="乙厂"' in bad.text
    assert visitor.sent_to(place, code="900-214-08", kg="10") == place
    assert "G2.over_plan" in visitor.get("/ledgers/years/2026")
    unit = site.market.parties["producer"].id
    assert "G2.over_plan" in site.visitor("inspector").get(f"/ledgers/years/2026?of={unit}")
    assert "G2.over_plan" not in site.visitor("neighbour").get(f"/ledgers/years/2026?of={unit}")
    headers = site.token("producer")
    told = visitor.client.get("/api/v1/ledgers/years/2026/compared", headers=headers).json()
    assert [(one["matter"], one["planned_kg"], one["done_kg"]) for one in told] == [
        ("transferred", 10_000, 19_980)
    ]
    assert visitor.sent_to(f"{place}/out", place="0") == place
    assert visitor.client.get("/ledgers/years/2026/a9").status_code == 404
    assert visitor.client.get("/ledgers/years/1/a3").status_code == 404


def test_a_plan_comes_in_over_the_api_and_from_a_file(site: Site) -> None:
    """A unit with its own program would type seven tables by hand (G2)."""
    visitor, headers = site.visitor("producer"), site.token("producer")
    program, api = visitor.client, "/api/v1/ledgers/years/2026/tables"
    rows = {"rows": [{"code": "900-214-08", "kg": "20", "purpose": "利用"}]}
    filled = program.post(f"{api}/a7", json=rows, headers=headers | {"Idempotency-Key": "1"})
    assert [row["kg"] for row in filled.json()["rows"]] == ["20.000"]
    wrong = {"rows": [{"code": "900-214-08", "kg": "x"}]}
    refused = program.post(f"{api}/a7", json=wrong, headers=headers | {"Idempotency-Key": "2"})
    assert refused.json()["field"] == "rows.0.kg"
    content = base64.b64encode("废物代码,本年度预计产生量（吨）\r\n900-214-08,30\r\n,1\r\n".encode()).decode()
    file = {"file_name": "a3.csv", "content": content}
    sent = program.post(f"{api}/a3/files", json=file, headers=headers | {"Idempotency-Key": "3"})
    assert sent.json()["counts"] == {"inserted": 1, "updated": 0, "ignored": 0, "failed": 1}
    look = f"/ledgers/files/{sent.json()['id']}"
    assert "A.3" in visitor.get(look)
    assert visitor.sent_to(look) == look
    assert "30.000" in visitor.get("/ledgers/years/2026/a3")


def test_a_file_goes_in_over_pages_and_api(site: Site) -> None:
    """A unit with its own program could not keep its ledger here."""
    content = "产生时间,废物代码,产生量（吨）\r\n2026-11-19,900-214-08,1.5\r\n2026-11-19,x,1.5\r\n".encode()
    program = site.visitor("producer").client
    program.cookies.clear()
    headers = site.token("producer") | {"Idempotency-Key": "1"}
    body = {"table": "generated", "file_name": "a.csv", "content": base64.b64encode(content).decode()}
    sent = program.post("/api/v1/ledgers/imports", json=body, headers=headers)
    assert sent.status_code == 201, sent.text
    assert sent.json()["counts"] == {"inserted": 1, "updated": 0, "ignored": 0, "failed": 1}
    assert sent.json()["rows"][1]["reasons"][0]["rule"] == "C1.bad_form"
    page = site.visitor("producer").get(f"/ledgers/files/{sent.json()['id']}")
    assert "Take in 1 row" in page
    assert site.visitor("neighbour").client.get(f"/ledgers/files/{sent.json()['id']}").status_code == 404
    place = f"/api/v1/ledgers/imports/{sent.json()['id']}/take-in"
    taken = program.post(place, headers=headers | {"Idempotency-Key": "2"})
    assert taken.json()["rows"][0]["batch"] == "HWCS20261119001"
    entry = {"table": "stored", "day": "2026-11-20", "code": "900-214-08", "kg": 1_501}
    entry["source"] = "HWCS20261119001"
    refused = program.post("/api/v1/ledgers/entries", json=entry, headers=headers | {"Idempotency-Key": "3"})
    assert refused.json()["rule"] == "G4.more_than_is_there"
    new = {"code": "900-214-08", "litres": 200, "kg": 180, "count": 2}
    made = program.post("/api/v1/containers", json=new, headers=headers | {"Idempotency-Key": "4"})
    label = f"/api/v1/containers/{made.json()[0]['id']}/label.pdf?alike=true"
    assert program.get(label, headers=headers).content.startswith(b"%PDF")
    assert site.visitor("neighbour").client.get(label).status_code == 404
    lot = f"/api/v1/lots/{site.market.list_lot()}/reasons"
    warned = program.get(lot, headers=headers).json()["warnings"]
    assert "M5.no_plan" in [one["rule"] for one in warned]
    assert site.visitor("neighbour").client.get(lot).status_code == 404
    committed(site.market.engine, lambda work: drop_oil(work, "HW2025", date(2025, 1, 1)))
    assert program.get(label, headers=headers).content.startswith(b"%PDF")
