"""Do the pictures of a weight reach its ticket and the server, and never hold up a weighing?"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import md5
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from urllib.request import parse_http_list, parse_keqv_list

import pytest

from devices.agent.clock import now
from devices.agent.config_file import ConfigRefused, ScaleAgentFile, read_file
from devices.agent.https import ServerPlace, write_server
from devices.agent.photos import HttpsPost, Outcome, PhotoPost, cameras_of, server_of
from devices.codecs.ticket_json import PHOTO_PATH, NoPhoto, particulars
from devices.codecs.weighing_json import public_key_of, verify_weighing
from devices.weighbridge.agent import MOST_SHOTS, ScaleAgent, ScaleLine
from devices.weighbridge.cameras import Cameras, FolderCamera, HttpCamera
from devices.weighbridge.pictures import PictureRefused, PictureStore
from devices.weighbridge.tickets import TicketBook
from tests.devices.agent.bench import served
from tests.devices.weighbridge.test_agent import KEY, KG, NOW, RULE, Bench
from tests.devices.weighbridge.test_tickets import opened


def picture(name: str, size: int = 400) -> bytes:
    """Return bytes with the signs of a JPEG at both ends."""
    return b"\xff\xd8\xff\xe0" + name.encode().ljust(size, b".") + b"\xff\xd9"


LATER = datetime(2100, 1, 1, tzinfo=UTC)


class Side:
    """A camera that gives what it is told, once it is let."""

    def __init__(self, view: str, data: bytes | PictureRefused, let: Event | None = None) -> None:
        self.view, self.data, self.let, self.asked = view, data, let, 0

    def take(self, wait_s: float) -> bytes:
        """Give it."""
        self.asked += 1
        if self.let is not None:
            self.let.wait(10)
        if isinstance(self.data, PictureRefused):
            raise self.data
        return self.data


class Watched(Bench):
    """The bench of the scale agent with cameras."""

    def __init__(self, folder: Path, *sides: Side, wait_s: float = 1.0, capacity: int = 10_000) -> None:
        super().__init__(folder)
        self.store = PictureStore(folder / "photos", capacity)
        self.cameras = Cameras(sides, self.store, wait_s)
        book = TicketBook(self.outbox, "scale-1", 3, KEY)
        line = ScaleLine("socket://127.0.0.1:9", settings=KG, rule=RULE)
        self.agent = ScaleAgent(line, book, self.camera, self.publisher, lambda: NOW, cameras=self.cameras)

    def close(self) -> None:
        """Let everything go."""
        self.cameras.stop()
        self.outbox.close()

    def answered(self) -> None:
        """Wait for the cameras that were asked."""
        for one in list(self.cameras._busy.values()):
            one.exception(10)


def test_the_pictures_of_a_weight_are_under_its_signature(tmp_path: Path) -> None:
    """A picture exchanged after the fact would show whatever truck somebody needed."""
    front, top = picture("front"), picture("top")
    bench = Watched(tmp_path, Side("front", front), Side("top", top))
    bench.show(0, *[45_020] * 6)
    bench.answered()
    bench.show(45_020, 0)
    (ticket,) = bench.tickets
    named = particulars(ticket.extra).photos
    assert named == {"front": hashlib.sha256(front).hexdigest(), "top": hashlib.sha256(top).hexdigest()}
    assert bench.store.read(named["top"]) == top
    assert verify_weighing("scale-1", 3, ticket, public_key_of(KEY))
    changed = dict(ticket.extra) | {"photos": {"front": named["top"], "top": named["front"]}}
    forged = replace(ticket, extra=changed)
    assert not verify_weighing("scale-1", 3, forged, public_key_of(KEY))
    bench.close()


def test_a_dead_camera_costs_its_picture_and_no_ticket(tmp_path: Path) -> None:
    """A lorry would stand on the deck for as long as a cable is cut."""
    never = Event()
    bench = Watched(tmp_path, Side("front", picture("f")), Side("rear", b"", never))
    bench.show(0, *[45_020] * 6)
    bench.cameras._busy["front"].result(10)
    assert bench.tickets == []
    bench.show(*[45_020] * 6)
    (ticket,) = bench.tickets
    bench.show(0, 0, *[30_000] * 12, 0)
    assert set(particulars(ticket.extra).photos) == {"front"}
    assert particulars(ticket.extra).lacks == {"rear": NoPhoto.TIMEOUT}
    assert [particulars(one.extra).lacks["rear"] for one in bench.tickets] == [NoPhoto.TIMEOUT] * 2
    never.set()
    bench.close()


def test_a_truck_that_leaves_early_takes_its_ticket_with_what_there_is(tmp_path: Path) -> None:
    """A stay whose pictures are waited for would become a weighing without a ticket."""
    never = Event()
    bench = Watched(tmp_path, Side("top", b"", never), wait_s=60)
    bench.show(0, *[45_020] * 6, 0)
    assert [(one.shadow, particulars(one.extra).lacks) for one in bench.tickets] == [
        (False, {"top": NoPhoto.TIMEOUT})
    ]
    never.set()
    bench.close()


def test_a_vehicle_that_moves_again_is_photographed_anew_and_a_shadow_is_too(tmp_path: Path) -> None:
    """The picture would show the truck half on the deck, and the one without a plate not at all."""
    side = Side("front", picture("front"))
    bench = Watched(tmp_path, side)
    bench.camera.sees = None
    bench.show(0, *[20_000] * 6)
    bench.answered()
    bench.show(30_000, *[45_020] * 6)
    bench.answered()
    bench.show(45_020, 0)
    assert side.asked == 2
    (ticket,) = bench.tickets
    assert ticket.shadow
    assert set(particulars(ticket.extra).photos) == {"front"}
    bench.close()


def test_a_deck_that_trembles_does_not_fill_the_store(tmp_path: Path) -> None:
    """A lorry left on the deck in the wind would use up the room for every picture of the day."""
    side = Side("front", picture("front"))
    bench = Watched(tmp_path, side)
    bench.camera.sees = None
    bench.show(0)
    for _ in range(MOST_SHOTS + 5):
        bench.show(*[20_000] * 6)
        bench.answered()
        bench.show(20_100)
    bench.show(0)
    assert side.asked == MOST_SHOTS
    bench.close()


def test_what_is_no_picture_or_has_no_room_is_said_in_the_ticket(tmp_path: Path) -> None:
    """A camera's error page would be taken for evidence, or the disk filled with it."""
    bench = Watched(
        tmp_path,
        Side("front", b"<html>" + b"." * 400),
        Side("rear", picture("rear", 600)),
        Side("top", picture("t", 4_000_000)),
        capacity=500,
    )
    bench.show(0, *[45_020] * 6)
    bench.answered()
    bench.show(45_020, 0)
    assert particulars(bench.tickets[0].extra).lacks == {
        "front": NoPhoto.NO_PICTURE,
        "rear": NoPhoto.STORE_FULL,
        "top": NoPhoto.TOO_LARGE,
    }
    bench.close()


BASIC = 'Basic realm="cam"'
DIGEST = 'Digest realm="cam", nonce="abc", qop="auth", algorithm=MD5'


def signed_in(asks: str, told: str) -> bool:
    """Tell whether a header is that of `user` with the password `pass`."""
    if asks == BASIC:
        return told == "Basic dXNlcjpwYXNz"
    said = parse_keqv_list(parse_http_list(told.removeprefix("Digest ")))
    if said.get("username") != "user":
        return False
    one, two = (md5(text.encode()).hexdigest() for text in ("user:cam:pass", f"GET:{said['uri']}"))
    whole = ":".join((one, "abc", said["nc"], said["cnonce"], "auth", two))
    return said["response"] == md5(whole.encode()).hexdigest()


@contextmanager
def serving(asks: str = "") -> Iterator[str]:
    """Serve a snapshot, behind a sign-in where one is asked for, and take photos as the server does."""

    class Snapshot(BaseHTTPRequestHandler):
        def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            if asks and not signed_in(asks, self.headers["Authorization"] or ""):
                self.answer(401, WWW_Authenticate=asks)
            else:
                self.answer(200, picture("cam"))

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            told = self.path, self.headers["Authorization"], self.headers["Content-Type"]
            if told != (PHOTO_PATH, "Bearer secret", "image/jpeg"):
                self.answer(401)
            elif data == picture("early"):
                self.answer(409, b'{"code": "photo_unnamed"}')
            elif data == picture("bad"):
                self.answer(422, b'{"code": "input"}')
            else:
                self.answer(200, f'{{"sha256": "{hashlib.sha256(data).hexdigest()}"}}'.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with served(Snapshot) as address:
        yield f"{address}/snapshot.jpg"


def refusal(camera: HttpCamera | FolderCamera, wait_s: float = 1.0) -> NoPhoto:
    """Return why a camera gives nothing."""
    with pytest.raises(PictureRefused) as refused:
        camera.take(wait_s)
    return refused.value.code


@pytest.mark.parametrize("asks", [BASIC, DIGEST])
def test_a_camera_is_asked_over_http_with_its_password(asks: str) -> None:
    """Most cameras at a gate ask for one."""
    with serving(asks) as url:
        assert HttpCamera("front", url, "user", "pass").take(5) == picture("cam")
        assert refusal(HttpCamera("front", url, "user", "wrong"), 5) is NoPhoto.DENIED
        assert refusal(HttpCamera("front", url), 5) is NoPhoto.DENIED
    assert refusal(HttpCamera("front", url)) is NoPhoto.UNREACHABLE


def test_a_picture_is_handed_in_with_the_password_and_its_answer_understood() -> None:
    """A picture would be deleted that the server has not, or be sent for ever."""
    with serving() as url:
        place = ServerPlace(url.removesuffix("/snapshot.jpg"))
        told = {
            name: HttpsPost(place, "secret")(hashlib.sha256(picture(name)).hexdigest(), picture(name))
            for name in ("good", "early", "bad")
        }
        other = HttpsPost(place, "secret")("0" * 64, picture("good"))
        stranger = HttpsPost(place, "guess")("0" * 64, picture("good"))
    gone = HttpsPost(place, "secret")("0" * 64, picture("good"))
    assert told == {"good": Outcome.STORED, "early": Outcome.NOT_YET, "bad": Outcome.REFUSED}
    assert (other, stranger, gone) == (Outcome.AWAY,) * 3


def test_a_folder_gives_its_newest_whole_picture(tmp_path: Path) -> None:
    """The picture of the truck before, or one half uploaded, would prove the wrong thing."""
    camera = FolderCamera("top", tmp_path, now)
    old = tmp_path / "old.jpg"
    old.write_bytes(picture("old"))
    os.utime(old, (time.time() - 60,) * 2)
    assert refusal(camera, 0) is NoPhoto.NOTHING_NEW
    (tmp_path / "new.JPG").write_bytes(picture("new"))
    (tmp_path / "torn.jpg").write_bytes(picture("torn")[:200])
    (tmp_path / "notes.txt").write_bytes(picture("text"))
    assert camera.take(0) == picture("new")
    assert refusal(FolderCamera("top", tmp_path / "gone", now), 0) is NoPhoto.UNREACHABLE


class Server:
    """A server that takes, puts off and refuses what it is told."""

    def __init__(self) -> None:
        self.answers: list[Outcome] = []
        self.had: list[str] = []

    def __call__(self, sha256: str, data: bytes) -> Outcome:
        assert hashlib.sha256(data).hexdigest() == sha256
        outcome = self.answers.pop(0) if self.answers else Outcome.STORED
        self.had += [sha256] if outcome is Outcome.STORED else []
        return outcome


def test_pictures_are_kept_until_the_server_has_them(tmp_path: Path) -> None:
    """A line that is down, a ticket that is still on its way or a restart would lose the evidence."""
    bench = Watched(tmp_path, Side("front", picture("front")), Side("top", picture("top")))
    bench.show(0, *[45_020] * 6)
    bench.answered()
    bench.show(45_020, 0)
    bench.close()
    moment, server = [NOW], Server()
    server.answers = [Outcome.AWAY]
    again = opened(tmp_path / "o.db")
    store = PictureStore(tmp_path / "photos")
    post = PhotoPost(again, store, server, lambda: moment[0])
    assert not post.step()
    server.answers = [Outcome.NOT_YET]
    assert post.step()
    assert not post.step()
    moment[0] += timedelta(seconds=6)
    again.close()
    again = opened(tmp_path / "o.db")
    (tmp_path / "photos" / ("0" * 64)).write_bytes(picture("orphan"))
    post = PhotoPost(again, store := PictureStore(tmp_path / "photos"), server, lambda: moment[0])
    post.sweep()
    assert [post.step(), post.step(), post.step()] == [True, True, False]
    assert sorted(server.had) == sorted(particulars(bench.tickets[0].extra).photos.values())
    assert store.sweep(set(), LATER) == 1
    assert store.bytes_kept == 0
    again.close()


def test_one_picture_of_two_tickets_is_kept_for_the_second(tmp_path: Path) -> None:
    """A camera that hangs gives one picture twice; the second ticket would have none."""
    bench = Watched(tmp_path, Side("front", picture("same")))
    for _ in range(2):
        bench.show(0, *[45_020] * 6)
        bench.answered()
        bench.show(45_020, 0)
    server = Server()
    post = PhotoPost(bench.outbox, bench.store, server, lambda: NOW)
    assert [post.step(), post.step(), post.step()] == [True, True, False]
    assert (len(server.had), len(set(server.had)), bench.store.bytes_kept) == (2, 1, 0)
    bench.close()


FRONT = '[[cameras]]\nview = "front"\n'


@pytest.mark.parametrize(
    ("cameras", "told"),
    [
        (FRONT, "cameras[0]"),
        (FRONT + 'url = "http://192.0.2.7/"\nfolder = "x"\n', "cameras[0]"),
        (FRONT + 'folder = "x"\n' + FRONT + 'folder = "y"\n', "cameras"),
        (FRONT + 'url = "http://192.0.2.7/"\npassword_file = "open.txt"\n', "password_file"),
        (FRONT + 'url = "http://192.0.2.7/"\npassword_file = "gone.txt"\n', "password_file"),
        (FRONT + 'url = "ftp://192.0.2.7/"\n', "cameras[0].url"),
        ('[[cameras]]\nview = "From above"\nfolder = "x"\n', "cameras[0].view"),
    ],
)
def test_a_camera_that_cannot_be_asked_is_refused_by_its_key(tmp_path: Path, cameras: str, told: str) -> None:
    """A typing error would show months later, as a ticket without its picture."""
    (tmp_path / "open.txt").write_text("pass", "utf-8")
    file = tmp_path / "agent.toml"
    file.write_text(f'folder = "own"\nscale = "line.toml"\n{cameras}', "utf-8")
    with pytest.raises(ConfigRefused) as refused:
        cameras_of(file, read_file(file, ScaleAgentFile), PictureStore(tmp_path / "photos"))
    assert told in refused.value.key


def test_pictures_go_where_the_agent_was_enrolled_or_its_file_says(tmp_path: Path) -> None:
    """A password would travel unencrypted, or to a server that nobody named."""
    file = tmp_path / "agent.toml"

    def place(photos: str) -> ServerPlace | None:
        file.write_text(f'folder = "own"\nscale = "line.toml"\n{photos}', "utf-8")
        return server_of(file, read_file(file, ScaleAgentFile), tmp_path)

    assert place("") is None
    write_server(tmp_path, ServerPlace("https://huanlian.example"))
    assert place("") == ServerPlace("https://huanlian.example")
    assert place('[photos]\nserver = "https://other.example/"\n') == ServerPlace("https://other.example")
    with pytest.raises(ConfigRefused, match="https"):
        place('[photos]\nserver = "http://other.example"\n')
