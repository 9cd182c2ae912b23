"""Do the MQTT payloads carry readings unchanged, and is everything else refused by name?"""

import json
import zlib
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs import telemetry_json as tj
from devices.codecs.wire import MAX_PAYLOAD, MAX_SAFE
from devices.readings import EventReading, Load, PositionReading, Stream

NOON = datetime(2026, 11, 20, 4, 0, 0, tzinfo=UTC)
HERE = PositionReading(1, NOON, 30.59, 114.3)


def repacked(payload):
    """Return a JSON payload as MessagePack."""
    return msgspec.msgpack.encode(json.loads(payload))


PLAIN_KEYS = ["s", "t", "g", "lat", "lon", "alt", "spd", "crs", "sat", "hdop", "odo", "ign", "load", "h", "y"]

seqs = st.integers(1, MAX_SAFE)
counts = st.integers(0, MAX_SAFE)
moments = st.integers(0, 4_000_000_000_000).map(
    lambda millis: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    scalars | words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)
)
extras = st.dictionaries(words.map(lambda word: f"x_{word}"), values, max_size=3)
positions = st.builds(
    PositionReading,
    seq=seqs,
    device_time=moments,
    lat=st.floats(-90, 90).map(lambda degrees: round(degrees, 7)),
    lon=st.floats(-180, 180).map(lambda degrees: round(degrees, 7)),
    gnss_time=st.none() | moments,
    altitude_m=st.none() | st.integers(-1000, 65535),
    speed_kmh=st.none() | st.floats(0, 6553),
    course_deg=st.none() | st.integers(0, 360),
    satellites=st.none() | st.integers(0, 255),
    hdop=st.none() | st.floats(0, 1000),
    odometer_m=st.none() | counts,
    ignition=st.none() | st.booleans(),
    load=st.sampled_from(Load),
    status_bits=st.integers(0, 2**32 - 1),
    alarm_bits=st.integers(0, 2**32 - 1),
    replayed=st.booleans(),
    extra=extras,
)
events = st.builds(EventReading, seqs, moments, st.text("abc_", min_size=1, max_size=20), extras)


@st.composite
def acks(draw):
    """Draw acknowledgements whose ranges ascend beyond the watermark."""
    streams = {}
    for stream in draw(st.sets(st.sampled_from(Stream))):
        bounds = sorted(draw(st.sets(st.integers(0, 10_000), min_size=1, max_size=9)))
        mark, rest = bounds[0], bounds[1:]
        streams[stream] = (mark, tuple(zip(rest[::2], rest[1::2], strict=False)))
    return tj.Ack(draw(counts), streams)


def position_payload(**fields) -> bytes:
    """Return a batch of one position with some fields changed (None removes a field)."""
    record = {"s": 1, "t": 0, "lat": 30.0, "lon": 114.0} | fields
    return json.dumps(
        {"inc": 1, "r": [{key: value for key, value in record.items() if value is not None}]}
    ).encode()


@given(counts, st.lists(positions, min_size=1, max_size=5))
def test_positions_come_back_unchanged(inc, readings):
    """A trip would differ from what the terminal saw, field by field."""
    assert tj.decode_positions(tj.encode_positions(inc, readings)) == (inc, readings)


@given(counts, st.lists(events, min_size=1, max_size=5))
def test_events_come_back_unchanged(inc, readings):
    """An alarm must arrive as it was raised."""
    assert tj.decode_events(tj.encode_events(inc, readings)) == (inc, readings)


@given(acks())
def test_acks_come_back_unchanged(ack):
    """A device deletes what the ack covers; one wrong number loses records for ever."""
    assert tj.decode_ack(tj.encode_ack(ack)) == ack


@given(
    st.builds(tj.DeviceState, st.booleans(), counts, counts, st.text("v.0123", max_size=9), counts, counts)
)
def test_states_come_back_unchanged(state):
    """Presence and the number of waiting records are read from it."""
    assert tj.decode_state(tj.encode_state(state)) == state


@given(st.binary(max_size=80))
def test_random_payloads_are_refused(payload):
    """Any device can publish anything; ingest must survive it."""
    for decode in (tj.decode_positions, tj.decode_events, tj.decode_weighing):
        with pytest.raises(FrameRefused):
            decode(payload)


@given(values)
def test_random_json_is_refused(value):
    """Well-formed JSON of another shape is no reading."""
    payload = json.dumps(value).encode()
    for decode in (tj.decode_positions, tj.decode_events, tj.decode_weighing, tj.decode_ack):
        with pytest.raises(FrameRefused):
            decode(payload)


FULL_READING = PositionReading(
    seq=7,
    device_time=NOON,
    lat=30.59123456789,
    lon=114.3,
    gnss_time=NOON,
    altitude_m=31,
    speed_kmh=42.5,
    course_deg=90,
    satellites=12,
    hdop=0.8,
    odometer_m=1000,
    ignition=True,
    load=Load.FULL,
    status_bits=3,
    alarm_bits=1,
    replayed=True,
    extra={"fuel_l": 10.0},
)


def test_a_position_on_the_wire_is_the_contract():
    """Devices of other makers write these keys; they must not drift with our names."""
    millis = int(NOON.timestamp()) * 1000
    assert json.loads(tj.encode_positions(4, [FULL_READING])) == {
        "inc": 4,
        "r": [
            {
                "s": 7,
                "t": millis,
                "g": millis,
                "lat": 30.5912346,
                "lon": 114.3,
                "alt": 31,
                "spd": 42.5,
                "crs": 90,
                "sat": 12,
                "hdop": 0.8,
                "odo": 1000,
                "ign": 1,
                "load": "full",
                "st": 3,
                "al": 1,
                "h": 1,
                "fuel_l": 10.0,
            }
        ],
    }


def test_acks_and_states_on_the_wire_are_the_contract():
    """A device of another maker would delete too much, or seem to be gone."""
    assert tj.encode_ack(tj.Ack(4, {Stream.POSITIONS: (5, ((7, 9),))})) == b'{"inc":4,"pos":[5,[[7,9]]]}'
    assert tj.decode_state(b'{"on":0,"boot":4}') == tj.DeviceState(on=False, boot=4)


@pytest.mark.parametrize(
    "fields",
    [
        {"s": 0},
        {"s": None},
        {"s": -1},
        {"s": 2**53},
        {"s": 1.5},
        {"s": "1"},
        {"t": -1},
        {"t": 4_102_444_800_001},
        {"lat": 90.1},
        {"lat": 116.3, "lon": 40.0},
        {"lat": None},
        {"lon": -180.1},
        {"lat": "30"},
        {"spd": -1},
        {"crs": 361},
        {"sat": 256},
        {"ign": True},
        {"ign": 2},
        {"h": 2},
        {"st": 2**32},
        {"load": "overfull"},
    ],
)
def test_fields_out_of_range_are_refused(fields):
    """A position off the globe or a sequence below one must be counted, not stored."""
    with pytest.raises(FrameRefused) as refusal:
        tj.decode_positions(position_payload(**fields))
    assert refusal.value.code is RefusalCode.BAD_FIELD


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", RefusalCode.BAD_JSON),
        (b"{", RefusalCode.BAD_JSON),
        (b"\xff\xfe", RefusalCode.BAD_JSON),
        (b"[" * 100_000, RefusalCode.BAD_JSON),
        (b'"' + b"x" * MAX_PAYLOAD + b'"', RefusalCode.TOO_LONG),
        (b"[]", RefusalCode.BAD_FIELD),
        (b'{"inc":1,"r":[]}', RefusalCode.BAD_FIELD),
        (b'{"inc":1,"r":[1]}', RefusalCode.BAD_FIELD),
        (b'{"inc":-1,"r":[{}]}', RefusalCode.BAD_FIELD),
        (b'{"inc":1,"q":1,"r":[{}]}', RefusalCode.BAD_FIELD),
        (
            json.dumps({"inc": 1, "r": [{"s": 1, "t": 0, "lat": 0, "lon": 0}] * 51}).encode(),
            RefusalCode.BAD_FIELD,
        ),
        (b'{"inc":1,"r":[{"s":1,"t":0,"lat":1e999,"lon":0}]}', RefusalCode.BAD_JSON),
    ],
)
def test_says_why_a_payload_is_refused(payload, code):
    """The dead letters are sorted by reason for whoever repairs the device."""
    with pytest.raises(FrameRefused) as refusal:
        tj.decode_positions(payload)
    assert refusal.value.code is code


def test_a_bad_record_costs_only_itself():
    """Forty-nine good positions must not be lost with a fiftieth that is off the globe."""
    payload = b'{"inc":3,"r":[{"s":1,"t":0,"lat":30,"lon":114},{"s":2,"t":0,"lat":114,"lon":30},{"s":"x"}]}'
    batch = tj.scan_positions(payload)
    assert (batch.inc, [reading.seq for reading in batch.readings]) == (3, [1])
    assert [(bad.seq, bad.code) for bad in batch.refused] == [
        (2, RefusalCode.BAD_FIELD),
        (None, RefusalCode.BAD_FIELD),
    ]
    assert json.loads(batch.refused[0].raw) == {"s": 2, "t": 0, "lat": 114, "lon": 30}
    with pytest.raises(FrameRefused, match="seq 2"):
        tj.decode_positions(payload)
    assert tj.scan_events(b'{"inc":3,"r":[{"s":5,"t":0}]}').refused[0].seq == 5


@given(st.lists(positions, min_size=1, max_size=3), st.dictionaries(st.sampled_from(PLAIN_KEYS), values))
def test_a_key_of_anothers_making_changes_no_reading(readings, odd):
    """Batches with nothing strange in them are read a quicker way, which must not mean anything else."""
    payload = json.loads(tj.encode_positions(1, readings))
    payload["r"][0] |= odd
    plain = tj.scan_positions(json.dumps(payload).encode())
    marked = tj.scan_positions(json.dumps(payload | {"r": [one | {"x": 1} for one in payload["r"]]}).encode())
    assert plain.readings == tuple(
        replace(one, extra={key: value for key, value in one.extra.items() if key != "x"})
        for one in marked.readings
    )
    assert [bad.detail for bad in plain.refused] == [bad.detail for bad in marked.refused]


@pytest.mark.parametrize(
    "reading",
    [
        PositionReading(0, NOON, 30.0, 114.0),
        PositionReading(1, NOON.replace(tzinfo=None), 30.0, 114.0),
        PositionReading(1, datetime(1969, 12, 31, tzinfo=UTC), 30.0, 114.0),
        PositionReading(1, NOON, float("nan"), 114.0),
        PositionReading(1, NOON, 30.0, 181.0),
        PositionReading(1, NOON, 30.0, 114.0, extra={"lat": 1}),
        PositionReading(1, NOON, 30.0, 114.0, extra={"x": object()}),
        PositionReading(1, NOON, 30.0, 114.0, extra={"x": "\ud800"}),
        PositionReading(1, NOON, 30.0, 114.0, extra={"x": "x" * MAX_PAYLOAD}),
    ],
)
def test_a_bad_reading_is_not_sent(reading):
    """A gateway that sent it would be told so only by the server, long after."""
    with pytest.raises(FrameRefused):
        tj.encode_positions(1, [reading])


@pytest.mark.parametrize("size", [0, 51])
def test_batches_have_one_to_fifty_records(size):
    """The contract bounds a message, so that one device cannot fill a transaction."""
    with pytest.raises(FrameRefused):
        tj.encode_positions(1, [HERE] * size)


@pytest.mark.parametrize("pairs", [((5, 6),), ((9, 8),), ((7, 8), (8, 9)), ((9, 9), (7, 7))])
def test_confused_acks_are_refused(pairs):
    """An ack that overlaps itself could make a device delete what nobody has."""
    with pytest.raises(FrameRefused):
        tj.encode_ack(tj.Ack(1, {Stream.EVENTS: (5, pairs)}))


def test_topics_are_written_and_read():
    """The tenant and device of a message are known from its topic only."""
    assert tj.topic("t1", "LZ-0001", Stream.POSITIONS) == "v1/t1/LZ-0001/pos"
    assert tj.parse_topic("v1/t1/LZ-0001/ack") == tj.Topic("t1", "LZ-0001", tj.TopicKind.ACK)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v2/t/d/pos",
        "v1/t/d",
        "v1/t/d/pos/x",
        "v1/t/d/nope",
        "v1//d/pos",
        "v1/t/+/pos",
        "v1/t/#",
        "v1/t/d\n/pos",
        "v1/t/d/pos\n",
    ],
)
def test_strange_topics_are_refused(text):
    """A wildcard or another version must never be taken for a device."""
    with pytest.raises(FrameRefused) as refusal:
        tj.parse_topic(text)
    assert refusal.value.code is RefusalCode.BAD_TOPIC


def test_a_topic_of_strange_names_is_not_written():
    """A device called `+` would subscribe to everybody's acknowledgements."""
    with pytest.raises(FrameRefused):
        tj.topic("t", "+", "pos")


@pytest.mark.parametrize("pack", [zlib.compress, repacked, lambda payload: zlib.compress(repacked(payload))])
def test_a_packed_batch_says_what_the_plain_one_says(pack):
    """A terminal on a dear line packs its bulk; what is stored must not depend on that."""
    payload = tj.encode_positions(3, [HERE, replace(HERE, seq=2, extra={"x": [1, None]})])
    assert tj.scan_positions(pack(payload)) == tj.scan_positions(payload)
    broken = json.loads(payload)
    broken["r"][1]["lat"] = 91
    bad = tj.scan_positions(pack(json.dumps(broken).encode())).refused
    assert [(one.seq, one.code) for one in bad] == [(2, RefusalCode.BAD_FIELD)]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (zlib.compress(b" " * (MAX_PAYLOAD + 1)), RefusalCode.TOO_LONG),
        (zlib.compress(b"{}")[:-3], RefusalCode.BAD_JSON),
        (b"\x78nothing", RefusalCode.BAD_JSON),
        (b"\x82\xa3inc", RefusalCode.BAD_JSON),
    ],
)
def test_what_cannot_be_unpacked_is_refused(payload, code):
    """A few hundred bytes that unpack into gigabytes would take the ingest down for everybody."""
    with pytest.raises(FrameRefused) as caught:
        tj.scan_positions(payload)
    assert caught.value.code is code
