"""Does every message of a connection come out whole, however the network cuts it, and go back in order?"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import FrameRefused
from devices.codecs.topics import parse_topic
from tests.tracking.world import START
from tracking.intake.line import LONGEST_TOPIC, Line
from tracking.intake.rules import Part
from tracking.pipeline import Message

PINGRESP, SUBACK = b"\xd0\x00", b"\x90\x03\x00\x01\x01"


@dataclass(slots=True)
class Wire:
    """A socket that gives what it is fed and takes at most so many bytes at a time."""

    chunks: deque[bytes] = field(default_factory=deque)
    room: int = 1_000_000
    sent: bytearray = field(default_factory=bytearray)
    is_gone: bool = False

    def recv(self, _size: int) -> bytes:
        """Give the next chunk."""
        if not self.chunks:
            raise BlockingIOError
        return self.chunks.popleft()

    def send(self, data: bytes) -> int:
        """Take what there is room for."""
        if self.is_gone:
            raise ConnectionResetError
        if not self.room:
            raise BlockingIOError
        taken = data[: self.room]
        self.sent += taken
        self.room -= len(taken)
        return len(taken)

    def close(self) -> None:
        """Close."""


def line_on(wire: Wire) -> Line:
    """Return a line on a socket of this test."""
    return Line(wire)  # type: ignore[arg-type]


def publish(topic: bytes, payload: bytes, packet: int, *, retained: bool = False) -> bytes:
    """Return a PUBLISH packet as MQTT 3.1.1 has it; without a packet id it is of QoS 0."""
    body = len(topic).to_bytes(2) + topic + (packet.to_bytes(2) if packet else b"") + payload
    length, left = bytearray(), len(body)
    while left > 127:
        length.append(left & 127 | 128)
        left >>= 7
    return bytes([0x30 | (2 if packet else 0) | retained, *length, left]) + body


payloads = st.binary(max_size=300) | st.sampled_from([b"x" * 127, b"x" * 16_384, b"x" * 2_097_152])
told = st.tuples(st.sampled_from(["v1/t/d/pos", "v1/t/é/evt", ""]), payloads, st.integers(0, 65535))


@given(st.lists(told, max_size=4), st.booleans(), st.integers(1, 4000))
def test_messages_come_out_whole_however_they_are_cut(
    several: list[tuple[str, bytes, int]], is_retained: bool, size: int
) -> None:
    """A packet that is torn between two reads must not be lost, or be taken for another."""
    stream = PINGRESP
    for topic, payload, packet in several:
        stream += publish(topic.encode(), payload, packet, retained=is_retained) + SUBACK
    step = max(size, len(stream) // 50)
    line = line_on(Wire(deque(stream[at : at + step] for at in range(0, len(stream), step))))
    while line._socket.chunks:  # type: ignore[attr-defined]
        line.read(START)
    batch = line.take(10)
    assert [*batch.messages] == [Message(t, p, START, is_retained) for t, p, _ in several]
    assert [*batch.packets] == [packet for *_, packet in several]
    given_on = bytearray()
    while line.has_news:
        given_on += line.recv(1)
    assert given_on == PINGRESP + SUBACK * len(several)
    assert line.waiting == 0


@pytest.mark.parametrize(
    "packet",
    [
        b"\x30\x01\x00",
        b"\x30\x03\x00\x05a",
        b"\x32\x04\x00\x01a\x00",
        b"\x34\x06\x00\x01a\x00\x01x",
        b"\x36\x06\x00\x01a\x00\x01x",
    ],
)
def test_a_packet_that_is_none_ends_the_connection(packet: bytes) -> None:
    """Reading on behind a broken packet would take its rest for messages."""
    line = line_on(Wire(deque([publish(b"a", b"1", 7) + packet])))
    line.read(START)
    assert line.has_news
    assert line.recv(1) == b""
    assert [*line.take(10).packets] == [7]


def test_another_parts_message_is_confirmed_in_its_turn_and_not_taken_in() -> None:
    """Two processes would both store it, or its confirmation would overtake one that is not committed."""
    names = [f"v1/t/truck-{number}/pos" for number in range(9)]
    stream = b"".join(publish(name.encode(), b"1", packet) for packet, name in enumerate(names, 1))
    taken = []
    for number in range(3):
        line = Line(Wire(deque([stream])), Part(number, 3))  # type: ignore[arg-type]
        line.read(START)
        batch = line.take(10)
        assert [*batch.packets] == list(range(1, 10))
        taken += [message.topic for message in batch.messages]
    assert sorted(taken) == names


def test_a_topic_that_is_no_text_is_nobodys() -> None:
    """It must become a dead letter under no name, not stop the reading."""
    line = line_on(Wire(deque([publish(b"v1/\xff/d/pos", b"1", 7)])))
    line.read(START)
    assert [message.topic for message in line.take(1).messages] == [""]


def test_an_endless_topic_is_nobodys_and_is_not_kept_whole() -> None:
    """A gateway that invents names of sixty kilobytes would fill the memory of the ingest with them."""
    line = line_on(Wire(deque([publish(b"v1/t1/" + b"x" * 60_000 + b"/pos", b"{}", 7)])))
    line.read(START)
    [message] = line.take(9).messages
    assert len(message.topic) <= LONGEST_TOPIC
    with pytest.raises(FrameRefused):
        parse_topic(message.topic)


def test_confirmations_keep_their_order_behind_a_slow_network() -> None:
    """A confirmation in the middle of another packet would be read as garbage and end the connection."""
    wire = Wire(room=3)
    line = line_on(wire)
    assert line.send(b"paho's own") == 10
    line.confirm([1, 0, 258])
    assert (bytes(wire.sent), line.wants_write) == (b"pah", True)
    wire.room = 100
    line.flush()
    assert bytes(wire.sent) == b"paho's own" + b"\x40\x02\x00\x01" + b"\x40\x02\x01\x02"
    assert not line.wants_write


def test_a_line_that_is_gone_is_left_for_paho_to_find() -> None:
    """A confirmation that cannot be sent must lead to a new connection, not to the end of the ingest."""
    line = line_on(Wire(is_gone=True))
    line.confirm([1])
    assert line.has_news
    assert line.recv(1) == b""
    line.close()
    line.confirm([1])
    assert not line.has_news
