"""Do the papers of a load say what was signed, whatever is edited later?"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine, update

from compliance.manifests.rules import Act
from compliance.papers import verify_bundle
from compliance.profiles import service as profiles
from compliance.qualification.scans import Folder, held
from compliance.registry.tables import LicenceRow, Organisation, Person
from compliance.registry.tables import Site as RegisteredSite
from marketplace.deals.tables import Deal
from marketplace.lots.tables import Lot
from tests.compliance.qualification.papers import PNG
from tests.factories.site import Site, open_site
from tests.marketplace.papers.test_papers import checked, fetched, read

STATED = {"form": "液态", "main": "废矿物油", "harmful": "多环芳烃", "emergency": "用砂土覆盖"}
OIL = "900-214-08"


@pytest.fixture
def site(engine: Engine) -> Site:
    """The pages on the small market."""
    return open_site(engine)


def issued(site: Site) -> tuple[UUID, UUID]:
    """Let a load be described, packed and issued; return its manifest and its lot."""
    market = site.market
    deal_id = market.agree(packaging="200 升铁桶", note="含水")
    key, lot_id = market.manifest(deal_id).id, market.get(Deal, deal_id).lot_id
    with market.work("producer") as work:
        profiles.tell(work, lot_id, OIL, STATED)
    packing = {"packages": 40, "un_number": "UN1993"}
    place = f"/api/v1/manifests/{key}/statement"
    site.visitor("producer")
    answer = TestClient(site.app).post(place, json=packing, headers=site.token("producer", "1"))
    assert (answer.status_code, answer.json()["facts"], answer.json()["frozen_at"]) == (200, STATED, None)
    market.sign(deal_id, Act.ISSUE, "producer")
    return key, lot_id


def meddle(site: Site, lot_id: UUID) -> None:
    """Edit everything that the papers once read live."""
    with site.market.work("producer") as work:
        profiles.tell(work, lot_id, OIL, {"form": "固态"})
        for change in (
            update(LicenceRow).values(number=LicenceRow.number + "x"),
            update(Organisation).values(name=Organisation.name + "x", contact="x"),
            update(RegisteredSite).values(address="x"),
            update(Lot).values(packaging="散装", note="x"),
        ):
            work.session.execute(change.execution_options(synchronize_session=False))


@pytest.mark.sqlite_alone
def test_the_paper_names_the_crew_of_its_day(site: Site) -> None:
    """A driver's new name would stand on the paper of a load that was driven under the old one."""
    market = site.market
    deal_id = market.agree()
    market.deliver(deal_id, 20_000, 19_980)
    place = f"/api/v1/manifests/{market.manifest(deal_id).id}"
    crew = site.visitor("inspector").client.get(place).json()["statement"]["crew"]
    before = read(fetched(site, "inspector", f"{place}/manifest.pdf"))
    for one in crew.values():
        assert one["name"] in before
    with market.work() as work:
        work.session.execute(update(Person).values(name="Renamed"))
    assert read(fetched(site, "inspector", f"{place}/manifest.pdf")) == before
    assert crew["driver"]["name"] in site.visitor("inspector").get(place.removeprefix("/api/v1"))


@pytest.mark.sqlite_alone
def test_every_paper_says_what_was_signed(site: Site, tmp_path: Path) -> None:
    """Whoever edits a lot, a licence or a name would rewrite papers that others have signed."""
    key, lot_id = issued(site)
    place = f"/api/v1/manifests/{key}"

    def told() -> Any:
        return site.visitor("inspector").client.get(place).json()["statement"]

    said, before = told(), read(fetched(site, "inspector", f"{place}/manifest.pdf"))
    for wanted in (*STATED.values(), "200 升铁桶", "UN1993", said["permit"], said["licence"], "含水"):
        assert wanted in before, wanted
    meddle(site, lot_id)
    assert read(fetched(site, "inspector", f"{place}/manifest.pdf")) == before
    assert told() == said
    assert "200 升铁桶" in site.visitor("inspector", "zh").get(f"/manifests/{key}")
    assert STATED["harmful"] in read(fetched(site, "producer", f"{place}/labels.pdf?litres=200&kg=180"))
    other = site.visitor("producer").client.get(f"{place}/labels.pdf?litres=200&kg=180&form=固态")
    assert (other.status_code, other.json()["field"]) == (422, "form")
    with zipfile.ZipFile(io.BytesIO(fetched(site, "inspector", f"{place}/bundle.zip"))) as archive:
        archive.extractall(tmp_path)
    assert checked(tmp_path) == (0, "HOLDS")
    record = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert (verify_bundle.unsigned(record), verify_bundle.unstated(record)) == (False, False)
    record["statement"]["stated"]["packages"] = 41
    assert verify_bundle.statement_faults(record) != []
    record["document"]["stated"]["packages"] = 41
    assert verify_bundle.unsigned(record)


def test_a_bundle_holds_the_photos_that_its_events_name(tmp_path: Path) -> None:
    """A court would read of a photo that nobody has any more, or be shown another one."""
    store = Folder(tmp_path / "store")
    kept, lost = store.put(PNG), "f" * 64
    found = held(store, [kept, lost])
    assert found == {f"{kept}.png": PNG}
    (tmp_path / "files").mkdir()
    place = tmp_path / "files" / f"{kept}.png"
    place.write_bytes(PNG)
    events = [{"data": json.dumps({"file": kept})}, {"data": "{}"}]
    assert verify_bundle.evidence_faults({"events": events, "files": [kept]}, tmp_path) == []
    (missing,) = verify_bundle.evidence_faults({"events": events, "files": [kept, lost]}, tmp_path)
    assert lost in missing
    place.write_bytes(PNG + b"x")
    assert verify_bundle.evidence_faults({"events": events}, tmp_path) != []


def test_a_bundle_says_where_no_signature_covers_what_is_stated() -> None:
    """What an upgrade filled in would pass for signed."""
    signed = [{"document_hash": "a", "form": 1}, {"document_hash": "b"}]
    assert verify_bundle.unstated({"signatures": signed})
    assert not verify_bundle.unstated({"signatures": [*signed, {"document_hash": "c", "form": 2}]})
    first = {"document": {"number": "1"}, "statement": {"frozen_at": "now", "stated": {"packages": 3}}}
    assert verify_bundle.statement_faults(first) == []
