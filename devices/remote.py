"""Which configuration of the server is in force, and which one could this agent not use?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from threading import RLock
from typing import Generic, TypeVar

from devices.codecs import FrameRefused
from devices.codecs.config_json import Configuration, Wanted, decode_config, encode_config, read_settings
from devices.codecs.state_json import RefusedConfig
from devices.outbox import Outbox

_KEPT, _TRIED, _BAD = "cfg:kept", "cfg:tried", "cfg:bad"
_UNREADABLE = 1
_W = TypeVar("_W", bound=Wanted)


class RemoteSettings(Generic[_W]):
    """The settings that the server wants of an agent, by version.

    `apply` puts settings into force or raises `FrameRefused` or `ValueError`, and then nothing has changed.
    A configuration is noted before it is tried: one at which the agent ended is not tried again.
    """

    def __init__(self, outbox: Outbox, shape: type[_W], apply: Callable[[_W], None]) -> None:
        self._outbox = outbox
        self._shape = shape
        self._apply = apply
        self._lock = RLock()
        self.version = 0
        self.bad: RefusedConfig | None = None

    def start(self) -> None:
        """Put into force what an earlier run has kept."""
        with self._lock:
            self.bad = self._noted_bad()
            if tried := self._noted(_TRIED):
                self._refuse(tried.version, "crashed", "the agent ended while it was tried")
            kept = self._noted(_KEPT)
            if kept is None:
                return
            try:
                self._apply(read_settings(kept, self._shape))
            except (FrameRefused, ValueError) as problem:
                self._refuse(kept.version, _code(problem), str(problem))
            else:
                self.version = kept.version

    def hear(self, payload: bytes) -> bool:
        """Take one configuration; tell whether the state has changed. An empty one, as the broker sends
        where none is wanted any more, changes nothing."""
        if not payload:
            return False
        with self._lock:
            try:
                wanted = decode_config(payload)
            except FrameRefused as problem:
                return self._refuse(_UNREADABLE, _code(problem), problem.detail)
            if wanted.version <= self.version or (self.bad and wanted.version <= self.bad.v):
                return False
            return self._try(wanted)

    def _try(self, wanted: Configuration) -> bool:
        try:
            settings = read_settings(wanted, self._shape)
            self._note(_TRIED, encode_config(wanted).decode())
            self._apply(settings)
        except (FrameRefused, ValueError) as problem:
            return self._refuse(wanted.version, _code(problem), str(problem))
        except sqlite3.OperationalError as problem:
            return self._refuse(wanted.version, "disk", str(problem))
        self._keep(wanted)
        return True

    def _keep(self, wanted: Configuration) -> None:
        with self._outbox.transaction() as work:
            work.set_note(_KEPT, encode_config(wanted).decode())
            work.set_note(_TRIED, "")
            work.set_note(_BAD, "")
        self.version, self.bad = wanted.version, None

    def _refuse(self, version: int, code: str, detail: str) -> bool:
        bad = RefusedConfig(version, code[:40], detail[:300])
        changed = bad != self.bad
        self.bad = bad
        try:
            with self._outbox.transaction() as work:
                work.set_note(_TRIED, "")
                work.set_note(_BAD, f"{bad.v}\n{bad.code}\n{bad.detail}")
        except sqlite3.OperationalError:
            return changed  # it is told all the same, and refused again after the next start
        return changed

    def _noted(self, name: str) -> Configuration | None:
        text = self._outbox.note(name)
        try:
            return decode_config(text.encode()) if text else None
        except FrameRefused:
            return None

    def _noted_bad(self) -> RefusedConfig | None:
        text = self._outbox.note(_BAD)
        if not text:
            return None
        version, code, detail = text.split("\n", 2)
        return RefusedConfig(int(version), code, detail)

    def _note(self, name: str, text: str) -> None:
        with self._outbox.transaction() as work:
            work.set_note(name, text)


def _code(problem: Exception) -> str:
    return str(problem.code) if isinstance(problem, FrameRefused) else "bad_setting"
