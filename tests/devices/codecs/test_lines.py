"""Can captured frames go through a pipe as JSON lines and come back as the same bytes?"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from devices.codecs import FrameRefused
from devices.codecs.lines import MAX_LINE, decode_lines, decode_stream, encode_lines, read_lines
from devices.codecs.protocols import PROTOCOLS, Lines, open_protocol

DATA = Path(__file__).parents[1] / "data" / "jt808" / "vectors.jsonl"
SOUND = [
    bytes.fromhex(vector.get("wire_hex") or vector["hex"])
    for vector in map(json.loads, DATA.read_text("utf-8").splitlines())
    if vector["scope"] == "frame" and vector["frame_ok"]
]
HEARTBEAT = "7e000200000123456789017fff0a7e"


def jt808(**settings: str) -> Lines:
    """Open the protocol anew."""
    return open_protocol("jt808", settings)


def told(lines: list[str], protocol: Lines | None = None) -> list[dict[str, object]]:
    """Decode lines of digits."""
    given = [line.encode() for line in lines]
    return [json.loads(line) for line in decode_lines(given, protocol or jt808())]


def test_what_is_decoded_encodes_to_the_same_bytes() -> None:
    """A tester who edits one field of a captured frame must change nothing else."""
    hexed = [frame.hex().encode() for frame in SOUND]
    objects = list(decode_lines(hexed, jt808()))
    assert len(objects) == len(hexed)
    whole = [
        pair for pair in zip(hexed, objects, strict=True) if not {b"error", b"subpackage"} & keys(pair[1])
    ]
    assert len(whole) > 230
    assert list(encode_lines([line for _, line in whole], jt808())) == [frame for frame, _ in whole]


def keys(line: bytes) -> set[bytes]:
    """Return what is special about a told frame."""
    value = json.loads(line)
    return {name.encode() for name in ("error", "subpackage") if value.get(name)}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("zz", "bad_hex"),
        ("7e0", "bad_hex"),
        ("7e02", "bad_delimiter"),
        (HEARTBEAT.replace("0a7e", "0b7e"), "bad_checksum"),
        ("7e8001000201380000000100010000ba7e", "bad_length"),
        ("7e0801040500123456789002de001a000221757e", "encrypted"),
    ],
)
def test_a_refused_line_is_told_in_its_place(line: str, code: str) -> None:
    """A pipe that stops at the first bad line loses the evidence after it."""
    refused, sound = told([line, "", f" {HEARTBEAT[:8]} {HEARTBEAT[8:]} \r\n"])
    assert refused["error"] == code
    assert refused["detail"]
    assert sound["msg_id"] == "0x0002"


def test_a_reply_without_a_body_is_told_and_confirms_nothing() -> None:
    """Some platforms send it; a log with one is no broken log."""
    [one] = told(["7e8001400001123456789012345620190001107e"])
    assert (one["msg_id"], one["quirks"]) == ("0x8001", ["body_missing"])
    assert not {"error", "result", "ack_serial"} & one.keys()


def test_a_stream_is_told_frame_by_frame() -> None:
    """A capture of a socket has noise before, between and after its frames."""
    stream = io.BytesIO(b"\x01\x02" + bytes.fromhex(HEARTBEAT) * 2 + bytes.fromhex(HEARTBEAT)[:9])
    found = [json.loads(line) for line in decode_stream(stream, jt808())]
    assert [one.get("error", one.get("msg_id")) for one in found] == [
        "noise",
        "0x0002",
        "0x0002",
        "bad_length",
    ]


def test_an_object_that_cannot_be_written_is_told() -> None:
    """A command with a typing error must not reach a terminal as something else."""
    lines = [
        b"{",
        b"[]",
        b'{"msg_id": "0x8300"}',
        b'{"msg_id": "0x8104", "phone": "1", "edition": []}',
        b'{"msg_id": "0x8104", "phone": "13800000001", "serial": 5}',
    ]
    *refused, frame = encode_lines(lines, jt808())
    assert [json.loads(line)["error"] for line in refused] == ["bad_json"] * 2 + ["bad_field"] * 2
    assert told([frame.decode()])[0]["msg_id"] == "0x8104"


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        ({"zone": "+00:00"}, "time_utc", "2021-09-17T17:11:26Z"),
        ({"model": "external_power"}, "item_values", {"odometer_m": 314100, "power_v": 75.4}),
        ({"swapped": "yes"}, "lat", 104.816201),
        ({"edition": "2011"}, "edition", "2011"),
    ],
)
def test_the_settings_of_a_device_count(settings: dict[str, str], name: str, value: object) -> None:
    """Two models send one number with two meanings; the same frame must be told by its own device's."""
    frame = (
        "7e0200002c0138083582460440000000000000000301d37b35063f5e4901a0014a011b2109171711260104"
        "00000c4530011531010461021d74a27e"
    )
    (found,) = told([frame], jt808(**settings))
    ours = found[name]
    assert {**ours, **value} == ours if isinstance(value, dict) and isinstance(ours, dict) else ours == value


@pytest.mark.parametrize(
    "settings",
    [{"colour": "red"}, {"zone": "Berlin"}, {"model": "none"}, {"edition": "1999"}, {"swapped": "1"}],
)
def test_a_setting_that_does_not_exist_is_refused(settings: dict[str, str]) -> None:
    """A misspelt setting would silently leave a device's clock eight hours off."""
    with pytest.raises(FrameRefused):
        jt808(**settings)


def test_a_line_without_end_is_cut() -> None:
    """A file that is no text must not be read into memory whole."""
    sizes = [len(line) for line in read_lines(io.BytesIO(b"0" * (MAX_LINE + 10)))]
    assert sizes == [MAX_LINE, 10]


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_of_the_table_opens(name: str) -> None:
    """A name in the command's help that leads nowhere would end in a stack trace."""
    assert next(decode_lines([b"00"], open_protocol(name, {}))).startswith(b'{"error"')


def test_the_parts_of_many_terminals_messages_are_joined_and_written_again() -> None:
    """A gateway's log holds hundreds of replays at once, one among the other, and long photographs."""
    texts = {number: f"{number:03d}" * 700 for number in range(40)}
    split = [
        list(
            encode_lines(
                [
                    json.dumps(
                        {"msg_id": "0x8300", "phone": f"138{n:08d}", "text_flag": 1, "text": t}
                    ).encode()
                ],
                jt808(),
            )
        )
        for n, t in texts.items()
    ]
    frames = [part.decode() for turn in zip(*(parts[::-1] for parts in split), strict=True) for part in turn]
    objects = told(frames)
    whole = [one for one in objects if one.get("reassembled")]
    assert [one["text"] for one in whole] == list(texts.values())
    again = encode_lines([json.dumps(one).encode() for one in objects], jt808())
    assert [line.decode() for line in again] == frames


def test_a_photograph_of_hundreds_of_parts_is_joined() -> None:
    """A camera's picture is longer than a gateway would keep of one terminal."""
    picture = bytes(range(256)) * 1_400
    medium = {
        "msg_id": "0x0801", "phone": "13800000001", "id": 1, "batch_type": 0, "format": 0, "event": 1,
        "channelId": 1, "lat": 30.5, "lon": 114.3, "time_local": "2026-11-20 08:00:00", "data": picture.hex(),
    }  # fmt: skip
    parts = [line.decode() for line in encode_lines([json.dumps(medium).encode()], jt808())]
    assert len(parts) > 300
    assert told(parts)[-1]["data"] == picture.hex()


def test_an_item_without_its_number_is_refused_by_its_name() -> None:
    """A slip in one line must not end the command and cost the lines after it."""
    place = {"msg_id": "0x0200", "phone": "1", "lat": 30.5, "lon": 114.3, "time_local": "2026-11-20 08:00:00"}
    odd = json.dumps(place | {"items": [{"hex": "00"}]}).encode()
    refused, sound = encode_lines([odd, b"\xef\xbb\xbf" + json.dumps(place).encode()], jt808())
    assert json.loads(refused) == {"error": "bad_field", "detail": "id: missing"}
    assert told([sound.decode()])[0]["lat"] == 30.5
