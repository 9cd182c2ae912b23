"""Do all weighbridge vectors read as their sources say, and write back to the same bytes?"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales import PROTOCOLS, Framer, Settings, told
from devices.readings import ScaleReading

DATA = Path(__file__).parents[2] / "data" / "weighbridge" / "vectors.jsonl"
VECTORS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
REASONS = {
    "wb-s-0057": RefusalCode.BAD_FIELD,
    "wb-s-0064": RefusalCode.BAD_CHECKSUM,
    "wb-s-0077": RefusalCode.BAD_LENGTH,
}
"""Which refusal each vector that is no frame must get."""
STREAM_CLAIMS = {"frames", "pending_bytes", "skipped_bytes", "complete", "must_wait"}


def must_reject(vector: dict) -> bool:
    """Tell whether the source says that these bytes are no weight."""
    expected = vector["expected"]
    return bool(expected.get("must_reject")) or expected.get("checksum_ok") is False


def at_the_site(vector: dict) -> Settings:
    """Set the unit that a source knows of the site where the frame itself states none."""
    row = PROTOCOLS[vector["protocol"]]
    return Settings(unit=None if "unit" in row.states else vector["expected"].get("unit"))


def test_all_vectors_are_present() -> None:
    """A truncated data file would let the codecs pass unproven."""
    assert len({vector["id"] for vector in VECTORS}) == len(VECTORS) == 95
    assert Counter(vector["scope"] for vector in VECTORS) == {"frame": 88, "stream": 7}
    assert {vector["id"] for vector in VECTORS if must_reject(vector)} == set(REASONS)
    assert set(PROTOCOLS) - {vector["protocol"] for vector in VECTORS} == {"yaohua_xk3190_a22_command"}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['id']}-{vector['protocol']}")
def test_every_vector_is_read_as_its_source_says(vector: dict) -> None:
    """A frame read otherwise than the display shows is a wrong weight on somebody's ticket."""
    data = bytes.fromhex(vector["hex"])
    if vector["scope"] == "stream":
        assert_stream(vector, data)
    elif must_reject(vector):
        assert_refused(vector, data)
    else:
        assert_frame(vector, data)


def assert_frame(vector: dict, frame: bytes) -> None:
    """Read one frame alone, in a stream and back to bytes; compare every claim of the source."""
    row = PROTOCOLS[vector["protocol"]]
    reading = row.decode(frame, at_the_site(vector))
    read = json.loads(json.dumps(told(reading)))
    assert {name: read.get(name, "not told") for name in vector["expected"]} == vector["expected"]
    assert reading.raw == frame
    assert row.encode(json.loads(json.dumps(told(row.decode(frame))))) == frame
    later = row.encode(told(row.decode(frame)))
    found = Framer(row).feed(frame + later + later)
    assert [item.displayed for item in found if isinstance(item, ScaleReading)][:2] == [reading.displayed] * 2
    assert not any(isinstance(item, FrameRefused) for item in found)


def assert_refused(vector: dict, frame: bytes) -> None:
    """Refuse with the reason, alone and in a stream, and never give a weight."""
    row = PROTOCOLS[vector["protocol"]]
    with pytest.raises(FrameRefused) as refusal:
        row.decode(frame)
    assert refusal.value.code is REASONS[vector["id"]]
    assert not any(isinstance(item, ScaleReading) for item in Framer(row).feed(frame))


def assert_stream(vector: dict, data: bytes) -> None:
    """Find the readings of a stream, whole and byte by byte."""
    expected, row = vector["expected"], PROTOCOLS[vector["protocol"]]
    assert set(expected) <= STREAM_CLAIMS
    for size in (len(data), 1, 5):
        framer = Framer(row)
        found = [item for at in range(0, len(data), size) for item in framer.feed(data[at : at + size])]
        shown = [told(item)["displayed"] for item in found if isinstance(item, ScaleReading)]
        assert shown == expected.get("frames", [])
        assert framer.pending_bytes == expected.get("pending_bytes", len(data) if not shown else 0)
        assert framer.skipped_bytes == expected.get("skipped_bytes", framer.skipped_bytes)
