"""How does a raw indicator line become signed weighings in the outbox?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Thread
from typing import Protocol

import serial

from devices.codecs import FrameRefused
from devices.codecs.yaohua import Framer, Settings, decode
from devices.outbox import OutboxRefused
from devices.readings import Stability, WeighingReading
from devices.transports import Publisher
from devices.weighbridge.deck import DeckEvent, DeckRule, DeckWatch, Still
from devices.weighbridge.tickets import Draft, TicketBook

KILOGRAMS = {"kg": 1, "t": 1000}
PLATE_LENGTH = 32


class PlateReader(Protocol):
    """Who says which vehicle is on the deck: a camera, a card reader, an operator."""

    def plate(self) -> str | None:
        """Tell the plate on the deck, or None when nobody knows."""


@dataclass(frozen=True, slots=True)
class ScaleLine:
    """Where the indicator is and what was learned at commissioning.

    `url` is anything pyserial opens: `/dev/ttyS0`, `COM3`, `socket://192.0.2.7:4001`.
    """

    url: str
    baudrate: int = 9600
    settings: Settings = field(default_factory=lambda: Settings(unit="kg"))
    rule: DeckRule = field(default_factory=DeckRule)
    reopen_min_s: float = 1.0
    reopen_max_s: float = 30.0


class ScaleAgent:
    """Read one indicator in a thread of its own and write a ticket for every stay on the deck.

    A stay with a still weight and a plate is a weighing; every other stay above the threshold is recorded
    too, as a shadow weighing. `on_ticket` is told of each ticket after it is stored.
    """

    def __init__(
        self,
        line: ScaleLine,
        book: TicketBook,
        plates: PlateReader,
        publisher: Publisher,
        now: Callable[[], datetime],
        *,
        on_ticket: Callable[[WeighingReading], None] | None = None,
        counters: Counter[str] | None = None,
    ) -> None:
        if line.settings.unit not in KILOGRAMS:
            raise ValueError(f"a scale reads in kg or t, not {line.settings.unit}")
        self._line = line
        self._kg_per_unit = KILOGRAMS[line.settings.unit]
        self._book = book
        self._plates = plates
        self._publisher = publisher
        self._now = now
        self._on_ticket = on_ticket
        self._watch = DeckWatch(line.rule)
        self._written = False
        self._stop = Event()
        self._thread: Thread | None = None
        self.counters: Counter[str] = Counter() if counters is None else counters

    def start(self) -> None:
        """Begin to read."""
        self._publisher.start()
        self._thread = Thread(target=self._run, name=f"scale {self._line.url}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the reading; what was stored leaves with the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._publisher.stop()

    def feed(self, frame: bytes, at: float) -> None:
        """Take one accepted frame, read at monotonic second `at`."""
        shown = decode(frame, self._line.settings)
        weight_kg = round(shown.value * self._kg_per_unit)
        ended = self._watch.feed(weight_kg, frame, at)
        if ended is not None:
            self._leave(ended)
        if self._watch.still is not None and not self._written:
            plate = self._plates.plate()
            if plate:
                self._written = self._issue(self._draft(self._watch.still, plate[:PLATE_LENGTH]))

    def _leave(self, event: DeckEvent) -> None:
        if not self._written:
            self._issue(self._shadow(event))
        self._written = False

    def _draft(self, still: Still, plate: str) -> Draft:
        how = {"frames": len(still.frames), "ms": still.milliseconds, "zero": 1}
        e = self._line.rule.division_kg
        return Draft(self._now(), plate, still.weight_kg, e, Stability.DERIVED, still.frames, how)

    def _shadow(self, event: DeckEvent) -> Draft:
        if event.still is not None:
            return self._draft(event.still, "")
        e = self._line.rule.division_kg
        how = {"peak": 1, "zero": int(event.zero_seen)}
        return Draft(self._now(), "", event.peak_kg, e, Stability.UNSTABLE, (event.peak_frame,), how)

    def _issue(self, draft: Draft) -> bool:
        """Store a ticket; say whether it is stored. With a full outbox every frame tries again."""
        try:
            ticket = self._book.issue(draft)
        except OutboxRefused as refused:
            self.counters[f"refused_{refused.code}"] += 1
            return False
        self.counters["shadow" if ticket.shadow else "tickets"] += 1
        self._publisher.wake()
        if self._on_ticket is not None:
            self._on_ticket(ticket)
        return True

    def _run(self) -> None:
        delay = self._line.reopen_min_s
        while not self._stop.is_set():
            try:
                with serial.serial_for_url(
                    self._line.url, baudrate=self._line.baudrate, timeout=0.25
                ) as port:
                    delay = self._line.reopen_min_s
                    self._read(port)
            except (serial.SerialException, OSError):
                self.counters["line_lost"] += 1
                self._stop.wait(delay)
                delay = min(self._line.reopen_max_s, delay * 2)

    def _read(self, port: serial.SerialBase) -> None:
        framer = Framer()
        while not self._stop.is_set():
            for found in framer.feed(port.read(12)):
                if isinstance(found, FrameRefused):
                    self.counters[f"refused_{found.code}"] += 1
                    continue
                self.counters["frames"] += 1
                self.feed(found, time.monotonic())
