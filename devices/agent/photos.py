"""How do a scale's cameras come out of its file, and how do its pictures get to the server?

A picture is handed in with the device's own password, and kept here until the server has confirmed it. The
server takes only what a ticket names that it has: until then it is asked again.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.error import HTTPError, URLError
from urllib.request import Request

import structlog

from devices.agent.clock import now
from devices.agent.config_file import CameraPart, ConfigRefused, ScaleAgentFile, beside
from devices.agent.https import LARGEST, ServerPlace, is_private, opener, problem_of, read_server
from devices.agent.identity import is_exposed
from devices.codecs.ticket_json import PHOTO_PATH
from devices.outbox import Outbox
from devices.outbox_write import to_ms
from devices.weighbridge.cameras import Camera, Cameras, FolderCamera, HttpCamera
from devices.weighbridge.pictures import PictureStore, media_type

PHOTOS = "photos"
_MEBIBYTE = 1024 * 1024
_WAIT_S = 30.0
_UNAUTHORIZED = 401
_LOOK_S = 2.0
_SWEEP_EVERY = 300

log = structlog.get_logger(__name__)


class Outcome(StrEnum):
    """What came of handing a picture in."""

    STORED = "stored"
    NOT_YET = "not_yet"
    AWAY = "away"
    REFUSED = "refused"


FIRST_S = {Outcome.NOT_YET: 5.0, Outcome.AWAY: 5.0, Outcome.REFUSED: 3_600.0}
LONGEST_S = 3_600.0
Send = Callable[[str, bytes], Outcome]


def picture_store(config: ScaleAgentFile, folder: Path) -> PictureStore:
    """Open the folder in which an agent's pictures wait."""
    return PictureStore(folder / PHOTOS, config.photos.capacity_mb * _MEBIBYTE)


def cameras_of(path: Path, config: ScaleAgentFile, store: PictureStore) -> Cameras | None:
    """Return the cameras that a file names, None where it names none; raise `ConfigRefused`."""
    views = [one.view for one in config.cameras]
    if len(set(views)) < len(views):
        raise ConfigRefused(path, "cameras", "two cameras have one view")
    found = [_camera(path, place, one) for place, one in enumerate(config.cameras)]
    return Cameras(found, store, config.photos.wait_s) if found else None


def _camera(path: Path, place: int, told: CameraPart) -> Camera:
    key = f"cameras[{place}]"
    if bool(told.url) == bool(told.folder):
        raise ConfigRefused(path, key, "a camera has a url, or a folder that it writes into")
    if told.folder:
        return FolderCamera(told.view, beside(path, told.folder), now, told.new_for_s)
    password = ""
    if told.password_file:
        file = beside(path, told.password_file)
        try:
            if is_exposed(file):
                raise ConfigRefused(path, f"{key}.password_file", "others may read it: chmod 600")
            password = file.read_text("utf-8").strip()
        except OSError as problem:
            raise ConfigRefused(path, f"{key}.password_file", problem.strerror or str(problem)) from None
    return HttpCamera(told.view, told.url, told.user, password)


def server_of(path: Path, config: ScaleAgentFile, folder: Path) -> ServerPlace | None:
    """Return where pictures are handed in: as the file says, else where the agent was enrolled."""
    told = config.photos
    if not told.server:
        return read_server(folder)
    if not is_private(told.server):
        raise ConfigRefused(path, "photos.server", "https:// is needed, for the password travels")
    try:
        authority = beside(path, told.ca).read_text("ascii") if told.ca else ""
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigRefused(path, "photos.ca", str(problem)) from None
    return ServerPlace(told.server.rstrip("/"), authority)


@dataclass(frozen=True, slots=True)
class HttpsPost:
    """Hand a picture in at the server."""

    place: ServerPlace
    password: str

    def __call__(self, sha256: str, data: bytes) -> Outcome:
        """Post it, and tell what came of it; nothing but the server's own word with the hash confirms it."""
        headers = {
            "Authorization": f"Bearer {self.password}",
            "Content-Type": media_type(data) or "application/octet-stream",
        }
        asked = Request(f"{self.place.url}{PHOTO_PATH}", data, headers)  # noqa: S310 -- checked
        try:
            with opener(self.place.ca).open(asked, timeout=_WAIT_S) as answer:
                told = json.loads(answer.read(LARGEST))
        except HTTPError as refused:
            return _refusal(refused)
        except (URLError, HTTPException, OSError, ValueError) as problem:
            log.warning("photo_server_away", server=self.place.url, why=str(problem))
            return Outcome.AWAY
        confirmed = isinstance(told, dict) and told.get("sha256") == sha256
        return Outcome.STORED if confirmed else Outcome.AWAY


def _refusal(refused: HTTPError) -> Outcome:
    status = refused.code
    code, words = problem_of(refused)
    if code == "photo_unnamed":
        return Outcome.NOT_YET
    log.warning("photo_refused", status=status, code=code, why=words)
    is_passing = status == _UNAUTHORIZED or status >= 500 or status == 429
    return Outcome.AWAY if is_passing else Outcome.REFUSED


class PhotoPost:
    """Hand in the pictures that signed tickets name, the oldest first, until the server has each of them.

    What waits stands in the agent's store and its tries with it, so that a restart loses nothing.
    """

    def __init__(
        self,
        outbox: Outbox,
        store: PictureStore,
        send: Send,
        now: Callable[[], datetime],
        counters: Counter[str] | None = None,
    ) -> None:
        self._outbox = outbox
        self._store = store
        self._send = send
        self._now = now
        self._stop = Event()
        self._thread: Thread | None = None
        self.counters: Counter[str] = Counter() if counters is None else counters

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = Thread(target=self._run, name="photos", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; what waits goes on with the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        looks = 0
        while not self._stop.is_set():
            try:
                while self.step() and not self._stop.is_set():
                    pass
                if looks % _SWEEP_EVERY == 0:
                    self.sweep()
            except (sqlite3.OperationalError, OSError) as problem:
                self.counters["photo_disk"] += 1
                log.warning("photos_wait", why=str(problem))
            looks += 1
            self._stop.wait(_LOOK_S)

    def step(self) -> bool:
        """Hand in one picture that is due; tell whether another one may be."""
        found = self._next()
        if found is None:
            return False
        device, number, view, sha256, tries = found
        data = self._store.read(sha256)
        if data is None:
            self.counters["photo_lost"] += 1
            log.error("photo_lost", ticket=number, view=view, sha256=sha256)
            self._done(device, number, view, sha256)
            return True
        outcome = self._send(sha256, data)
        self.counters[f"photo_{outcome.value}"] += 1
        if outcome is Outcome.STORED:
            self._done(device, number, view, sha256)
            return True
        self._put_off(device, number, view, min(LONGEST_S, FIRST_S[outcome] * 2 ** min(tries, 10)))
        return outcome is not Outcome.AWAY

    def sweep(self) -> int:
        """Delete the pictures that no ticket names."""
        with self._outbox.exclusive() as db:
            named = {str(row[0]) for row in db.execute("SELECT DISTINCT sha256 FROM photo")}
        return self._store.sweep(named, self._now())

    def _next(self) -> tuple[str, int, str, str, int] | None:
        at = to_ms(self._now())
        with self._outbox.exclusive() as db:
            row = db.execute(
                "SELECT device, number, view, sha256, tries FROM photo WHERE due_ms <= ? OR due_ms > ? "
                "ORDER BY number, view LIMIT 1",
                (
                    at,
                    at + round(1000 * LONGEST_S),
                ),  # what lies further ahead, a clock put back has left there
            ).fetchone()
        return None if row is None else (str(row[0]), int(row[1]), str(row[2]), str(row[3]), int(row[4]))

    def _done(self, device: str, number: int, view: str, sha256: str) -> None:
        """Forget what the server has; the picture itself once no other ticket here names it."""
        with self._outbox.exclusive() as db:
            db.execute(
                "DELETE FROM photo WHERE device = ? AND number = ? AND view = ?", (device, number, view)
            )
            left = db.execute("SELECT 1 FROM photo WHERE sha256 = ? LIMIT 1", (sha256,)).fetchone()
        if left is None:
            self._store.forget(sha256)

    def _put_off(self, device: str, number: int, view: str, seconds: float) -> None:
        due = to_ms(self._now() + timedelta(seconds=seconds))
        with self._outbox.exclusive() as db:
            db.execute(
                "UPDATE photo SET tries = tries + 1, due_ms = ? WHERE device = ? AND number = ? AND view = ?",
                (due, device, number, view),
            )
