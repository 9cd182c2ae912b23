"""Which terminal is behind a phone number, and may it speak?"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Annotated

import msgspec

from devices.codecs.jt808 import Settings, Version
from devices.codecs.jt808.items import STANDARD
from devices.codecs.jt808.settings import zone_of
from devices.datum import Datum


class Terminal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One provisioned terminal; `zone` is what its clock shows, as `+08:00` (several models send UTC).

    With a `plate` a registration must name the same one. `edition` tells 2011 from 2013, which the frames do
    not; `swapped` exchanges latitude and longitude back.
    """

    phone: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,20}\Z")]
    device: str
    tenant: str
    inc: int
    zone: Annotated[str, msgspec.Meta(pattern=r"^[+-][0-9]{2}:[0-9]{2}\Z")] = "+08:00"
    plate: str = ""
    model: str = STANDARD
    datum: Datum = Datum.WGS84
    edition: Version | None = None
    swapped: bool = False

    @property
    def settings(self) -> Settings:
        """What the codec has to know of this terminal."""
        return _settings(self)


@lru_cache(maxsize=10_000)
def _settings(of: Terminal) -> Settings:
    return Settings(of.edition, zone_of(of.zone), of.model, of.datum, of.swapped)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    terminals: list[Terminal]


class TerminalRegistry:
    """The terminals of a JSON file `{"terminals": [{phone, device, tenant, inc, zone, ...}]}`.

    The file is read again when it has changed; a changed file that cannot be read leaves the old list in
    force and is counted in `bad_reads`. Phones are compared without leading zeros.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._stamp = _stamp(path)
        self._terminals = _read(path)
        self.bad_reads = 0

    def find(self, phone: str) -> Terminal | None:
        """Return the terminal with this phone number, or None."""
        self._refresh()
        return self._terminals.get(phone.lstrip("0"))

    def all(self) -> list[Terminal]:
        """List every terminal."""
        self._refresh()
        return list(self._terminals.values())

    def _refresh(self) -> None:
        with self._lock:
            stamp = _stamp(self._path)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            try:
                self._terminals = _read(self._path)
            except (OSError, msgspec.MsgspecError):
                self.bad_reads += 1


def write_registry(path: Path, terminals: list[Terminal]) -> None:
    """Write a registry file, replacing the old one at once."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(_File(terminals)), indent=1))
    fresh.replace(path)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> dict[str, Terminal]:
    file = msgspec.json.decode(path.read_bytes(), type=_File)
    return {terminal.phone.lstrip("0"): terminal for terminal in file.terminals}
