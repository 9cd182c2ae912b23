"""Which terminal is behind a phone number, and may it speak?"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import msgspec

from devices.codecs.terminals import Terminal

_NEVER = (0, 0, 0)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    terminals: list[Terminal]


class TerminalRegistry:
    """The terminals of a JSON file `{"terminals": [{phone, device, tenant, inc, …}]}`, or of the server.

    The file is read again when it has changed; a changed file that cannot be read leaves the old list in
    force and is counted in `bad_reads`. Phones are compared without leading zeros. A file with a terminal of
    another tenant than the gateway's, where that is named, is refused: the broker would take nothing of it.
    """

    def __init__(self, path: Path | None, tenant: str | None = None) -> None:
        self._path = path
        self._tenant = tenant
        self._lock = Lock()
        self._stamp = _NEVER if path is None else _stamp(path)
        self._terminals = {} if path is None else self._read(path)
        self._devices = _by_device(self._terminals)
        self._wanted: list[Terminal] | None = None
        self.bad_reads = 0

    def want(self, terminals: list[Terminal] | None) -> None:
        """Let in the server's list in place of the file's; None: the file's again."""
        with self._lock:
            self._wanted = terminals
            self._stamp = _NEVER
            if terminals is not None or self._path is None:
                self._put(_by_phone(terminals or []))
        self._refresh()

    def has(self, device: str) -> bool:
        """Tell whether a terminal bears this name."""
        self._refresh()
        return device in self._devices

    def find(self, phone: str) -> Terminal | None:
        """Return the terminal with this phone number, or None."""
        self._refresh()
        return self._terminals.get(phone.lstrip("0"))

    def all(self) -> list[Terminal]:
        """List every terminal."""
        self._refresh()
        return list(self._terminals.values())

    def _refresh(self) -> None:
        if self._path is None or self._wanted is not None:
            return
        with self._lock:
            stamp = _stamp(self._path)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            try:
                self._put(self._read(self._path))
            except (OSError, msgspec.MsgspecError):
                self.bad_reads += 1

    def _read(self, path: Path) -> dict[str, Terminal]:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
        for one in file.terminals:
            if self._tenant not in (None, one.tenant):
                raise msgspec.ValidationError(f"{one.device}: tenant: the gateway's is {self._tenant}")
        return _by_phone(file.terminals)

    def _put(self, terminals: dict[str, Terminal]) -> None:
        self._terminals, self._devices = terminals, _by_device(terminals)


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


def _by_phone(terminals: list[Terminal]) -> dict[str, Terminal]:
    return {terminal.phone.lstrip("0"): terminal for terminal in terminals}


def _by_device(terminals: dict[str, Terminal]) -> set[str]:
    return {terminal.device for terminal in terminals.values()}
