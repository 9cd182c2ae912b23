"""How are many messages read from one connection to the broker, and confirmed on it, at little cost?

paho reads each packet in several system calls and hands it through a dozen objects and locks. A `Line`
stands between paho and its socket: it reads whatever is there at once, keeps the PUBLISH packets, and leaves
every other packet to paho, which signs in, subscribes, keeps the connection alive and publishes as ever.

One line is one connection. What came by it is confirmed on it or not at all, for packet ids are given out
anew on the next (telemetry.md 1.4). Of a message for another part only the packet id is kept, to be confirmed
in its turn.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING

import paho.mqtt.client as paho

from tracking.envelope import Message
from tracking.intake.rules import Part

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike

CHUNK = 256 * 1024
PUBLISH = 0x30
PINGREQ = b"\xc0\x00"
CONFIRMATION = Struct(">BBH")
PUBACK = (0x40, 2)
ALL = Part()
LONGEST_TOPIC = 256
"""No topic of the contract is as long; of a longer one so much is kept as shows that it is none."""
LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages in the order of their arrival by one line, and the packet ids that confirm them (0: none).

    There are more packets than messages where some were another part's.
    """

    line: Line
    packets: Sequence[int]
    messages: Sequence[Message]

    def confirm(self) -> None:
        """Confirm the messages to the broker in the order of their arrival."""
        self.line.confirm(self.packets)


class Line:
    """One connection: a socket for paho, and the messages that came by it."""

    def __init__(self, socket: SocketLike, part: Part = ALL) -> None:
        self._socket = socket
        self._part = part
        self._partial = b""
        self._for_paho = bytearray()
        self._unsent = bytearray()
        self._packets: list[int] = []
        self._messages: list[Message | None] = []
        self._ended = False
        self.is_open = True

    @property
    def waiting(self) -> int:
        """How many messages wait to be taken, or to be confirmed only."""
        return len(self._messages)

    def recv(self, size: int) -> bytes:
        """Give paho the next bytes of the packets that are its own."""
        if self._for_paho:
            given = bytes(self._for_paho[:size])
            del self._for_paho[:size]
            return given
        if self._ended:
            return b""
        raise BlockingIOError

    def send(self, data: bytes | bytearray) -> int:
        """Take everything that paho sends; what the network does not take now waits behind what is there."""
        self._unsent += data
        self.flush()
        return len(data)

    def close(self) -> None:
        """Close the connection; what was not taken from it the broker delivers again."""
        self.is_open = False
        self._packets, self._messages = [], []
        self._socket.close()

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        """Let the socket wait, or not."""
        self._socket.setblocking(flag)

    @property
    def wants_write(self) -> bool:
        """Whether something waits until the network takes it."""
        return bool(self._unsent)

    @property
    def has_news(self) -> bool:
        """Whether paho has something to read: packets of its own, or the end of the connection."""
        return self.is_open and (self._ended or bool(self._for_paho))

    def flush(self) -> None:
        """Send what waits, as far as the network takes it; raise OSError when the connection is gone."""
        while self._unsent:
            try:
                sent = self._socket.send(self._unsent)
            except LATER:
                return
            del self._unsent[:sent]

    def say(self, data: bytes) -> None:
        """Send; a connection that is gone is left for paho to find."""
        try:
            self.send(data)
        except OSError:
            self._ended = True

    def confirm(self, packets: Iterable[int]) -> None:
        """Confirm messages by their packet ids, in this order and in one piece; nothing once closed."""
        if self.is_open:
            self.say(b"".join([CONFIRMATION.pack(*PUBACK, packet) for packet in packets if packet]))

    def read(self, received_at: datetime) -> None:
        """Read what has come in, in one go."""
        while not self._ended:
            try:
                chunk = self._socket.recv(CHUNK)
            except LATER:
                return
            except OSError:
                chunk = b""
            if not chunk:
                self._ended = True
                return
            self._take_apart(self._partial + chunk if self._partial else chunk, received_at)
            if not isinstance(self._socket, ssl.SSLSocket) or not self._socket.pending():
                return

    def take(self, most: int) -> Batch:
        """Take the oldest messages off the line."""
        own = [message for message in self._messages[:most] if message is not None]
        batch = Batch(self, self._packets[:most], own)
        del self._packets[:most], self._messages[:most]
        return batch

    def _take_apart(self, data: bytes, received_at: datetime) -> None:
        """Part packets; keep the start of one whose rest has not come yet (MQTT 3.1.1, 2.2)."""
        place, end = 0, len(data)
        while place + 2 <= end:
            body, length = place + 2, data[place + 1]
            if length > 127:
                body, length = _long(data, place + 1)
            if not body or body + length > end:
                break
            stop = body + length
            if data[place] & 0xF0 == PUBLISH:
                if not self._keep(data, place, body, stop, received_at):
                    self._ended = True
                    return
            else:
                self._for_paho += data[place:stop]
            place = stop
        self._partial = data[place:]

    def _keep(self, data: bytes, place: int, body: int, stop: int, received_at: datetime) -> bool:
        """Keep one PUBLISH packet (MQTT 3.1.1, 3.3); return False when it is none."""
        flags = data[place]
        qos = flags >> 1 & 3
        name = body + 2
        payload = name + (data[body] << 8 | data[body + 1]) if name <= stop else stop + 1
        packet = 0
        if qos:
            payload += 2
            if payload > stop or qos > 1:
                return False
            packet = data[payload - 2] << 8 | data[payload - 1]
        elif payload > stop:
            return False
        topic = _text(data[name : min(name + LONGEST_TOPIC, payload - 2 if qos else payload)])
        self._packets.append(packet)
        own = self._part.owns(topic)
        self._messages.append(
            Message(topic, data[payload:stop], received_at, bool(flags & 1)) if own else None
        )
        return True


class LineClient(paho.Client):
    """paho on a `Line`, for one thread that drives it; `line` is the newest connection."""

    line: Line | None = None
    part: Part = ALL

    def _create_socket(self) -> Line:
        self.line = Line(super()._create_socket(), self.part)
        return self.line


def _long(data: bytes, place: int) -> tuple[int, int]:
    """Return where a packet's body starts and its length, or (0, 0) when that has not come in full."""
    length = 0
    for step in range(4):
        if place + step >= len(data):
            return 0, 0
        length |= (data[place + step] & 127) << 7 * step
        if data[place + step] < 128:
            return place + step + 1, length
    return 0, 0


@lru_cache(maxsize=65536)
def _text(topic: bytes) -> str:
    """Return a topic as text; one that is no UTF-8 is nobody's."""
    try:
        return topic.decode()
    except UnicodeDecodeError:
        return ""
