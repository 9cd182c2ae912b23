"""Can anything on the line crash a codec, hang it, fill the memory or become another weight?"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from devices.codecs import FrameRefused
from devices.codecs.scales import PROTOCOLS, Check, Framer, ScaleProtocol, Settings, protocol, told
from devices.readings import ScaleReading

DATA = Path(__file__).parents[2] / "data" / "weighbridge" / "vectors.jsonl"
VECTORS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
ROWS = [pytest.param(row, id=name) for name, row in PROTOCOLS.items()]
NO_CHECK = {name for name, row in PROTOCOLS.items() if row.check is Check.NONE}
BYTES = st.one_of(
    st.binary(max_size=80),
    st.text("\x02\x03\r\n=+-0123456789. STGNOLUSwWkgKM,MI", max_size=80).map(lambda text: text.encode()),
)


def sound_frames(row: ScaleProtocol) -> list[bytes]:
    """Return the vectors' frames of a protocol that are read, and one of our own with its check."""
    frames = [bytes.fromhex(v["hex"]) for v in VECTORS if v["protocol"] == row.name and v["scope"] == "frame"]
    sound = [frame for frame in frames if not refused(row, frame)]
    fields: dict[str, object] = {"displayed": 45_680}
    if "command" in row.name:
        fields = {"command": "B", "direction": "indicator->host", "gross": 45_680}
    return [*sound, row.encode(fields)]


def refused(row: ScaleProtocol, frame: bytes, at_site: Settings | None = None) -> bool:
    """Tell whether a frame is refused."""
    try:
        row.decode(frame, at_site)
    except FrameRefused:
        return True
    return False


def weights(reading: ScaleReading) -> tuple[Decimal | None, Decimal | None, str | None]:
    """Return what would be settled in money."""
    return reading.displayed, reading.tare, reading.unit


def in_chunks(framer: Framer, data: bytes, cuts: list[int]) -> list[str]:
    """Return what a framer finds when the bytes come cut at `cuts`."""
    found, at = [], 0
    for end in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        found += framer.feed(data[at:end])
        at = end
    return [str(item) for item in found]


@pytest.mark.parametrize("row", ROWS)
@given(data=BYTES, cuts=st.lists(st.integers(0, 1000), max_size=6), which=st.integers(0, 20))
@settings(max_examples=40)
def test_chunks_do_not_matter(row: ScaleProtocol, data: bytes, cuts: list[int], which: int) -> None:
    """The network cuts where it likes; the operator must see the same weights and the same refusals."""
    frames = sound_frames(row)
    stream = data + frames[which % len(frames)] + data + frames[0]
    whole, cut = Framer(row), Framer(row)
    assert in_chunks(cut, stream, cuts) == in_chunks(whole, stream, [])
    assert whole.pending_bytes == cut.pending_bytes <= row.longest + 2


@pytest.mark.parametrize("row", ROWS)
@given(data=BYTES)
@settings(max_examples=60)
def test_random_bytes_never_crash(row: ScaleProtocol, data: bytes) -> None:
    """A defective indicator or the wrong cable must not stop the scale agent."""
    framer = Framer(row)
    for item in framer.feed(data):
        if isinstance(item, ScaleReading):
            assert weights(row.decode(item.raw)) == weights(item)
            json.dumps(told(item))
    assert refused(row, data) or told(row.decode(data))


@pytest.mark.parametrize("row", ROWS)
def test_a_flood_of_anything_stays_small(row: ScaleProtocol) -> None:
    """A line stuck at one byte for a night must not fill the memory of the computer at the gate."""
    for byte in (0x02, 0x0A, 0x0D, 0x20, 0x3D, 0x53, 0x57, 0x77, 0xFF):
        framer = Framer(row)
        found = framer.feed(bytes([byte]) * 3000)
        assert framer.pending_bytes <= row.longest + 2
        assert framer.skipped_bytes <= 3000
        assert not any(isinstance(item, ScaleReading) for item in found)


@pytest.mark.parametrize("row", [case for case in ROWS if case.values[0].name not in NO_CHECK])
def test_one_changed_byte_never_becomes_another_weight(row: ScaleProtocol) -> None:
    """Interference on the line would be settled in money; every byte is changed into every other one."""
    at_site = Settings(check=row.check)
    for frame in sound_frames(row):
        if refused(row, frame, at_site):
            continue
        true = weights(row.decode(frame, at_site))
        for at in range(len(frame)):
            for byte in set(range(256)) - {frame[at]}:
                changed = frame[:at] + bytes([byte]) + frame[at + 1 :]
                assert refused(row, changed, at_site) or weights(row.decode(changed, at_site)) == true


@pytest.mark.parametrize("row", [case for case in ROWS if case.values[0].name not in NO_CHECK])
@given(at=st.integers(0, 100), byte=st.integers(0, 255), data=st.data())
@settings(max_examples=150)
def test_a_changed_byte_in_a_stream_loses_a_frame_at_most(
    row: ScaleProtocol, at: int, byte: int, data: st.DataObject
) -> None:
    """The next frames must still be read, and none of them as something the display never showed."""
    at_site = Settings(check=row.check)
    frames = [frame for frame in sound_frames(row) if not refused(row, frame, at_site)]
    frame = data.draw(st.sampled_from(frames))
    stream = bytearray(frame * 4)
    stream[len(frame) + at % len(frame)] = byte
    true = weights(row.decode(frame, at_site))
    found = [item for item in Framer(row, at_site).feed(bytes(stream)) if isinstance(item, ScaleReading)]
    assert {weights(item) for item in found} == {true}
    assert len(found) >= 2


def test_the_table_says_which_protocols_have_no_check() -> None:
    """An operator who relies on a check that does not exist would not look for noise on the line."""
    assert {
        "yaohua_equals_reversed",
        "yaohua_equals_forward",
        "yaohua_a12_wn_text",
        "mt_sics",
        "st_gs_text",
        "cas_22",
        "rice_lake_consolidated",
        "rice_lake_edp",
        "sma_level1",
    } == NO_CHECK
    assert {name for name, row in PROTOCOLS.items() if row.assumed} == {"yaohua_xk3190_a22_command"}
    assert len(PROTOCOLS) == 15


@pytest.mark.parametrize("row", ROWS)
def test_a_line_with_parity_is_read(row: ScaleProtocol) -> None:
    """Many indicators speak 7E1 into converters set to 8N1; their bit 7 is parity, not data."""
    for frame in sound_frames(row):
        fields = told(row.decode(frame))
        for parity in ("even", "odd", "mark"):
            fields["parity"], fields["parity_bit_present"] = parity, True
            with_parity = row.encode(fields)
            assert weights(row.decode(with_parity)) == weights(row.decode(frame))
            assert row.decode(with_parity).facts["parity"] == parity


@given(
    st.lists(st.booleans(), min_size=1, max_size=12), st.sampled_from(["toledo_continuous", "toledo_short"])
)
def test_a_line_without_the_check_byte_is_told_apart(tares: list[bool], name: str) -> None:
    """Many Toledo lines leave the check away; read as the other kind they would lose every second frame."""
    row = PROTOCOLS[name]
    for checked in (None, True):
        frames = [row.encode({"displayed": 1000 + 20 * n, "checksum_ok": checked}) for n in range(len(tares))]
        stream = b"".join(frames) + frames[0]
        found = [item for item in Framer(row).feed(stream) if isinstance(item, ScaleReading)]
        assert [item.raw for item in found][: len(frames)] == frames


@given(st.integers(-999_999, 999_999), st.integers(0, 4), st.sampled_from(sorted(PROTOCOLS)))
@settings(max_examples=400)
def test_what_is_written_is_read(digits: int, decimals: int, name: str) -> None:
    """The simulated indicators would otherwise show other weights than the scale agents read."""
    row, shown = PROTOCOLS[name], Decimal(digits).scaleb(-decimals)
    fields: dict[str, object] = {"displayed": float(shown), "decimals": decimals}
    if "command" in name:
        fields = {"command": "B", "direction": "indicator->host", "gross": float(shown), "decimals": decimals}
    try:
        frame = row.encode(fields)
    except FrameRefused as refusal:
        event(refusal.code)
        return
    assert row.decode(frame).displayed == shown


def test_the_common_display_can_be_written_in_every_protocol() -> None:
    """A refusal of every display would pass the test above."""
    for row in PROTOCOLS.values():
        assert row.decode(sound_frames(row)[-1]).displayed == 45_680


NAMES = sorted(
    {name for row in PROTOCOLS.values() for frame in sound_frames(row) for name in told(row.decode(frame))}
    | {"truck_no", "condition", "error", "parity"}
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(["gross", "net", "kg", "t", "A", "B", "indicator->host", "overload", "even"]),
    st.dictionaries(st.sampled_from(["stable", "zero", "x"]), st.booleans(), max_size=2),
)


@given(st.sampled_from(sorted(PROTOCOLS)), st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
@settings(max_examples=1500)
def test_any_object_is_written_or_refused(name: str, fields: dict[str, object]) -> None:
    """A line of JSON from another program must not end the pipe, nor fill it."""
    row = PROTOCOLS[name]
    try:
        frame = row.encode(fields)
    except FrameRefused:
        return
    assert len(frame) <= row.longest
    assert not refused(row, frame)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"displayed": 1_000_000}, "displayed"),
        ({"displayed": "much"}, "displayed"),
        ({"displayed": float("nan")}, "displayed"),
        ({"displayed": 1, "decimals": 5}, "decimals"),
        ({"displayed": 1, "decimals": True}, "decimals"),
        ({"displayed": 1, "parity": "space"}, "parity"),
        ({"displayed": 1, "unit": "kg"}, "unit"),
        ({"displayed": 1, "sign": 2}, "sign"),
        ({}, "displayed"),
    ],
)
def test_an_impossible_frame_is_not_written(fields: dict[str, object], word: str) -> None:
    """A simulator that writes impossible frames would test nothing; the refusal names the field."""
    with pytest.raises(FrameRefused, match=word):
        PROTOCOLS["yaohua_xk3190_continuous"].encode(fields)


@pytest.mark.parametrize(
    "wrong", [Settings(check=Check.SUM7), Settings(decimals=9), Settings(sign=0), Settings(check=Check.NONE)]
)
def test_a_setting_that_the_protocol_does_not_have_is_refused(wrong: Settings) -> None:
    """A mistyped site file would otherwise weigh without its check."""
    with pytest.raises(FrameRefused):
        Framer(PROTOCOLS["yaohua_xk3190_continuous"], wrong)


def test_an_unknown_protocol_is_named() -> None:
    """An installer who mistypes a name must see the names there are."""
    with pytest.raises(FrameRefused, match="yaohua_xk3190_continuous"):
        protocol("yaohua")


@pytest.mark.parametrize(
    ("unit", "decimals", "sign", "shown"),
    [("kg", 0, 1, "45680"), (None, None, 1, "456.80"), ("t", 3, 1, "45.680"), ("kg", -1, -1, "-456800")],
)
def test_the_site_overrides_unit_decimals_and_sign(
    unit: str | None, decimals: int | None, sign: int, shown: str
) -> None:
    """Products disagree on what the frame says; the commissioning against the display decides."""
    row = PROTOCOLS["yaohua_xk3190_continuous"]
    frame = row.encode({"displayed": 456.8, "decimals": 2})
    reading = row.decode(frame, Settings(unit=unit, decimals=decimals, sign=sign))
    assert (reading.displayed, reading.unit) == (Decimal(shown), unit)


def test_a_check_that_is_ignored_is_said_to_be_so() -> None:
    """A site that reads without the check must not look like one that reads with it."""
    row = PROTOCOLS["yaohua_xk3190_continuous"]
    frame = row.encode({"displayed": 20})[:9] + b"00\x03"
    with pytest.raises(FrameRefused):
        row.decode(frame)
    reading = row.decode(frame, Settings(check=Check.IGNORED))
    assert (reading.displayed, reading.facts["checksum_ok"]) == (20, None)
