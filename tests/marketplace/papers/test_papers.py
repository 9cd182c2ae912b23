"""Do the papers of a load say what the record says, to its parties alone, and can a stranger check them?"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import Engine, select, update

from compliance.manifests.tables import Manifest
from compliance.papers.rules import digital_code
from compliance.record.database import open_database
from tests.factories.site import Site, open_site
from tracking.weighings.tables import Weighing


@pytest.fixture(scope="module")
def engine(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One database for all: papers only read."""
    copy = tmp_path_factory.mktemp("papers") / "huanlian.db"
    shutil.copy(sqlite_template, copy)
    opened = open_database(f"sqlite:///{copy}")
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def site(engine: Engine) -> Site:
    """The pages on the small market."""
    return open_site(engine)


@pytest.fixture(scope="module")
def closed(site: Site) -> UUID:
    """The manifest of a load that was weighed at both ends and received."""
    deal = site.market.agree()
    site.market.deliver(deal, 20_000, 19_980)
    site.market.receive(deal, 19_980)
    return site.market.manifest(deal).id


def fetched(site: Site, who: str, path: str, language: str = "zh") -> bytes:
    """Fetch a file as somebody who may see it."""
    answer = site.visitor(who, language).client.get(path)
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


def read(pdf: bytes) -> str:
    """Return the text of a PDF's pages."""
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def scanned(pdf: bytes) -> list[str]:
    """Return what a phone reads off each page's QR code."""
    with pypdfium2.PdfDocument(pdf) as document:
        pictures = [page.render(scale=3).to_pil() for page in document]
    return [code.text for picture in pictures for code in zxingcpp.read_barcodes(picture)]


def test_the_manifest_says_who_moves_what_and_whose_number_it_carries(site: Site, closed: UUID) -> None:
    """A driver would show a paper that pretends to be of the national system, or lacks half the form."""
    pdf = fetched(site, "carrier", f"/api/v1/manifests/{closed}/manifest.pdf")
    row = site.market.rows(select(Weighing))[0]
    words = read(pdf).replace(" ", "")
    for wanted in (
        "危险废物转移联单",
        "本编号为平台暂编号，不是国家危险废物信息管理系统的联单编号",
        "第一部分移出人填写",
        "第二部分承运人填写",
        "第三部分接受人填写",
        "900-214-08",
        "毒性T、易燃性I",
        "19.980吨",
        "全部接受",
        f"#{row.ticket_number}",
    ):
        assert wanted in words, wanted
    assert pdf.startswith(b"%PDF")
    assert b"pdfaid" in pdf
    (text,) = scanned(pdf)[:1]
    assert f"/manifests/{closed}" in text
    assert "Provisional number" in read(
        fetched(site, "carrier", f"/api/v1/manifests/{closed}/manifest.pdf?lang=en")
    )


def test_a_draft_says_that_it_is_none(site: Site) -> None:
    """A truck would leave with a draft in the driver's hand."""
    deal = site.market.agree("neighbour")
    row = site.market.manifest(deal)
    assert "不得据此运输" in read(fetched(site, "neighbour", f"/api/v1/manifests/{row.id}/manifest.pdf"))
    missing = site.visitor("neighbour").client.get(f"/api/v1/manifests/{row.id}/receipt.pdf")
    assert missing.status_code == 404


def test_receipt_and_ticket_are_printed(site: Site, closed: UUID) -> None:
    """A bookkeeper would copy weights by hand off a screen."""
    receipt = read(fetched(site, "processor", f"/api/v1/manifests/{closed}/receipt.pdf", "en"))
    assert "20 kg (1.00 ‰)" in receipt
    assert "59 kg" in receipt
    row = next(one for one in site.market.rows(select(Weighing)) if one.manifest_id == closed)
    pdf = fetched(site, "processor", f"/api/v1/weighings/{row.id}/ticket.pdf", "en")
    assert row.ticket_hash in read(pdf)
    assert "it is what the scale signed" in read(pdf)
    assert row.ticket_hash in scanned(pdf)[0]


def test_each_container_has_a_label_with_its_own_code(site: Site, closed: UUID) -> None:
    """Two drums would carry one code, or a label too small to read (G5, G6, G7)."""
    path = f"/api/v1/manifests/{closed}/labels.pdf?litres=1000&kg=900&count=2&serial=5&form=液态"
    pdf = fetched(site, "producer", path)
    with pypdfium2.PdfDocument(pdf) as document:
        sizes = [round(page.get_size()[0] / 72 * 25.4) for page in document]
    assert sizes == [200] * 4
    codes = [text.splitlines()[0] for text in scanned(pdf)]
    assert [code[-3:] for code in codes] == ["005", "005", "006", "006"]
    assert codes[0][18:26] == "90021408"
    assert len(set(codes)) == 2
    assert digital_code(codes[0][:18], "900-214-08", site.market.at.date(), 5) == codes[0]
    assert "液态" in read(pdf)
    refused = site.visitor("producer").client.get(f"/api/v1/manifests/{closed}/labels.pdf?litres=0&kg=0")
    assert refused.status_code == 422
    assert {one["rule"] for one in refused.json()["errors"]} == {"G5.weight", "G6.volume"}


SIDES = {50: (100, 3, 1), 51: (150, 5, 1), 449: (150, 5, 1), 450: (200, 6, 1), 451: (200, 6, 2)}
"""By a container's litres: the label's side and the least height of its signs, millimetres, and its faces."""


@pytest.mark.parametrize(("litres", "asked"), SIDES.items())
def test_a_label_has_the_side_and_the_signs_of_its_container(
    site: Site, closed: UUID, litres: int, asked: tuple[int, int, int]
) -> None:
    """A drum would bear a label that an inspector must not accept, or signs nobody reads from afar (G6)."""
    side, least, faces = asked
    pdf = fetched(site, "producer", f"/api/v1/manifests/{closed}/labels.pdf?litres={litres}&kg=40")
    with pypdfium2.PdfDocument(pdf) as document:
        assert [[round(length * MM, 1) for length in page.get_size()] for page in document] == [
            [side] * 2
        ] * faces
        for page in document:
            heights = sign_heights(page)
            assert min(heights["digits"]) >= least - DRAWN
            assert min(heights["han"]) >= least - DRAWN
            assert len(heights["digits"]) > 37


MM = 25.4 / 72
DRAWN = 0.05
"""A twentieth of a millimetre: to so much a glyph's box is told."""
FULL = frozenset("危险废物标签")
"""Signs that fill their square from top to bottom; others, 一 or 口, are lower by their own form."""


def sign_heights(page: pypdfium2.PdfPage) -> dict[str, list[float]]:
    """Return how high the ink of a label's digits and of its full Han signs stands, in millimetres."""
    text = page.get_textpage()
    found: dict[str, list[float]] = {"digits": [], "han": []}
    for place, sign in enumerate(text.get_text_range()):
        kind = "digits" if sign.isdecimal() else "han" if sign in FULL else ""
        if kind:
            _, bottom, _, top = text.get_charbox(place)
            found[kind].append((top - bottom) * MM)
    return found


def test_a_stranger_checks_a_bundle_without_the_product(site: Site, closed: UUID, tmp_path: Path) -> None:
    """A court would have to believe us; or a changed file, event or ticket would pass."""
    content = fetched(site, "inspector", f"/api/v1/manifests/{closed}/bundle.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    assert len(list(tmp_path.glob("ticket-*.pdf"))) == 4
    assert checked(tmp_path) == (0, "HOLDS")
    record = tmp_path / "record.json"
    kept = record.read_text(encoding="utf-8")
    told = json.loads(kept)
    told["tickets"][0]["signed"] = told["tickets"][0]["signed"].replace('"kg":', '"kg":1')
    told["events"][1]["data"] = told["events"][1]["data"].replace("{", '{"a":1,', 1)
    record.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    assert checked(tmp_path) == (1, "BROKEN")
    record.write_text(kept, encoding="utf-8")
    (tmp_path / "manifest.pdf").write_bytes(b"%PDF")
    assert checked(tmp_path) == (1, "BROKEN")


def checked(folder: Path) -> tuple[int, str]:
    """Run a bundle's own script with nothing of the product on its path."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.split()[0]


PLACES = ("manifest.pdf", "receipt.pdf", "labels.pdf?litres=20&kg=1", "bundle.zip")


def test_the_pages_lead_to_the_papers(site: Site, closed: UUID) -> None:
    """A person would not know that there is anything to print."""
    row = next(one for one in site.market.rows(select(Weighing)) if one.manifest_id == closed)
    assert "/manifest.pdf" in site.visitor("producer").get(f"/manifests/{closed}")
    assert "/ticket.pdf" in site.visitor("producer").get(f"/weighings/{row.id}")
    assert "/receipt.pdf" in site.visitor("processor").get(f"/incoming/{closed}")


def test_other_waste_has_no_label_of_hazardous_waste(site: Site) -> None:
    """A bale of paper would go out as hazardous waste."""
    row = site.market.manifest(site.market.agree("neighbour"))
    with site.market.engine.begin() as connection:
        connection.execute(update(Manifest).where(Manifest.id == row.id).values(hazardous=False))
    place = f"/api/v1/manifests/{row.id}"
    refused = site.visitor("neighbour").client.get(f"{place}/labels.pdf?litres=200&kg=180")
    assert (refused.status_code, refused.json()["field"]) == (422, "code")
    assert "固体废物转移联单" in read(fetched(site, "neighbour", f"{place}/manifest.pdf"))


@pytest.mark.parametrize("who", ["producer", "processor", "carrier", "inspector", "driver", "neighbour"])
def test_every_paper_for_every_role(site: Site, closed: UUID, who: str) -> None:
    """A party to the load could not print it, or a stranger could."""
    crew = site.market.get(Manifest, closed).driver_id
    driver = next(one for one in site.market.drivers if one.person_id == crew)
    visitor = site.visitor(driver if who == "driver" else who).client
    row = next(one for one in site.market.rows(select(Weighing)) if one.manifest_id == closed)
    places = [*(f"manifests/{closed}/{place}" for place in PLACES), f"weighings/{row.id}/ticket.pdf"]
    found = {visitor.get(f"/api/v1/{place}").status_code for place in places}
    assert found == ({404} if who == "neighbour" else {200})


def test_a_road_check_has_a_certificate_of_what_was_answered(site: Site, closed: UUID) -> None:
    """A driver who was stopped would have nothing to show at the next stop, or a stranger could print it."""
    inspector = site.visitor("inspector", "zh")
    for text, words in ((site.market.get(Manifest, closed).number, "失效"), ("鄂A99999", "未查到")):
        place = inspector.sent_to("/road-check", text=str(text), place="江夏")
        certificate = f"/api/v1{place.replace('/road-check', '/road-checks')}/certificate.pdf"
        assert certificate in inspector.get(place)
        pdf = bytes(inspector.client.get(certificate).content)
        assert place in scanned(pdf)[0]
        assert words in read(pdf), read(pdf)
        assert site.visitor("carrier").client.get(certificate).status_code == 403
