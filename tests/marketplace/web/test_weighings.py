"""Does a ticket's page show what a regulator asks for, and does a scale hand in nothing but its pictures?"""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pypdfium2
import pytest
from sqlalchemy import select

from compliance.manifests.rules import Act as ManifestAct
from compliance.receipts.tables import Receipt
from compliance.record.database import open_database, transaction
from devices.codecs.ticket_json import (
    PHOTO_PATH,
    Earlier,
    Mode,
    NoPhoto,
    Particulars,
    Plates,
    Source,
    Void,
    as_extra,
)
from devices.codecs.wire import to_millis
from marketplace.settings import Settings
from tests.factories.rooms import application
from tests.factories.site import Site, open_site
from tests.factories.trade import TARE_KG
from tests.factories.traders import scale_of
from tests.marketplace.papers.test_papers import checked, read
from tracking.fleet import credentials
from tracking.trips.rules import Act as TripAct
from tracking.weighings.tables import Weighing

PICTURE = b"\xff\xd8\xff\xe0" + b"a truck".ljust(400, b".") + b"\xff\xd9"
SHA256 = hashlib.sha256(PICTURE).hexdigest()
REAR = "ab" * 32
SEEN = Particulars(
    photos={"front": SHA256, "rear": REAR},
    lacks={"top": NoPhoto.TIMEOUT},
    plates=Plates(seen="鄂A99999", typed="鄂A70001"),
    operator="张三",
    mode=Mode.ATTENDED,
    cargo="废矿物油",
)


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One market for all, its files in a folder of their own: what differs is tested below the pages."""
    folder = tmp_path_factory.mktemp("weighings")
    shutil.copy(sqlite_template, folder / "huanlian.db")
    engine = open_database(f"sqlite:///{folder / 'huanlian.db'}")
    made = open_site(engine)
    settings = Settings(demo=False, var=folder)
    made.app = application(settings, engine, made.market.now, wall=lambda: made.wall_at)
    for who in ("producer", "processor", "inspector", "neighbour"):
        made.visitor(who)
    yield made
    engine.dispose()


@pytest.fixture(scope="module")
def deal(site: Site) -> UUID:
    """A load on the producer's scale whose second ticket names pictures."""
    market = site.market
    found = market.agree()
    plate = market.manifest(found).plate
    market.sign(found, ManifestAct.ISSUE, "producer")
    market.step(found, TripAct.ARRIVE)
    market.weigh("producer", plate, TARE_KG)
    market.put_on_scale("producer", plate, TARE_KG + 20_000, as_extra(SEEN))
    return found


def newest(site: Site) -> Weighing:
    """Return the newest ticket."""
    return site.market.rows(select(Weighing).order_by(Weighing.at.desc()))[0]


def password(site: Site, device: str) -> dict[str, str]:
    """Return the headers of a device."""
    with transaction(site.market.engine) as session:
        return {"Authorization": f"Bearer {credentials.issue(session, device, site.wall_at)}"}


def test_a_picture_comes_in_once_its_ticket_is_here_and_is_shown_as_signed(site: Site, deal: UUID) -> None:
    """An inspector would see no truck, or one whose picture somebody put there afterwards."""
    scale, other = password(site, scale_of("producer")), password(site, scale_of("processor"))
    client = site.visitor("inspector").client
    path, row = PHOTO_PATH, newest(site)
    page = site.visitor("inspector").get(f"/weighings/{row.id}")
    assert page.count("not arrived yet") >= 2
    strange = b"\x89PNG\r\n\x1a\n" + b"\0" * 4 + b"IHDR" + b"." * 80 + b"IEND\xaeB`\x82"
    assert client.post(path, content=PICTURE, headers=other).json()["code"] == "photo_unnamed"
    assert client.post(path, content=strange, headers=scale).json()["code"] == "photo_unnamed"
    assert client.post(path, content=PICTURE).status_code == 401
    assert client.post(path, content=PICTURE[:-2], headers=scale).status_code == 422
    assert client.post(path, content=b"\xff\xd8\xff" + b"x" * 3_000_000, headers=scale).status_code == 413
    for _ in range(2):
        taken = client.post(path, content=PICTURE, headers=scale | {"Content-Type": "image/jpeg"})
        assert (taken.status_code, taken.json()["sha256"]) == (200, SHA256), taken.text
    shown = client.get(f"/api/v1/weighings/{row.id}/photos/front")
    assert (shown.content, shown.headers["content-type"]) == (PICTURE, "image/jpeg")
    assert client.get(f"/api/v1/weighings/{row.id}/photos/rear").status_code == 404
    page = site.visitor("producer").get(f"/weighings/{row.id}")
    for words in (
        "hash matches the signed ticket",
        "not arrived yet",
        "the camera did not answer in time",
        "recognised: 鄂A99999",
        "typed: 鄂A70001",
        "The plates differ",
        "attended 张三",
        "废矿物油",
    ):
        assert words in page
    assert site.visitor("neighbour").client.get(f"/api/v1/weighings/{row.id}/photos/front").status_code == 404
    told = client.get(f"/api/v1/weighings/{row.id}").json()
    assert [(one["view"], bool(one["received_at"]), one["lacks"]) for one in told["photos"]] == [
        ("front", True, None),
        ("rear", False, None),
        ("top", False, "timeout"),
    ]


def test_the_pictures_are_in_the_bundle_and_a_stranger_checks_them(
    site: Site, deal: UUID, tmp_path: Path
) -> None:
    """A court would have the hash of a picture and no picture."""
    client = site.visitor("inspector").client
    client.post(PHOTO_PATH, content=PICTURE, headers=password(site, scale_of("producer")))
    manifest = site.market.manifest(deal).id
    content = client.get(f"/api/v1/manifests/{manifest}/bundle.zip").content
    folder = tmp_path / "bundle"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    picture = folder / "files" / f"{SHA256}.jpg"
    assert picture.read_bytes() == PICTURE
    assert checked(folder)[0] == 0
    picture.unlink()
    assert checked(folder) == (1, "BROKEN")


def test_the_first_print_is_the_original_and_the_next_ones_are_copies(site: Site, deal: UUID) -> None:
    """Two papers would both call themselves the original, and stand for two loads."""
    row, visitor = newest(site), site.visitor("producer", "zh")
    assert "打印原件" in visitor.get(f"/weighings/{row.id}")
    first = visitor.sent_to(f"/weighings/{row.id}/prints")
    assert "原件" in read(visitor.client.get(first).content)
    assert "补打（第 2 份）" in visitor.get(f"/weighings/{row.id}")
    path = f"/api/v1/weighings/{row.id}/prints"
    headers = site.token("inspector", str(uuid4()))
    client = site.visitor("neighbour").client
    made = [client.post(path, headers=headers).json() for _ in range(2)]
    assert made[0] == made[1]
    assert (made[0]["copy"], made[0]["place"]) == (2, "server")
    words = read(visitor.client.get(f"{path}/{made[0]['id']}/ticket.pdf?lang=zh").content)
    assert "补打，第 2 份" in words
    assert "仅供查阅" in read(visitor.client.get(f"/api/v1/weighings/{row.id}/ticket.pdf?lang=zh").content)
    assert [one["copy"] for one in visitor.client.get(path).json()] == [1, 2]
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/{made[0]['id']}/ticket.pdf").status_code == 404
    assert client.post(f"{path}", headers=site.token("neighbour", "x")).status_code == 404


def test_a_void_and_its_reason_are_shown_on_both_tickets_and_on_paper(site: Site, deal: UUID) -> None:
    """A struck weight would still look like one on its page or on a paper printed before."""
    market, wrong = site.market, newest(site)
    said = Void(wrong.ticket_number, wrong.ticket_hash, "错车", "李四")
    market.put_on_scale("producer", "", 0, as_extra(Particulars(void=said)))
    void, visitor = newest(site), site.visitor("producer", "zh")
    assert market.manifest(deal).loaded_kg is None
    page = visitor.get(f"/weighings/{wrong.id}")
    assert f"已由 {void.ticket_number} 号磅单作废（李四）：错车" in page
    assert f"将 {wrong.ticket_number} 号磅单作废（李四）：错车" in visitor.get(f"/weighings/{void.id}")
    words = read(visitor.client.get(f"/api/v1/weighings/{wrong.id}/ticket.pdf?lang=zh").content)
    assert f"已由 {void.ticket_number} 号磅单作废：错车" in words
    assert "磅单作废记录" in read(
        visitor.client.get(f"/api/v1/weighings/{void.id}/ticket.pdf?lang=zh").content
    )
    told = visitor.client.get(f"/api/v1/weighings/{wrong.id}").json()
    assert (told["void"]["ticket_number"], told["void"]["reason"]) == (void.ticket_number, "错车")
    assert told["unbound"] == "voided"
    assert "作废" in visitor.get("/weighings")


def test_a_stored_tare_is_marked_with_its_age(site: Site, deal: UUID) -> None:
    """A net that rests on last week's empty weight would look like one of today."""
    market, plate = site.market, site.market.manifest(deal).plate
    empty = market.rows(select(Weighing).order_by(Weighing.at))[0]
    market.forward(days=3)
    of = Earlier(empty.ticket_number, empty.ticket_hash, to_millis(empty.at))
    market.put_on_scale("producer", plate, TARE_KG, as_extra(Particulars(source=Source.STORED, of=of)))
    row, visitor = newest(site), site.visitor("producer", "zh")
    assert f"由 {empty.ticket_number} 号磅单称得，距本单 3 天" in visitor.get(f"/weighings/{row.id}")
    pdf = visitor.client.get(f"/api/v1/weighings/{row.id}/ticket.pdf?lang=zh").content
    assert "预置皮重（调用存储）" in read(pdf)
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
    assert visitor.client.get(f"/api/v1/weighings/{row.id}").json()["source"] == "stored"


def test_a_draft_receipt_goes_back_with_the_weight_that_it_rested_on(site: Site) -> None:
    """A receiver would sign for a mass of which one weighing is void."""
    market = site.market
    found = market.agree()
    market.deliver(found, 20_000, 19_980)
    manifest = market.manifest(found)

    def receipts() -> list[int]:
        rows = market.rows(select(Receipt).where(Receipt.manifest_id == manifest.id))
        return [row.receiver_kg for row in rows]

    assert receipts() == [19_980]
    wrong = newest(site)
    said = Void(wrong.ticket_number, wrong.ticket_hash, "车上有人", "李四")
    market.put_on_scale("processor", "", 0, as_extra(Particulars(void=said)))
    market.idle()
    assert receipts() == []
    market.weigh("processor", manifest.plate, TARE_KG - 100)
    market.idle()
    assert receipts() == [20_080]
    assert "衡器将一张磅单作废" in site.visitor("processor", "zh").get(f"/manifests/{manifest.id}")
