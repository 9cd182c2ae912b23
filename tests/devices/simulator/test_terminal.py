"""Does a simulated terminal deliver every fix once, over a line on which everything goes wrong?"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devices.codecs.jt808 import Version
from devices.codecs.terminals import Terminal
from devices.gateway.registry import TerminalRegistry, write_registry
from devices.gateway.server import Gateway
from devices.outbox import Outbox
from devices.readings import Load
from devices.simulator.terminal import NO_FAULTS, FaultPlan, Faults, SimulatedTerminal, TerminalLine
from devices.simulator.vehicle import Fix
from devices.transports.memory import MemoryPublisher

START = datetime(2026, 11, 20, tzinfo=UTC)
PHONE = "13800000001"


def fix(second: int) -> Fix:
    """Make the fix of one second."""
    at = START + timedelta(seconds=second)
    return Fix(at, 30.5, 114.3 + second / 1e5, 33, 61.2, 90, 1_234_500 + second, 12, True, Load.FULL)


def delivered(folder: Path, faults: Faults, version: Version) -> tuple[MemoryPublisher, dict[str, int]]:
    """Send two hours of fixes, one a minute, with a cut of the line in the middle."""
    outbox = Outbox(folder / "o.db")
    outbox.enrol("gateway-1", "t1", 1)
    publisher = MemoryPublisher(outbox, "gateway-1")
    path = folder / "terminals.json"
    write_registry(path, [Terminal(PHONE, "truck-1", "t1", 1, plate="鄂A12345")])

    async def story() -> dict[str, int]:
        gateway = Gateway(outbox, TerminalRegistry(path), publisher, lambda: START)
        await gateway.start()
        line = TerminalLine(
            PHONE, "鄂A12345", version, "127.0.0.1", gateway.port, reply_s=0.2, reconnect_s=0.01
        )
        terminal = SimulatedTerminal(line, FaultPlan(2, PHONE, faults))
        task = asyncio.create_task(terminal.run())
        for minute in range(121):
            terminal.offer(fix(minute * 60))
            if minute == 60:
                for writer in list(gateway._by_device.values()):
                    writer.writer.close()
            await asyncio.sleep(0.005)
        while terminal.waiting:
            terminal.offer(fix(7200 + terminal.waiting))
            await asyncio.sleep(0.05)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await gateway.stop()
        return dict(gateway.counters)

    counters = asyncio.run(asyncio.wait_for(story(), 60))
    outbox.close()
    return publisher, counters


def test_a_bad_line_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """A terminal that gives up on a fix leaves a hole in the proof of the way."""
    faults = Faults(duplicate=0.2, corrupted=0.1, blind_hours=1.0, skew_s=5)
    publisher, counters = delivered(tmp_path, faults, Version.V2019)
    times = [reading.device_time for _, reading in publisher.positions]
    skew = FaultPlan(2, PHONE, faults).skew
    assert {START + timedelta(minutes=m) + skew for m in range(121)} <= set(times)
    assert len(set(times)) == len(times)
    assert counters["refused_bad_checksum"] > 0
    assert counters["duplicates"] > 0
    assert any(reading.replayed for _, reading in publisher.positions)


def test_a_good_line_carries_what_the_truck_knows(tmp_path: Path) -> None:
    """Speed, odometer and load are what the trip checks live on."""
    publisher, _ = delivered(tmp_path, NO_FAULTS, Version.V2011)
    readings = sorted((r for _, r in publisher.positions), key=lambda r: r.device_time)
    assert [(r.device_time, r.load, r.ignition) for r in readings[:2]] == [
        (START, Load.FULL, True),
        (START + timedelta(minutes=1), Load.FULL, True),
    ]
    assert (readings[0].speed_kmh, readings[0].odometer_m, readings[0].satellites) == (61.2, 1_234_500, 12)
