"""Is this a whole picture, and where does the agent keep it until the server has it?"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from devices.codecs.ticket_json import MOST_PHOTO_BYTES, NoPhoto

LEAST_BYTES = 64
CAPACITY_BYTES = 2 * 1024 * 1024 * 1024
JPEG, PNG = "image/jpeg", "image/png"
ORPHAN_AFTER = timedelta(minutes=10)
"""A picture that no ticket names after so long was of a stay that got another."""


class PictureRefused(Exception):
    """There is no picture to put into the ticket; the code says why."""

    def __init__(self, code: NoPhoto) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is on the disk, by the SHA-256 of its bytes."""

    sha256: str
    size: int


def media_type(data: bytes) -> str | None:
    """Tell JPEG and PNG by the signs at both ends; None for anything else, and for what was cut off."""
    if len(data) < LEAST_BYTES:
        return None
    if data.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in data[-64:]:
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND\xaeB`\x82" in data[-64:]:
        return PNG
    return None


class PictureStore:
    """The pictures that wait for the server, in a folder, each under its own hash.

    Bounded: at `capacity_bytes` a new one is refused, for the old ones are in tickets that are signed.
    """

    def __init__(self, folder: Path, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._folder = folder
        self._capacity = capacity_bytes
        self._lock = Lock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for torn in folder.glob("*.new"):
            torn.unlink(missing_ok=True)
        self._bytes = sum(path.stat().st_size for path in folder.iterdir())

    @property
    def bytes_kept(self) -> int:
        """How much lies there."""
        return self._bytes

    def keep(self, data: bytes) -> Picture:
        """Put a whole picture on the disk; raise `PictureRefused`."""
        if len(data) > MOST_PHOTO_BYTES:
            raise PictureRefused(NoPhoto.TOO_LARGE)
        if media_type(data) is None:
            raise PictureRefused(NoPhoto.NO_PICTURE)
        kept = Picture(hashlib.sha256(data).hexdigest(), len(data))
        place = self._folder / kept.sha256
        with self._lock:
            if place.exists():
                os.utime(place)
                return kept
            if self._bytes + kept.size > self._capacity:
                raise PictureRefused(NoPhoto.STORE_FULL)
            self._bytes += kept.size
        try:
            self._write(place, data)
        except OSError:
            with self._lock:
                self._bytes -= kept.size
            raise PictureRefused(NoPhoto.DISK) from None
        return kept

    def _write(self, place: Path, data: bytes) -> None:
        fresh = place.with_suffix(".new")
        try:
            with fresh.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(place)
        except OSError:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise

    def read(self, sha256: str) -> bytes | None:
        """Return a picture whose bytes are still those of its hash, or None."""
        try:
            data = (self._folder / sha256).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def forget(self, sha256: str) -> None:
        """Delete a picture that nobody here needs any more."""
        place = self._folder / sha256
        with self._lock, suppress(OSError):
            size = place.stat().st_size
            place.unlink()
            self._bytes -= size

    def sweep(self, named: Collection[str], now: datetime) -> int:
        """Delete the pictures that no ticket has named for a while; return how many."""
        before = (now - ORPHAN_AFTER).timestamp()
        gone = [
            path.name
            for path in self._folder.iterdir()
            if path.suffix != ".new" and path.name not in named and path.stat().st_mtime < before
        ]
        for name in gone:
            self.forget(name)
        return len(gone)
