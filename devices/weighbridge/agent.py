"""How does a raw indicator line become signed weighings in the outbox?"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event, Thread
from typing import Protocol

import serial

from devices.codecs import FrameRefused
from devices.codecs.config_json import ScaleSettings
from devices.codecs.scales import Framer, NotAWeight, Settings, not_a_weight, protocol
from devices.codecs.wire import JsonObject
from devices.outbox import OutboxRefused
from devices.readings import ScaleReading, Stability, WeighingReading
from devices.transports import Publisher
from devices.weighbridge.cameras import NO_SHOTS, Cameras
from devices.weighbridge.commissioning import KILOGRAMS
from devices.weighbridge.deck import DeckEvent, DeckRule, DeckWatch, Still
from devices.weighbridge.tickets import Draft, TicketBook

PLATE_LENGTH = 32
MOST_SHOTS = 10
"""How often the cameras are asked in one stay."""
_READ_BYTES = 12
_MOST_UNWRITTEN = 100


class PlateReader(Protocol):
    """Who says which vehicle is on the deck: a camera, a card reader, an operator."""

    def plate(self) -> str | None:
        """Tell the plate on the deck, or None when nobody knows."""


@dataclass(frozen=True, slots=True)
class ScaleLine:
    """Where the indicator is, which protocol it speaks and what was learned at commissioning.

    `url` is anything pyserial opens: `/dev/ttyS0`, `COM3`, `socket://192.0.2.7:4001`. `ask` is the address
    to ask an indicator at that speaks only when asked, every `ask_every_s`; None listens alone.
    """

    url: str
    baudrate: int = 9600
    protocol: str = "yaohua_xk3190_continuous"
    settings: Settings = field(default_factory=lambda: Settings(unit="kg"))
    rule: DeckRule = field(default_factory=DeckRule)
    ask: str | None = None
    ask_every_s: float = 0.2
    reopen_min_s: float = 1.0
    reopen_max_s: float = 30.0

    def refuse(self) -> None:
        """Raise `ValueError` for a line that cannot weigh, `FrameRefused` for settings that do not fit."""
        row = protocol(self.protocol)
        row.refuse_setting(self.settings)
        stated = self.settings.unit is None and "unit" in row.states
        if not stated and self.settings.unit not in KILOGRAMS:
            raise ValueError(f"unit: a scale reads in kg or t, not {self.settings.unit}")
        if self.ask is not None and row.ask is None:
            raise ValueError(f"ask: {self.protocol} is never asked")


class ScaleAgent:
    """Read one indicator in a thread of its own and write a ticket for every stay on the deck.

    A stay with a still weight and a plate is a weighing; every other stay above the threshold is recorded
    too, as a shadow weighing. `cameras` are asked whenever a weight begins to stand still, and waited for no
    longer than they are set to; `particulars` are what the desk knows of the vehicle, as keys of its ticket.
    `on_ticket` is told of each ticket after it is stored.
    """

    def __init__(
        self,
        line: ScaleLine,
        book: TicketBook,
        plates: PlateReader,
        publisher: Publisher,
        now: Callable[[], datetime],
        *,
        cameras: Cameras | None = None,
        particulars: Callable[[], JsonObject] = dict,
        on_ticket: Callable[[WeighingReading], None] | None = None,
        counters: Counter[str] | None = None,
    ) -> None:
        line.refuse()
        if not line.url:
            raise ValueError("url: no port is set")
        self._line = line
        self._protocol = protocol(line.protocol)
        asks = self._protocol.ask
        self._request = b"" if asks is None or line.ask is None else asks(line.ask)
        self._book = book
        self._plates = plates
        self._publisher = publisher
        self._now = now
        self._cameras = cameras
        self._particulars = particulars
        self._on_ticket = on_ticket
        self._watch = DeckWatch(line.rule)
        self._written = self._stands = False
        self._shots, self._asked = NO_SHOTS, 0
        self._waiting: Draft | None = None
        self._unwritten: deque[Draft] = deque(maxlen=_MOST_UNWRITTEN)
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

    def apply(self, wanted: ScaleSettings) -> None:
        """Judge the deck by the server's settings, from any thread; what they leave out is as commissioned.

        Raises `ValueError` for a threshold that an empty deck could pass.
        """
        own = self._line.rule
        rule = replace(
            own,
            threshold_kg=own.threshold_kg if wanted.threshold_kg is None else wanted.threshold_kg,
            zero_band_kg=own.zero_band_kg if wanted.zero_band_kg is None else wanted.zero_band_kg,
            frames=own.frames if wanted.still_frames is None else wanted.still_frames,
            seconds=own.seconds if wanted.still_s is None else wanted.still_s,
        )
        if rule.threshold_kg <= rule.zero_band_kg:
            raise ValueError(f"threshold_kg: {rule.threshold_kg} is within the zero band")
        self._watch.follow(rule)

    def feed(self, shown: ScaleReading, at: float) -> None:
        """Take one reading, read at monotonic second `at`; what is no gross weight is only counted."""
        reason = not_a_weight(shown)
        if shown.displayed is None or shown.unit not in KILOGRAMS or reason is not None:
            self.counters[f"not_a_weight_{reason or 'unit'}"] += 1
            if reason is not NotAWeight.NO_NUMBER:
                self._watch.interrupt()
            return
        weight_kg = round(shown.displayed * KILOGRAMS[shown.unit])
        while self._unwritten and self._issue(self._unwritten[0]):
            self._unwritten.popleft()
        ended = self._watch.feed(weight_kg, shown.raw, at, shown.stable)
        if ended is not None:
            self._leave(ended)
        if not self._written:
            self._weigh(self._watch.still, at)

    def _weigh(self, still: Still | None, at: float) -> None:
        """Write the ticket of a weight that stands still, once plate and pictures are there.

        Weight, plate and pictures are of one moment; a vehicle that moves again is photographed anew.
        """
        if self._waiting is None:
            if still is not None and not self._stands:
                self._photograph(at)
            self._stands = still is not None
            plate = (self._plates.plate() or "").replace("\0", "") if still is not None else ""
            if still is not None and plate:
                self._waiting = self._draft(still, plate[:PLATE_LENGTH])
        if self._waiting is not None and self._shots.ready(at):
            self._write_waiting()

    def _photograph(self, at: float) -> None:
        """Have pictures taken, but not without end of a deck that trembles before anybody knows the plate."""
        if self._cameras is not None and self._asked < MOST_SHOTS:
            self._asked += 1
            self._shots = self._cameras.shoot(at)

    def _write_waiting(self) -> None:
        """Write the ticket that waits, with the pictures that are there now."""
        if self._waiting is not None:
            self._written = self._issue(self._pictured(self._waiting))

    def _pictured(self, draft: Draft) -> Draft:
        photos, lacks = self._shots.taken()
        return replace(draft, photos=photos, lacks=lacks)

    def _leave(self, event: DeckEvent) -> None:
        """Record a stay that has no ticket; what the disk does not take is kept for the next frames."""
        if not self._written:
            self._write_waiting()
        if not self._written and not self._issue(draft := self._pictured(self._shadow(event))):
            self._unwritten.append(draft)
        self._written = self._stands = False
        self._shots, self._waiting, self._asked = NO_SHOTS, None, 0

    def _draft(self, still: Still, plate: str) -> Draft:
        how = {"frames": len(still.frames), "ms": still.milliseconds, "zero": 1}
        e = self._line.rule.division_kg
        stability = Stability.FLAGGED if still.flagged else Stability.DERIVED
        curve = self._watch.curve.points()
        told = self._particulars()
        return Draft(self._now(), plate, still.weight_kg, e, stability, still.frames, how, curve, told)

    def _shadow(self, event: DeckEvent) -> Draft:
        if event.still is not None:
            return replace(self._draft(event.still, ""), curve=event.curve)
        e = self._line.rule.division_kg
        how = {"peak": 1, "zero": int(event.zero_seen)}
        return Draft(
            self._now(), "", event.peak_kg, e, Stability.UNSTABLE, (event.peak_frame,), how, event.curve
        )

    def _issue(self, draft: Draft) -> bool:
        """Store a ticket; say whether it is stored. With a full outbox every frame tries again."""
        try:
            ticket = self._book.issue(draft)
        except OutboxRefused as refused:
            self.counters[f"refused_{refused.code}"] += 1
            return False
        except sqlite3.OperationalError:
            self.counters["refused_disk"] += 1
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
        if not self._written:
            self._write_waiting()

    def _read(self, port: serial.SerialBase) -> None:
        framer = Framer(self._protocol, self._line.settings)
        asked = float("-inf")
        while not self._stop.is_set():
            if self._request and time.monotonic() - asked >= self._line.ask_every_s:
                asked = time.monotonic()
                port.write(self._request)
            for found in framer.feed(port.read(_READ_BYTES)):
                if isinstance(found, FrameRefused):
                    self.counters[f"refused_{found.code}"] += 1
                    continue
                self.counters["frames"] += 1
                self.feed(found, time.monotonic())
