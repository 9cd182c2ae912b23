"""Can both ends of a pipeline keep their meters on pages and over the API, and nobody else read them?"""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path

from litestar.testing import TestClient
from sqlalchemy import update

from compliance.papers import verify_bundle
from compliance.pipelines.rules import days_of
from compliance.record.database import transaction
from compliance.registry.tables import Organisation
from tests.factories.site import Site
from tests.factories.trade import OIL
from tests.marketplace.papers.test_papers import checked, read

OCTOBER = days_of(date(2026, 10, 1), date(2026, 10, 31))


def require_warning(site: Site, period: str) -> None:
    """Insist that the mover reads once, not by the day, that no batch accounts for the period."""
    producer = site.visitor("producer")
    (short,) = producer.client.get("/api/v1/ledgers/stock").json()["short"]
    assert (short["manifest_id"], short["origin"], short["short_kg"]) == (period, "pipeline", 31_000)
    assert f"/pipelines/periods/{period}" in producer.get("/ledgers/stock")


def require_papers(site: Site, papers: str, number: str, folder: Path) -> None:
    """Insist that a confirmed period is printed and proved, and that a meter written anew is noticed."""
    pdf = read(bytes(site.visitor("producer").client.get(f"{papers}/manifest.pdf?lang=en").content))
    for wanted in (number, "2026-10-31", "water was drained", "Provisional number", "confirmed"):
        assert wanted in pdf, wanted
    with transaction(site.market.engine) as session:
        session.execute(update(Organisation).values(name=Organisation.name + "x", contact="x"))
    again = read(bytes(site.visitor("producer").client.get(f"{papers}/manifest.pdf?lang=en").content))
    assert again == pdf
    proofs = bytes(site.visitor("inspector").client.get(f"{papers}/bundle.zip").content)
    with zipfile.ZipFile(io.BytesIO(proofs)) as archive:
        archive.extractall(folder)
    assert checked(folder) == (0, "HOLDS")
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    assert verify_bundle.period_faults(record) == []
    record["document"]["mover"]["days"][0]["how"] = "level"
    assert len(verify_bundle.period_faults(record)) == 2
    record["readings"][0]["kg"] += 1
    assert len(verify_bundle.period_faults(record)) == 4


def test_a_month_is_metered_compared_issued_and_confirmed(site: Site, tmp_path: Path) -> None:
    """A refinery would keep two spreadsheets and compare them by telephone."""
    producer, processor = site.visitor("producer"), site.visitor("processor")
    ends = {
        "origin": str(site.market.parties["producer"].site_id),
        "destination": str(site.market.parties["processor"].site_id),
    }
    typed = {"name": "P-101", "code": OIL, "started_on": "2026-10-01", **ends}
    wrong = producer.post("/pipelines", **typed, rhythm="by_year")
    assert wrong.status_code == 422
    assert "another period than a month" in wrong.text
    place = producer.sent_to("/pipelines", **typed)
    processor.sent_to(f"{place}/steps", act="agree")
    pasted = "\n".join(f"{day},1.000" for day in OCTOBER)
    bad = producer.post(f"{place}/readings", readings=f"{pasted}\nsoon,1")
    assert "Line 32 cannot be read" in bad.text
    producer.sent_to(f"{place}/readings", readings=pasted)
    processor.sent_to(f"{place}/readings", readings=pasted.replace("1.000", "0.950"))
    producer.sent_to(f"{place}/steps", act="issue", day="2026-10-01")
    shown = processor.get(f"{place}?month=2026-10")
    assert "beyond the tolerance" in shown
    api = "/api/v1" + place
    (period,) = processor.client.get(f"{api}/periods").json()
    step = f"/api/v1/pipelines/periods/{period['id']}/steps"
    program = TestClient(site.app)
    told = program.post(step, json={"act": "confirm"}, headers=site.token("processor", "1"))
    assert (told.status_code, told.json()["rule"]) == (422, "M13.sides_differ")
    assert "M13" in processor.post(f"/pipelines/periods/{period['id']}", act="confirm").text
    processor.sent_to(f"/pipelines/periods/{period['id']}", act="confirm", reason="water was drained")
    assert "water was drained" in producer.get(f"{place}?month=2026-10")
    span = {"first": "2026-10-01", "last": "2026-10-31"}
    found = producer.client.get(f"{api}/comparison", params=span).json()
    assert (len(found["days"]), found["months"][0]["verdict"]) == (31, "differs")
    assert "2026-10-31" in producer.client.get(f"{place}/days.csv?month=2026-10").text
    require_warning(site, period["id"])
    papers = f"/api/v1/pipelines/periods/{period['id']}"
    require_papers(site, papers, period["number"], tmp_path)
    sees = {"producer": 200, "processor": 200, "neighbour": 404, "inspector": 200, "operator": 200}
    for who, status in (sees | {"carrier": 403}).items():
        for path in (place, api, f"{api}/periods", f"{place}/days.csv", f"{papers}/manifest.pdf"):
            assert site.visitor(who).client.get(path).status_code == status, (who, path)
