"""Can anything that comes over the line crash, hang or fill the JT/T 808 codec?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import FrameRefused, RefusalCode, jt808
from devices.codecs.jt808 import Bounds, Parts, Version
from devices.codecs.jt808.lines import Jt808Lines
from devices.codecs.jt808.records import LAYOUTS
from devices.codecs.jt808.told import message_from, tell_body

TYPED = (0x0001, 0x0002, 0x0003, 0x0100, 0x0102, 0x0200, 0x0210, 0x0704, 0x8001, 0x8100)
BOUNDS = Bounds(messages=3, parts=8, total_bytes=400, seconds=30)

msg_ids = st.sampled_from([*LAYOUTS, *TYPED, 0x0F00])
versions = st.sampled_from(Version)
# Small numbers as bytes make counts, lengths and flags that are often near the truth.
bodies = st.one_of(
    st.binary(max_size=200),
    st.lists(st.integers(0, 4), max_size=120).map(bytes),
    st.lists(st.sampled_from([0, 1, 3, 0x20, 0x59, 0xFF]), max_size=120).map(bytes),
)
settings = st.fixed_dictionaries(
    {},
    optional={
        "edition": st.sampled_from(["2011", "2013"]),
        "zone": st.sampled_from(["+00:00", "+08:00", "-03:30"]),
        "model": st.sampled_from(["listed", "obd", "tyres", "cold_chain"]),
        "datum": st.sampled_from(["wgs84", "gcj02"]),
        "swapped": st.sampled_from(["yes", "no"]),
    },
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("00ff"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def frame_of(msg_id: int, version: Version, data: bytes) -> bytes:
    """Return a sound frame around any body."""
    return jt808.wrap(jt808.Envelope(msg_id, version, "13800000001", 1, data))


def attempt(act: Any, *args: Any) -> tuple[Any, FrameRefused | None]:
    """Return (result, None), or (None, why) when the codec refuses."""
    try:
        return act(*args), None
    except FrameRefused as refused:
        return None, refused


@given(msg_ids, versions, bodies)
def test_any_body_is_read_and_written_back_or_refused(msg_id: int, version: Version, data: bytes) -> None:
    """A terminal with broken firmware must not stop the gateway, and nothing of its bytes may be lost."""
    frame = frame_of(msg_id, version, data)
    message, refused = attempt(jt808.decode, frame)
    if refused:
        assert refused.code in (RefusalCode.BAD_LENGTH, RefusalCode.BAD_FIELD)
        return
    assert jt808.encode(message) == frame
    told = json.loads(json.dumps(tell_body(message)))
    header = {"msg_id": msg_id, "edition": message.version, "phone": message.phone, "serial": 1}
    assert jt808.encode(message_from({**told, **header})) == frame


@given(settings, msg_ids, versions, bodies)
def test_any_setting_reads_any_frame(
    words: dict[str, str], msg_id: int, version: Version, data: bytes
) -> None:
    """One device's quirks must not make the next device's frame crash the reader."""
    told = Jt808Lines(words).decode(frame_of(msg_id, version, data))
    json.dumps(told)
    assert told["msg_id"] == f"0x{msg_id:04X}"


@given(st.binary(max_size=300), st.lists(st.integers(1, 50), max_size=10))
def test_any_stream_is_told_the_same_in_any_chunks(data: bytes, cuts: list[int]) -> None:
    """TCP cuts where it likes; what is told may not depend on it."""
    whole, cut, at = Jt808Lines({}), Jt808Lines({}), 0
    expected = [*whole.feed(data), *whole.close()]
    found: list[object] = []
    for size in cuts:
        found += cut.feed(data[at : at + size])
        at += size
    found += [*cut.feed(data[at:]), *cut.close()]
    assert list(map(str, found)) == list(map(str, expected))


@given(msg_ids, st.dictionaries(st.text(max_size=8), values, max_size=4), st.data())
def test_any_object_is_written_or_refused(msg_id: int, given_: dict[str, Any], data: st.DataObject) -> None:
    """A typing error in a command must be one clear refusal, never a frame that says something else."""
    names = [getattr(step, "name", "") for step in LAYOUTS.get(msg_id, ())]
    body = {name: data.draw(values) for name in names if name} | given_
    frames, refused = attempt(Jt808Lines({}).encode, {**body, "msg_id": msg_id, "phone": "1"})
    assert refused.detail if refused else jt808.unwrap(frames[0]).msg_id == msg_id


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9),
            st.integers(0, 9),
            st.integers(0, 5),
            st.binary(max_size=90),
            st.integers(0, 40),
        ),
        max_size=40,
    )
)
def test_parts_never_outgrow_their_bounds(parts: list[tuple[int, int, int, bytes, int]]) -> None:
    """A terminal that never sends the last part must not fill the gateway's memory."""
    joiner, now = Parts(BOUNDS), 0.0
    for total, number, serial, body, later in parts:
        now += later
        part = jt808.Envelope(0x0801, Version.V2013, "1", serial, body, packet=(total, number))
        _, refused = attempt(joiner.add, part, now)
        assert refused is None or refused.code is RefusalCode.SPLIT
        assert joiner.pending_bytes <= BOUNDS.total_bytes
        assert len(joiner.missing()) <= BOUNDS.messages


@given(st.binary(min_size=1, max_size=600), st.integers(1, 100), st.randoms(use_true_random=False))
def test_a_split_message_is_whole_again_in_any_order(data: bytes, size: int, order: Any) -> None:
    """Radio links reorder and repeat; a photo put together wrongly proves nothing."""
    whole = jt808.Envelope(0x0801, Version.V2019, "1" * 20, 65_530, data)
    parts = jt808.split(whole, size)
    shuffled = parts + parts[:1]
    order.shuffle(shuffled)
    joiner = Parts(Bounds(parts=600))
    joined = [found for part in shuffled if (found := joiner.add(jt808.unwrap(jt808.wrap(part))))]
    assert joined[0].body == data
    assert joined[0].packet is None


def test_what_waits_too_long_or_too_much_is_given_up() -> None:
    """An old half of a message joined to a new one would be a picture that never was."""
    half = jt808.Envelope(0x0801, Version.V2013, "1", 1, b"a", packet=(2, 1))
    joiner = Parts(BOUNDS)
    assert joiner.add(half, 0.0) is None
    assert joiner.missing() == {("1", 0x0801, 2, 1): (2,)}
    late = jt808.Envelope(0x0801, Version.V2013, "1", 2, b"b", packet=(2, 2))
    assert joiner.add(late, 31.0) is None
    assert joiner.dropped == {"expired": 1}
    for serial in range(10, 50, 10):
        joiner.add(jt808.Envelope(0x0801, Version.V2013, "1", serial, b"a", packet=(2, 1)), 31.0)
    assert joiner.dropped == {"expired": 1, "crowded_out": 2}


@pytest.mark.parametrize("length", [1023, 1024, 5000])
def test_long_messages_go_out_in_parts(length: int) -> None:
    """A long list of fences cut off at the first frame would leave the rest of a route unguarded."""
    body = jt808.Record({"transparent_type": 1, "data": "7e" * (length - 1)})
    frames = jt808.encode_frames(jt808.Message(0x8900, Version.V2013, "13800000001", 65_535, body))
    assert len(frames) == -(-length // 1023)
    joiner = Parts()
    joined = [found for frame in frames if (found := joiner.add(jt808.unwrap(frame)))]
    assert [jt808.message_of(whole).body.values["data"] for whole in joined] == ["7e" * (length - 1)]
