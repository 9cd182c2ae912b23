"""Are the indicators' protocols there for the commands, by the names of the table?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from devices.codecs import FrameRefused, protocols
from devices.codecs.scales import PROTOCOLS

DATA = Path(__file__).parents[2] / "data" / "weighbridge" / "vectors.jsonl"
VECTORS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


def test_every_indicator_can_be_decoded_from_the_shell() -> None:
    """An installer who finds a protocol by commissioning must be able to look at its frames."""
    assert set(PROTOCOLS) <= set(protocols.PROTOCOLS)
    with pytest.raises(AttributeError):
        protocols.import_module("devices.codecs.scales.lines").nothing  # noqa: B018


@pytest.mark.parametrize("name", PROTOCOLS)
def test_frames_are_values_and_values_frames(name: str) -> None:
    """A frame decoded in one pipe and encoded in the next must come out as it went in."""
    lines = protocols.open_protocol(name, {})
    frames = [v for v in VECTORS if v["protocol"] == name and v["scope"] == "frame"]
    for vector in frames:
        frame = bytes.fromhex(vector["hex"])
        try:
            values = lines.decode(frame)
        except FrameRefused:
            continue
        assert lines.encode(json.loads(json.dumps(values))) == [frame]


def test_a_stream_ends_with_what_was_begun() -> None:
    """Bytes that are silently dropped at the end would look like a frame that never came."""
    lines = protocols.open_protocol("yaohua_xk3190_continuous", {"unit": "kg"})
    found = lines.feed(b"??\x02+045680014\x03??\x02+0")
    assert [item["displayed"] if isinstance(item, dict) else item.code for item in found] == ["noise", 45_680]
    assert [left.code for left in lines.close() if isinstance(left, FrameRefused)] == ["noise", "bad_length"]
    assert lines.close() == []


def test_the_last_frame_without_a_check_is_not_lost() -> None:
    """Only the next frame tells that no check byte follows; at the end of a capture there is none."""
    lines = protocols.open_protocol("toledo_continuous", {})
    assert lines.feed(b"\x0210 045680     0\r") == []
    (last,) = lines.close()
    assert isinstance(last, dict)
    assert (last["displayed"], last["checksum_ok"]) == (45_680, None)
    checked = bytes.fromhex("023130202034353638302020202020300d79")
    assert len(lines.feed(checked * 2 + checked[:17])) == 2
    assert [left.code for left in lines.close() if isinstance(left, FrameRefused)] == ["bad_length"]


@pytest.mark.parametrize(
    "settings",
    [{"zone": "+08:00"}, {"decimals": "many"}, {"sign": "2"}, {"check": "crc"}, {"check": "sum7"}],
)
def test_a_setting_that_no_scale_has_is_refused(settings: dict[str, str]) -> None:
    """A mistyped setting that is quietly left out would show another weight than asked for."""
    with pytest.raises(FrameRefused) as refusal:
        protocols.open_protocol("yaohua_xk3190_continuous", settings)
    assert refusal.value.code == "bad_field"


def test_settings_change_what_is_told() -> None:
    """An installer tries settings here before the scale is set to them."""
    set_to = {"unit": "t", "decimals": "3", "sign": "-1", "check": "ignored"}
    lines = protocols.open_protocol("yaohua_xk3190_continuous", set_to)
    told = lines.decode(b"\x02+0456800ZZ\x03")
    assert (told["displayed"], told["unit"], told["checksum_ok"]) == (-45.68, "t", None)
