"""How long does one position report of a terminal (JT/T 808, 0x0200) take to become a typed record?

The reference is the least that Python can do with the same bytes: one `struct.unpack` of the header, the
fixed fields and the five items, after the escapes, with neither check nor names.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from benchmarks.lines import Line, middle
from devices.codecs import jt808
from devices.codecs.jt808.framing import unescape
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.positions import make_position

ROUNDS = 9
TIMES = 5000
AIM_US = 6.0
ITEMS = (
    (0x01, (123_456).to_bytes(4, "big")),
    (0x02, b"\x01\xf4"),
    (0x25, bytes(4)),
    (0x30, b"\x1f"),
    (0x31, b"\x0b"),
)
_LAYOUT = struct.Struct(">HHB10sHIIIIHHH6sBB4sBB2sBB4sBB1sBB1sB")


def measure() -> Iterator[Line]:
    """Yield the microseconds of CPU for one frame: the reference, the record, the reading."""
    frame = _frame()
    settings = jt808.Settings()
    body = jt808.decode(frame).body
    assert isinstance(body, jt808.Position)
    assert len(body.items) == len(ITEMS)
    bare = _microseconds(lambda: _LAYOUT.unpack(unescape(frame)))
    record = _microseconds(lambda: jt808.decode(frame))
    reading = _microseconds(lambda: jt808.to_reading(body, 1, settings))
    size = f"{len(frame)} bytes, five items"
    yield Line(
        "decode one 0x0200 (JT/T 808) to a typed record",
        record,
        "us",
        reference=bare,
        target=AIM_US,
        note=f"{size}; {record / bare:.1f} x a bare struct.unpack",
    )
    yield Line("that record to a reading (WGS-84, UTC, items by name)", reading, "us", note=size)


def _microseconds(act: Callable[[], object]) -> float:
    """Return the middle of several rounds, in microseconds of CPU for one turn."""
    act()
    costs = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(TIMES):
            act()
        costs.append(1e6 * (time.process_time() - start) / TIMES)
    return middle(costs)


def _frame() -> bytes:
    """Return the report of a moving vehicle with mileage, fuel, signals, network and satellites."""
    body = make_position(
        30.5928,
        114.3055,
        datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
        altitude_m=23,
        speed_kmh=52.3,
        course_deg=87,
        items=ITEMS,
    )
    return jt808.encode(jt808.Message(jt808.POSITION, Version.V2019, "13800138000", 7, body))
