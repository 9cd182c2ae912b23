"""How long does one position report of a terminal (JT/T 808, 0x0200) take to decode?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.lines import Line, middle
from devices.codecs import jt808
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.positions import make_position

ROUNDS = 7
TIMES = 3000


def measure() -> Iterator[Line]:
    """Yield the microseconds for one frame, from bytes to fields."""
    frame = _frame()
    jt808.decode(frame)
    costs = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(TIMES):
            jt808.decode(frame)
        costs.append(1e6 * (time.process_time() - start) / TIMES)
    yield Line("decode one 0x0200 (JT/T 808)", middle(costs), "us", note=f"{len(frame)} bytes")


def _frame() -> bytes:
    """Return the report of a moving vehicle with its mileage and its signal strength."""
    body = make_position(
        30.5928,
        114.3055,
        datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
        altitude_m=23,
        speed_kmh=52.3,
        course_deg=87,
        items=((0x01, (123_456).to_bytes(4, "big")), (0x30, b"\x1f"), (0x31, b"\x0b")),
    )
    return jt808.encode(jt808.Message(jt808.POSITION, Version.V2019, "13800138000", 7, body))
