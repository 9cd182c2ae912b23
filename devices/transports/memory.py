"""What would a server hear and acknowledge, were there a broker?"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock

from devices.codecs.telemetry_json import (
    Ack,
    TopicKind,
    decode_events,
    decode_positions,
    encode_ack,
    parse_topic,
    topic,
)
from devices.codecs.weighing_json import decode_weighing
from devices.outbox import Outbox
from devices.readings import EventReading, PositionReading, Stream, WeighingReading
from devices.transports.presence import Counters, Presence
from devices.transports.pump import Message, Pump, Timing


class MemoryPublisher:
    """Keep every message in memory and acknowledge each record at once, as a server would.

    For tests and for trying an agent without a broker: `positions`, `events`, `weighings` hold what it heard.
    """

    def __init__(
        self,
        outbox: Outbox,
        owner: str,
        *,
        timing: Timing | None = None,
        counters: Counters | None = None,
        acknowledge: bool = True,
    ) -> None:
        self._presence = Presence(outbox, owner, counters=counters)
        self._outbox = outbox
        self._acknowledges = acknowledge
        self._lock = RLock()
        self.pump = Pump(outbox, timing)
        self.messages: list[Message] = []
        self.positions: list[tuple[str, PositionReading]] = []
        self.events: list[tuple[str, EventReading]] = []
        self.weighings: list[tuple[str, int, WeighingReading]] = []

    def start(self) -> None:
        """Begin as a fresh connection does."""
        self.pump.connected()
        self.messages.extend(self._presence.all())
        self.wake()

    def stop(self) -> None:
        """Say good-bye."""
        self.messages.extend(self._presence.goodbye())

    def wake(self) -> None:
        """Hear and acknowledge what the outbox has due."""
        with self._lock:
            for message in self.pump.due():
                self.messages.append(message)
                self._hear(message)

    def say_state(self, device: str, *, on: bool, software: str = "") -> None:
        """Keep the state message."""
        self.messages.append(self._presence.said(device, on=on, software=software))

    def say(self, device: str, kind: TopicKind, payload: bytes, told: Callable[[], None]) -> None:
        """Keep the message, which is told at once."""
        self.messages.append(Message(topic(self._outbox.enrolment(device).tenant, device, kind), payload))
        told()

    def _hear(self, message: Message) -> None:
        heard = parse_topic(message.topic)
        if heard.kind is TopicKind.POSITIONS:
            inc, readings = decode_positions(message.payload)
            self.positions.extend((heard.device, reading) for reading in readings)
            ack = Ack(inc, {Stream.POSITIONS: _one_by_one([r.seq for r in readings])})
        elif heard.kind is TopicKind.EVENTS:
            inc, events = decode_events(message.payload)
            self.events.extend((heard.device, event) for event in events)
            ack = Ack(inc, {Stream.EVENTS: _one_by_one([event.seq for event in events])})
        else:
            _, inc, weighing = decode_weighing(message.payload)
            self.weighings.append((heard.device, inc, weighing))
            ack = Ack(inc, {Stream.WEIGHINGS: _one_by_one([weighing.seq])})
        if self._acknowledges:
            self.pump.acknowledge(topic(heard.tenant, heard.device, TopicKind.ACK), encode_ack(ack))


def _one_by_one(seqs: list[int]) -> tuple[int, tuple[tuple[int, int], ...]]:
    return 0, tuple((seq, seq) for seq in sorted(seqs))
