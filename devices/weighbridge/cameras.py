"""Which pictures of the deck are there at the moment of a weight, and which are not, and why?

Each camera is asked in a thread of its own, and nobody waits for one longer than the set time: a dead camera
costs its picture, never the ticket.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from threading import Event
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPBasicAuthHandler,
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from devices.codecs.ticket_json import MOST_PHOTO_BYTES, NoPhoto
from devices.weighbridge.pictures import Picture, PictureRefused, PictureStore, media_type

WAIT_S = 2.0
NEW_FOR_S = 10.0
_LOOK_S = 0.1
_CHUNK = 64 * 1024
_DENIED = range(400, 500)
ENDINGS = frozenset({".jpg", ".jpeg", ".png"})


class Camera(Protocol):
    """Something that has a picture of the deck, from one side."""

    @property
    def view(self) -> str:
        """From where it looks: front, rear, top, operator."""

    def take(self, wait_s: float) -> bytes:
        """Return the picture of now, within some seconds; raise `PictureRefused`."""


@dataclass(frozen=True, slots=True)
class HttpCamera:
    """A camera that gives a snapshot at an address, with basic or digest sign-in where it asks for one."""

    view: str
    url: str
    user: str = ""
    password: str = field(default="", repr=False)

    def take(self, wait_s: float) -> bytes:
        """Fetch the snapshot."""
        ends = time.monotonic() + wait_s
        data = bytearray()
        try:
            with self._opener().open(Request(self.url), timeout=wait_s) as answer:  # noqa: S310 -- checked
                while part := answer.read1(_CHUNK):
                    data += part
                    if len(data) > MOST_PHOTO_BYTES:
                        raise PictureRefused(NoPhoto.TOO_LARGE)
                    if time.monotonic() > ends:
                        raise PictureRefused(NoPhoto.TIMEOUT)
        except HTTPError as refused:
            refused.close()
            code = NoPhoto.DENIED if refused.code in _DENIED else NoPhoto.UNREACHABLE
            raise PictureRefused(code) from None
        except TimeoutError:
            raise PictureRefused(NoPhoto.TIMEOUT) from None
        except (URLError, HTTPException, OSError, ValueError) as problem:
            late = isinstance(problem, URLError) and isinstance(problem.reason, TimeoutError)
            raise PictureRefused(NoPhoto.TIMEOUT if late else NoPhoto.UNREACHABLE) from None
        return bytes(data)

    def _opener(self) -> OpenerDirector:
        if not self.user:
            return build_opener(ProxyHandler({}))
        known = HTTPPasswordMgrWithDefaultRealm()
        known.add_password(None, self.url, self.user, self.password)
        return build_opener(ProxyHandler({}), _Digest(known), _Basic(known))


class _LettingGo:
    """Closes an answer after which another was asked for, which the library leaves open."""

    def http_error_401(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any) -> Any:
        """Ask again, signed in; None where the first answer is the last."""
        try:
            answer = super().http_error_401(req, fp, code, msg, headers)  # type: ignore[misc]
        except BaseException:
            fp.close()
            raise
        if answer is not None:
            fp.close()
        return answer


class _Basic(_LettingGo, HTTPBasicAuthHandler):
    """Sign in with the password."""


class _Digest(_LettingGo, HTTPDigestAuthHandler):
    """Sign in without saying the password."""


@dataclass(frozen=True, slots=True)
class FolderCamera:
    """A camera that puts its pictures into a folder by FTP: the newest whole one counts, if it is new.

    New is what was written at most `new_for_s` before it is asked for, or while it is waited for.
    """

    view: str
    folder: Path
    now: Callable[[], datetime]
    new_for_s: float = NEW_FOR_S
    stop: Event = field(default_factory=Event)

    def take(self, wait_s: float) -> bytes:
        """Return the newest picture, waiting for one that is being written."""
        ends, since = time.monotonic() + wait_s, self.now().timestamp() - self.new_for_s
        while True:
            try:
                found = self._newest(since)
            except FileNotFoundError:
                found = None  # taken away between the look and the touch
            except OSError:
                raise PictureRefused(NoPhoto.UNREACHABLE) from None
            if found is not None:
                return found
            if time.monotonic() >= ends or self.stop.wait(_LOOK_S):
                raise PictureRefused(NoPhoto.NOTHING_NEW)

    def _newest(self, since: float) -> bytes | None:
        if not self.folder.is_dir():
            raise NotADirectoryError(self.folder)
        fresh = [
            (told.st_mtime, path)
            for path in self.folder.iterdir()
            if path.suffix.lower() in ENDINGS and (told := path.stat()).st_mtime >= since
        ]
        for _, path in sorted(fresh, reverse=True):
            with path.open("rb") as file:
                data = file.read(MOST_PHOTO_BYTES + 1)
            if len(data) > MOST_PHOTO_BYTES:
                raise PictureRefused(NoPhoto.TOO_LARGE)
            if media_type(data) is not None:
                return data
        return None


@dataclass(frozen=True, slots=True)
class Shots:
    """What every camera was asked for at one moment."""

    futures: Mapping[str, Future[Picture]]
    until: float

    def ready(self, at: float) -> bool:
        """Tell whether there is nothing more to wait for at a monotonic second."""
        return at >= self.until or all(one.done() for one in self.futures.values())

    def taken(self) -> tuple[dict[str, Picture], dict[str, NoPhoto]]:
        """Return the pictures that are there now, by view, and why the others are not."""
        photos: dict[str, Picture] = {}
        lacks: dict[str, NoPhoto] = {}
        for view, one in self.futures.items():
            refused = one.exception() if one.done() and not one.cancelled() else None
            if not one.done() or one.cancelled():
                lacks[view] = NoPhoto.TIMEOUT
            elif isinstance(refused, PictureRefused):
                lacks[view] = refused.code
            elif refused is not None:
                lacks[view] = NoPhoto.UNREACHABLE
            else:
                photos[view] = one.result()
        return photos, lacks


NO_SHOTS = Shots({}, float("-inf"))


class Cameras:
    """All cameras of one scale; a picture is on the disk before a ticket may name it."""

    def __init__(self, cameras: Collection[Camera], store: PictureStore, wait_s: float = WAIT_S) -> None:
        self._cameras = tuple(cameras)
        self._store = store
        self._wait_s = wait_s
        self._hands = {one.view: ThreadPoolExecutor(1, f"camera {one.view}") for one in self._cameras}
        self._busy: dict[str, Future[Picture]] = {}

    def shoot(self, at: float) -> Shots:
        """Ask every camera for its picture of now; returns at once. `at` is the agent's monotonic second.

        One that has not answered the last question yet is not asked: its picture would be of another moment.
        """
        futures: dict[str, Future[Picture]] = {}
        for camera in self._cameras:
            before = self._busy.get(camera.view)
            if before is not None and not before.done():
                late: Future[Picture] = Future()
                late.set_exception(PictureRefused(NoPhoto.TIMEOUT))
                futures[camera.view] = late
                continue
            asked = self._hands[camera.view].submit(self._take, camera)
            futures[camera.view] = self._busy[camera.view] = asked
        return Shots(futures, at + self._wait_s)

    def _take(self, camera: Camera) -> Picture:
        return self._store.keep(camera.take(self._wait_s))

    def stop(self) -> None:
        """Ask nobody any more; who is being asked is not waited for longer than it may take."""
        for hand in self._hands.values():
            hand.shutdown(wait=True, cancel_futures=True)
