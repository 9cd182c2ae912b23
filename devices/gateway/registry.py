"""Which terminal is behind a phone number, and may it speak?"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import msgspec

from devices.codecs.terminals import Terminal


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
