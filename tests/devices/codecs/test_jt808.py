"""Does the JT/T 808 codec survive what terminals, networks and attackers send?"""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from devices.codecs import FrameRefused, RefusalCode, jt808
from devices.codecs.jt808.framing import MAX_CONTENT, escape, unescape
from devices.codecs.jt808.items import read_items
from devices.codecs.jt808.positions import write_position
from devices.codecs.noise import NOISE_LIMIT
from devices.datum import Datum, express
from devices.readings import Load

NOON = datetime(2026, 11, 20, 4, 0, 0, tzinfo=UTC)
PLACE = jt808.make_position(30.59, 114.30, NOON, speed_kmh=42.5, course_deg=90, load=Load.FULL)
NO_READING = {
    RefusalCode.BAD_TIME,
    RefusalCode.BAD_COORDINATES,
    RefusalCode.SWAPPED_COORDINATES,
    RefusalCode.ENCRYPTED,
}

versions = st.sampled_from(jt808.Version)
phones = st.text("0123456789", min_size=12, max_size=12)
words = st.integers(0, 0xFFFF)
octets = st.integers(0, 0xFF)
texts = st.text("ABCxyz0189鄂京测", max_size=3)
positions = st.builds(
    jt808.Position,
    alarm_bits=st.integers(0, 2**32 - 1),
    status_bits=st.integers(0, 2**32 - 1),
    lat_raw=st.integers(0, 2**32 - 1),
    lon_raw=st.integers(0, 2**32 - 1),
    altitude_m=words,
    speed_raw=words,
    course_deg=words,
    time_bcd=st.binary(min_size=6, max_size=6).map(bytes.hex),
    items=st.lists(st.tuples(octets, st.binary(max_size=20)), max_size=4).map(tuple),
)
replies = st.builds(jt808.GeneralReply, words, words, octets)
registrations = st.builds(
    jt808.Registration, words, words, texts.map(lambda t: t[:2]), texts, texts, octets, texts
)
bodies = st.one_of(
    st.tuples(st.sampled_from([jt808.TERMINAL_REPLY, jt808.PLATFORM_REPLY]), replies),
    st.tuples(st.sampled_from([jt808.HEARTBEAT, jt808.LOGOUT]), st.just(jt808.Empty())),
    st.tuples(st.just(jt808.REGISTRATION), registrations),
    st.tuples(st.just(jt808.AUTHENTICATION), st.builds(jt808.Authentication, texts)),
    st.tuples(st.just(jt808.REGISTRATION_REPLY), st.builds(jt808.RegistrationReply, words, octets, texts)),
    st.tuples(st.just(jt808.POSITION), positions),
    st.tuples(
        st.just(jt808.POSITION_BATCH),
        st.builds(jt808.PositionBatch, octets, st.lists(positions, min_size=1, max_size=3).map(tuple)),
    ),
    st.tuples(st.just(0x0F00), st.builds(jt808.Raw, st.binary(max_size=60))),
)


def message_of(body, msg_id=jt808.POSITION, version=jt808.Version.V2013):
    """Return a message around a body."""
    return jt808.Message(msg_id, version, "013800000001", 7, body)


def attempt(act, *args):
    """Return (result, None), or (None, code) when the codec refuses."""
    try:
        return act(*args), None
    except FrameRefused as refusal:
        return None, refusal.code


def feed_in_chunks(data: bytes, cuts: list[int]) -> list[bytes | str]:
    """Return what a framer finds when the bytes come cut at `cuts`."""
    framer, found, at = jt808.Framer(), [], 0
    for end in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        found += framer.feed(data[at:end])
        at = end
    return [item if isinstance(item, bytes) else str(item) for item in found]


@given(bodies, versions, phones, words)
def test_what_is_written_is_read(body, version, phone, serial):
    """A simulated terminal and the gateway must mean the same in every edition."""
    msg_id, content = body
    message = jt808.Message(msg_id, version, phone, serial, content)
    read = jt808.decode(jt808.encode(message))
    assert (read.msg_id, read.serial, read.body) == (msg_id, serial, content)
    assert read.phone.lstrip("0") == phone.lstrip("0")
    assert jt808.encode(read) == jt808.encode(message)


@given(st.binary(max_size=200))
def test_escaping_is_undone(content):
    """An escape that is not undone shifts every later byte."""
    assert unescape(escape(content)) == content


@given(
    st.sampled_from([0x0001, 0x0002, 0x0100, 0x0102, 0x0200, 0x0704, 0x8001, 0x8100, 0x0F00]),
    versions,
    st.binary(),
)
def test_random_bodies_are_read_or_refused(msg_id, version, data):
    """A terminal with broken firmware must not stop the gateway, and nothing of its bytes may be lost."""
    frame = jt808.wrap(jt808.Envelope(msg_id, version, "0", 1, data[:900]))
    message, code = attempt(jt808.decode, frame)
    assert code in (None, RefusalCode.BAD_LENGTH)
    if message:
        assert jt808.encode(message) == frame


@given(st.binary(max_size=80))
def test_random_frames_never_crash(data):
    """Whoever connects to the port can send anything."""
    for frame in (data, b"\x7e" + data + b"\x7e"):
        with pytest.raises(FrameRefused):
            jt808.decode(frame)


@given(positions)
def test_any_position_is_a_reading_or_refused(position):
    """A terminal in a tunnel, abroad or broken must be counted, not crash the trip."""
    reading, code = attempt(jt808.to_reading, position, 1)
    if reading:
        assert -90 <= reading.lat <= 90
        assert -180 <= reading.lon <= 180
    else:
        assert code in NO_READING


@given(
    st.lists(st.sampled_from([b"\x7e", b"\x7d", b"junk", jt808.encode(message_of(PLACE))]), max_size=8),
    st.lists(words),
)
def test_chunks_do_not_matter(parts, cuts):
    """TCP cuts where it likes; the same frames and refusals must come out."""
    data = b"".join(parts)
    assert feed_in_chunks(data, cuts) == feed_in_chunks(data, [])


@given(st.binary(max_size=60).map(lambda noise: noise.replace(b"\x7e", b"")))
def test_resynchronises_after_noise(noise):
    """A terminal that starts in mid-frame must lose at most that frame.

    Noise with a right checksum between two delimiters is a frame of its own (thirteen zeros are).
    """
    frame = jt808.encode(message_of(PLACE))
    found = jt808.Framer().feed(noise + frame + noise + frame)
    assert [item for item in found if item == frame] == [frame, frame]


def test_frames_may_share_a_delimiter():
    """Some terminals write one delimiter between two frames; neither frame may be lost."""
    frame = jt808.encode(message_of(PLACE))
    assert jt808.Framer().feed(frame + frame[1:]) == [frame, frame]


def test_a_lost_end_costs_one_frame():
    """A connection that drops bytes must not swallow the frames that follow."""
    frame = jt808.encode(message_of(PLACE))
    found = jt808.Framer().feed(frame[:20] + frame + frame)
    assert found[-2:] == [frame, frame]


def test_memory_is_bounded():
    """An attacker who never closes a frame must not fill the gateway's memory."""
    framer, refusals = jt808.Framer(), []
    for _ in range(100):
        refusals += framer.feed(b"\x7e" + b"x" * MAX_CONTENT + b"x")
        assert framer.pending_bytes <= MAX_CONTENT + 1
    assert RefusalCode.TOO_LONG in {refusal.code for refusal in refusals}
    flood = framer.feed(b"x" * 10 * NOISE_LIMIT)
    assert {refusal.code for refusal in flood} == {RefusalCode.NOISE}
    frame = jt808.encode(message_of(PLACE))
    assert framer.feed(frame)[-1] == frame


@pytest.mark.parametrize(("length", "version"), [(36, jt808.Version.V2011), (37, jt808.Version.V2013)])
def test_the_length_tells_2011_from_2013(length, version):
    """Only the length says which registration it is; the wrong layout gives the wrong plate."""
    frame = jt808.wrap(jt808.Envelope(jt808.REGISTRATION, jt808.Version.V2013, "1", 1, bytes(length)))
    assert jt808.decode(frame).version is version


def test_a_changed_text_loses_its_old_bytes():
    """A plate corrected after decoding must be sent corrected, not as it was read."""
    data = bytes(25) + " 鄂A1".encode("gbk")
    body = jt808.decode_body(jt808.REGISTRATION, data, jt808.Version.V2011)
    again = jt808.encode(
        message_of(dataclasses.replace(body, plate="鄂A2"), jt808.REGISTRATION, jt808.Version.V2011)
    )
    assert (body.plate, jt808.decode(again).body.plate) == ("鄂A1", "鄂A2")


@pytest.mark.parametrize(
    "message",
    [
        message_of(jt808.Empty()),
        message_of(replace(PLACE, lat_raw=-1)),
        message_of(replace(PLACE, time_bcd="2611")),
        message_of(replace(PLACE, items=((1, bytes(256)),))),
        message_of(jt808.Raw(bytes(1024)), 0x0F00),
        message_of(jt808.GeneralReply(1, 2, 256), jt808.TERMINAL_REPLY),
        message_of(jt808.GeneralReply(70000, 2, 0), jt808.TERMINAL_REPLY),
        message_of(jt808.Registration(1, 1, "too long", "", "", 1, ""), jt808.REGISTRATION),
        message_of(jt808.Authentication("🚚"), jt808.AUTHENTICATION),
        replace(message_of(PLACE), phone="1" * 13),
        replace(message_of(PLACE), phone="no digits"),
        replace(message_of(PLACE), serial=65536),
    ],
)
def test_what_does_not_fit_is_not_written(message):
    """A reply cut to fit would tell the terminal something else."""
    with pytest.raises(FrameRefused):
        jt808.encode(message)


def test_a_broken_batch_keeps_its_good_part():
    """The terminal forgets a batch once it is answered; one bad record must not cost the others."""
    whole = write_position(PLACE)
    data = b"\x00\x03\x01" + len(whole).to_bytes(2, "big") + whole + b"\x00\x05short"
    batch = jt808.decode_body(jt808.POSITION_BATCH, data, jt808.Version.V2013)
    assert (batch.positions, batch.missing, batch.replayed) == ((PLACE,), 2, True)
    assert batch.quirks == (jt808.Quirk.BATCH_TRUNCATED,)


def test_a_position_becomes_a_reading():
    """Every field that the inspector's map shows passes through here."""
    items = (
        (0x01, b"\x00\x00\x00\x0a"),
        (0x31, b"\x0c"),
        (0x02, b"\x00\x64"),
        (0xEB, b"\x01"),
        (0xEB, b"\x02"),
    )
    reading = jt808.to_reading(replace(PLACE, items=items, altitude_m=0xFFFB), 3, replayed=True)
    assert (reading.seq, reading.device_time, reading.lat, reading.lon) == (3, NOON, 30.59, 114.3)
    assert (reading.speed_kmh, reading.course_deg, reading.altitude_m) == (42.5, 90, -5)
    assert (reading.odometer_m, reading.satellites, reading.load) == (1000, 12, Load.FULL)
    assert (reading.ignition, reading.replayed) == (True, True)
    assert reading.extra == {"fuel_l": 10.0, "items": {"0xEB": "01", "0xEB#2": "02"}}


def test_the_zone_is_the_terminals():
    """A terminal that sends UTC would otherwise be eight hours early."""
    assert PLACE.moment() == NOON
    assert PLACE.moment(timezone(timedelta(0))) == NOON + timedelta(hours=8)
    utc = jt808.make_position(30.59, 114.30, NOON, zone=UTC)
    assert jt808.to_reading(utc, 1, jt808.Settings(zone=UTC)).device_time == NOON


def test_the_datum_is_converted():
    """A terminal set to GCJ-02 would otherwise be hundreds of metres off its site."""
    shifted = jt808.make_position(*express(30.59, 114.30, Datum.GCJ02), NOON)
    reading = jt808.to_reading(shifted, 1, jt808.Settings(datum=Datum.GCJ02))
    assert (round(reading.lat, 5), round(reading.lon, 5)) == (30.59, 114.3)


@pytest.mark.parametrize(
    ("position", "code"),
    [
        (replace(PLACE, lat_raw=114_300_000, lon_raw=30_590_000), RefusalCode.SWAPPED_COORDINATES),
        (replace(PLACE, lat_raw=232_000_000), RefusalCode.BAD_COORDINATES),
        (replace(PLACE, time_bcd="000000000000"), RefusalCode.BAD_TIME),
        (replace(PLACE, time_bcd="2611ff040000"), RefusalCode.BAD_TIME),
        (replace(PLACE, status_bits=1 << 5), RefusalCode.ENCRYPTED),
    ],
)
def test_no_place_or_no_moment_is_no_reading(position, code):
    """A point that cannot be must be counted under its reason, not drawn on the map."""
    with pytest.raises(FrameRefused) as refusal:
        jt808.to_reading(position, 1)
    assert refusal.value.code is code


def test_quirks_travel_with_the_reading():
    """The operator must see that a terminal exchanged its coordinates although both are possible."""
    urumqi = jt808.make_position(87.6, 43.8, NOON)
    assert jt808.to_reading(urumqi, 1).extra == {"quirks": ["swapped_coordinates"]}


@pytest.mark.parametrize(
    ("items", "model", "values", "unknown"),
    [
        (((0x02, b"\x80\x64"),), "standard", {}, {"0x02": "8064"}),
        (((0x06, b"\x80\x05"),), "standard", {"box_temperature_c": -5}, {}),
        (((0x55, (123_456).to_bytes(8, "big")),), "onboard_scale", {"load_kg": 12345.6}, {}),
        (((0x55, (123_456).to_bytes(8, "big")),), "standard", {}, {"0x55": "000000000001e240"}),
        (((0x31, b"\x0c"),), "onboard_scale", {"satellites": 12}, {}),
        (((0x31, b"\x00\x0c"),), "standard", {}, {"0x31": "000c"}),
    ],
)
def test_items_mean_what_their_model_says(items, model, values, unknown):
    """One vendor's load is another's voltage: length and model decide, and the rest stays as bytes."""
    assert read_items(items, model) == (values, unknown)
