"""Is this the scan of a paper, and where is it kept, outside the database, under its own hash?"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from compliance.record.errors import N_, Invalid, NotFound

MOST_BYTES = 10_000_000
LEAST_BYTES = 64
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
PHOTOS = frozenset({JPEG, PNG})
_PNG_END = b"IEND\xaeB`\x82"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a file is by its content: SHA-256, media type, bytes."""

    sha256: str
    media_type: str
    size: int


class ScanStore(Protocol):
    """Keeps files under the SHA-256 of their content; what is kept is never changed."""

    def put(self, data: bytes) -> str:
        """Keep a file for good and return its SHA-256."""

    def get(self, sha256: str) -> bytes:
        """Return a file whose content still has this hash; `NotFound` for any other."""


class Folder:
    """A `ScanStore` in a folder: `ab/cdef…`, written beside and moved into place."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def put(self, data: bytes) -> str:
        """Keep a file; a power cut leaves it whole or not there."""
        sha256 = hashlib.sha256(data).hexdigest()
        place = self._place(sha256)
        if place.exists():
            return sha256
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = place.with_name(f".{uuid4().hex}")
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
        _sync(place.parent)
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return a file; one that was changed on the disk is no longer the one that was kept."""
        try:
            data = self._place(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound("scan", sha256) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise NotFound("scan", sha256)
        return data

    def _place(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise NotFound("scan", sha256)
        return self.home / sha256[:2] / sha256[2:]


ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}


def file_name(sha256: str, data: bytes) -> str:
    """Return under which name a kept file is handed out: its hash, and the ending of what it is."""
    ending = ENDINGS.get(_media_type(data) or "", "bin")
    return f"{sha256}.{ending}"


def held(store: ScanStore, named: Iterable[str]) -> dict[str, bytes]:
    """Return the kept files of these hashes by name; one that is lost is left out."""
    found = {}
    for sha256 in sorted(named):
        try:
            data = store.get(sha256)
        except NotFound:
            continue
        found[file_name(sha256, data)] = data
    return found


def _sync(folder: Path) -> None:
    """Write a folder's entries to the disk, where the system can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checked(data: bytes, *, photos_only: bool = False) -> Scan:
    """Return what a file is, told by its content and never by its name.

    Raises `Invalid` for what is empty, cut off, too large, or neither PDF, JPEG nor PNG.
    """
    if len(data) > MOST_BYTES:
        raise Invalid(
            N_("The file has {size} bytes; at most {most} are taken."),
            field="scan",
            way_out=N_("Scan at 200 dpi in grey, or split the paper."),
            values={"size": len(data), "most": MOST_BYTES},
        )
    media_type = _media_type(data)
    if media_type is None or (photos_only and media_type not in PHOTOS):
        raise Invalid(
            N_("The file is no whole JPEG or PNG picture.")
            if photos_only
            else N_("The file is no whole PDF, JPEG or PNG."),
            field="scan",
            way_out=N_("Scan the paper again and send the file as the scanner wrote it."),
        )
    return Scan(hashlib.sha256(data).hexdigest(), media_type, len(data))


def _media_type(data: bytes) -> str | None:
    """Tell the type by the signs at both ends, so that an upload that was cut off is found."""
    if len(data) < LEAST_BYTES:
        return None
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]:
        return PDF
    if data.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in data[-64:]:
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR" and _PNG_END in data[-64:]:
        return PNG
    return None
