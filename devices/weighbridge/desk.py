"""Who is at the scale's desk, which vehicle is on the deck, and what does it carry?

A plate comes from three mouths: a camera or card reader writes it into a file, somebody at the desk types it,
or the server tells it. All that are there stand in the ticket side by side. What was typed is good for one
ticket; who has signed on stays until the next one signs on or off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Annotated

import msgspec

from devices.codecs.ticket_json import Mode, Particulars, Person, Plate, Plates, as_extra
from devices.codecs.wire import JsonObject
from devices.readings import WeighingReading

DESK = "desk.json"


class Typed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the desk says: who has signed on, and of the vehicle on the deck the plate and the cargo.

    `at` is when the vehicle was typed in.
    """

    operator: Person = ""
    plate: Plate = ""
    cargo: Annotated[str, msgspec.Meta(max_length=60)] = ""
    at: datetime | None = None


def read_typed(folder: Path) -> Typed:
    """Read what the desk has said; nothing where it has said nothing, or what cannot be read."""
    try:
        return msgspec.json.decode((folder / DESK).read_bytes(), type=Typed)
    except (OSError, msgspec.MsgspecError, ValueError):
        return Typed()


def write_typed(folder: Path, typed: Typed) -> None:
    """Keep what the desk says, whole or not at all."""
    fresh = folder / f"{DESK}.new"
    fresh.write_bytes(msgspec.json.encode(typed))
    fresh.replace(folder / DESK)


@dataclass(frozen=True, slots=True)
class _OnDeck:
    """What is known of the vehicle on the deck at one moment."""

    plates: Plates
    typed: Typed


class Desk:
    """Tell plate and particulars for the next ticket.

    `file` is what a camera writes; `folder` is the agent's own, in which the desk's command writes; None:
    there is no desk. The server's word goes before the typed one, and that before the camera's.
    """

    def __init__(
        self,
        file: Path | None,
        said_for_s: float,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        folder: Path | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._file = file
        self._said_for_s = said_for_s
        self._monotonic = monotonic
        self._folder = folder
        self._now = now
        self._said: tuple[str, float] | None = None
        self._lock = Lock()

    def say(self, plate: str) -> None:
        """Take the server's word."""
        with self._lock:
            self._said = (plate, self._monotonic() + self._said_for_s)

    def used(self, ticket: WeighingReading) -> None:
        """Hear that a ticket was written: what was said and typed was said of it."""
        if ticket.shadow:
            return
        with self._lock:
            self._said = None
        if self._folder is not None:
            typed = read_typed(self._folder)
            if typed.at is not None and typed.at <= ticket.device_time:
                write_typed(self._folder, Typed(typed.operator))

    def plate(self) -> str | None:
        """Tell the plate, or None when nobody knows."""
        found = self._on_deck().plates
        return found.told or found.typed or found.seen or None

    def particulars(self) -> JsonObject:
        """Return what the desk knows of the vehicle on the deck, as keys of its ticket."""
        found = self._on_deck()
        if self._folder is None:
            return as_extra(Particulars(plates=found.plates)) if found.plates != Plates() else {}
        mode = Mode.ATTENDED if found.typed.operator else Mode.UNATTENDED
        plates = found.plates if found.plates != Plates() else None
        return as_extra(
            Particulars(plates=plates, operator=found.typed.operator, mode=mode, cargo=found.typed.cargo)
        )

    def _on_deck(self) -> _OnDeck:
        with self._lock:
            said = self._said
        told = said[0] if said is not None and self._monotonic() < said[1] else ""
        typed = read_typed(self._folder) if self._folder is not None else Typed()
        if typed.at is not None and self._is_old(typed.at):
            typed = Typed(typed.operator)
        return _OnDeck(Plates(self._seen(), typed.plate, told[:32]), typed)

    def _is_old(self, at: datetime) -> bool:
        return self._now is not None and self._now() - at > timedelta(seconds=self._said_for_s)

    def _seen(self) -> str:
        try:
            said = self._file.read_text("utf-8") if self._file else ""
        except (OSError, UnicodeDecodeError):
            return ""
        return said.replace("\0", "").strip()[:32]
