"""Do we read a Yaohua indicator rightly, and never a weight that it did not show?"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import FrameRefused, RefusalCode, yaohua

DATA = Path(__file__).parents[1] / "data" / "weighbridge" / "yaohua_xk3190_continuous.jsonl"
VECTORS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
FRAMES = [vector for vector in VECTORS if vector["scope"] == "frame" and vector["expected"]["checksum_ok"]]
BAD = [vector for vector in VECTORS if vector["scope"] == "frame" and not vector["expected"]["checksum_ok"]]
STREAMS = [vector for vector in VECTORS if vector["scope"] == "stream"]

GOOD = yaohua.encode(45680)
digits = st.integers(-999_999, 999_999)
decimals = st.integers(0, 4)


def by_id(vector: dict) -> str:
    """Name a test after its vector."""
    return vector["id"]


def feed_in_chunks(data: bytes, cuts: list[int]) -> list[bytes | str]:
    """Return what a framer finds when the bytes come cut at `cuts`."""
    framer, found, at = yaohua.Framer(), [], 0
    for end in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        found += framer.feed(data[at:end])
        at = end
    return [item if isinstance(item, bytes) else str(item) for item in found]


def test_all_vectors_are_present():
    """A truncated data file would let the codec pass unproven."""
    assert (len(FRAMES), len(BAD), len(STREAMS)) == (16, 1, 2)


@pytest.mark.parametrize("vector", FRAMES, ids=by_id)
def test_reads_what_the_display_shows(vector):
    """A wrong reading here is a wrong weight on somebody's ticket."""
    expected = vector["expected"]
    frame = bytes.fromhex(vector["hex"])
    reading = yaohua.decode(frame, yaohua.Settings(unit=expected.get("unit")))
    assert reading.value == expected["displayed"]
    assert reading.decimals == expected["decimals"]
    assert reading.stable is expected["stable"] is None
    assert reading.unit == expected.get("unit")
    assert reading.raw == frame
    assert yaohua.Framer().feed(frame) == [frame]
    assert yaohua.encode(expected["sign"] * int(expected["digits"]), expected["decimals"]) == frame


@pytest.mark.parametrize("vector", BAD, ids=by_id)
def test_a_wrong_check_is_no_weight(vector):
    """A corrupted frame that became a weight would be settled in money."""
    frame = bytes.fromhex(vector["hex"])
    with pytest.raises(FrameRefused) as refusal:
        yaohua.decode(frame)
    assert refusal.value.code is RefusalCode.BAD_CHECKSUM
    assert [item.code for item in yaohua.Framer().feed(frame)] == [RefusalCode.BAD_CHECKSUM]


@pytest.mark.parametrize("vector", STREAMS, ids=by_id)
def test_finds_the_frames_of_a_stream(vector):
    """A serial line joined in mid-frame would otherwise lose the truck on the deck."""
    expected, framer = vector["expected"], yaohua.Framer()
    found = framer.feed(bytes.fromhex(vector["hex"]))
    assert [yaohua.decode(item).value for item in found if isinstance(item, bytes)] == expected["frames"]
    assert framer.pending_bytes == expected["pending_bytes"]
    assert framer.skipped_bytes == expected.get("skipped_bytes", 0)


@given(digits, decimals)
def test_what_is_written_is_read(number, places):
    """The simulated indicators would otherwise show other weights than the scale agents read."""
    reading = yaohua.decode(yaohua.encode(number, places))
    assert (round(reading.value * 10**places), reading.decimals) == (number, places)


@given(st.binary(max_size=60), st.lists(st.integers(0, 1000), max_size=6))
def test_chunks_do_not_matter(noise, cuts):
    """The network cuts where it likes; the operator must see the same frames and the same refusals."""
    data = noise + GOOD + noise + GOOD
    assert feed_in_chunks(data, cuts) == feed_in_chunks(data, [])


@given(st.binary(max_size=40).filter(lambda noise: 0x02 not in noise and 0x82 not in noise))
def test_resynchronises_after_noise(noise):
    """Interference on the line must cost no later reading."""
    assert yaohua.Framer().feed(noise + GOOD)[-1] == GOOD


@given(st.integers(0, 11), st.integers(0, 6))
def test_every_flipped_bit_is_refused(at, bit):
    """A single flipped data bit must never become another weight."""
    frame = bytearray(GOOD)
    frame[at] ^= 1 << bit
    with pytest.raises(FrameRefused):
        yaohua.decode(bytes(frame))


@given(st.binary(max_size=24))
def test_random_bytes_never_crash(data):
    """A defective indicator must not stop the scale agent."""
    framer = yaohua.Framer()
    for item in framer.feed(data):
        assert isinstance(item, FrameRefused) or yaohua.decode(item).raw == item
    assert framer.pending_bytes < yaohua.FRAME_LENGTH


def test_a_line_with_parity_is_read():
    """Many indicators speak 7E1 into converters set to 8N1; their bit 7 is parity, not data."""
    frame = bytes(byte | (bin(byte).count("1") % 2) << 7 for byte in GOOD)
    assert frame != GOOD
    assert yaohua.decode(*yaohua.Framer().feed(frame)).value == 45680


def test_the_site_overrides_unit_and_decimals():
    """Products disagree on the decimals byte; the site's commissioning decides."""
    reading = yaohua.decode(yaohua.encode(45680, 2), yaohua.Settings(unit="kg", decimals=0))
    assert (reading.value, reading.unit, reading.decimals) == (45680.0, "kg", 0)


def test_a_refused_frame_is_reported_once():
    """An operator counting refusals must not see a second one for the rest of the same frame."""
    bad = GOOD[:5] + b"9" + GOOD[6:]
    found = yaohua.Framer().feed(bad + GOOD)
    assert [item if isinstance(item, bytes) else item.code for item in found] == [
        RefusalCode.BAD_CHECKSUM,
        GOOD,
    ]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (GOOD[:-1], RefusalCode.BAD_LENGTH),
        (b"\x03" + GOOD[1:], RefusalCode.BAD_DELIMITER),
        (b"\x02 045680032\x03", RefusalCode.BAD_CHECKSUM),
        (b"\x02*045680015\x03", RefusalCode.BAD_FIELD),
        (b"\x02+045680711\x03"[:9] + b"13\x03", RefusalCode.BAD_FIELD),
    ],
)
def test_says_why_it_refuses(frame, code):
    """Whoever repairs the line needs to know what was wrong with the bytes."""
    with pytest.raises(FrameRefused) as refusal:
        yaohua.decode(frame)
    assert refusal.value.code is code


@pytest.mark.parametrize(("number", "places"), [(1_000_000, 0), (-1_000_000, 0), (1, 5), (1, -1)])
def test_an_impossible_display_is_not_written(number, places):
    """A simulator that writes impossible frames would test nothing."""
    with pytest.raises(FrameRefused):
        yaohua.encode(number, places)
