"""Does a mission run from the first fix to the last ticket, through the real gateway and the real agents?"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from devices.codecs.jt808 import Version
from devices.codecs.telemetry_json import verify_weighing
from devices.outbox import Outbox
from devices.readings import WeighingReading
from devices.simulator.fleet import Mission, Phase
from devices.simulator.missions import WAITS
from devices.simulator.roads import Point, distance_m
from devices.simulator.scale import IndicatorRule
from devices.simulator.terminal import Faults
from devices.simulator.world import ScaleSpec, SimulatedWorld, VehicleSpec, WorldConfig
from devices.transports import Publisher
from devices.transports.memory import MemoryPublisher
from devices.weighbridge.deck import DeckRule

START = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
WORKS, KILN = Point(114.95, 30.12), Point(114.86, 30.42)


def fast_clock(speed: float) -> Callable[[], datetime]:
    """Make a clock that runs `speed` times real time."""
    begun = time.monotonic()
    return lambda: START + timedelta(seconds=(time.monotonic() - begun) * speed)


def config(folder: Path) -> WorldConfig:
    """Make a world of two trucks and two scales in which everything is quick and much goes wrong."""
    return WorldConfig(
        mqtt_host="unused",
        mqtt_port=0,
        data_dir=folder,
        vehicles=(
            VehicleSpec("truck-1", "13800000001", "鄂B12345", Version.V2011, "t1", 1, Point(115.0, 30.2)),
            VehicleSpec("truck-2", "13800000002", "鄂B54321", Version.V2019, "t1", 1, Point(114.9, 30.3)),
        ),
        scales=(
            ScaleSpec("scale-1", "t1", 1, WORKS, folder / "scale-1.key"),
            ScaleSpec("scale-2", "t2", 1, KILN, folder / "scale-2.key"),
        ),
        seed=11,
        now=fast_clock(2000),
        moving_s=60,
        standing_s=600,
        tick_s=0.02,
        faults=Faults(duplicate=0.05, corrupted=0.0, blind_hours=0.8),
        indicator=IndicatorRule(hz=100, settle_s=0.1, clear_frames=3),
        deck=DeckRule(frames=6, seconds=0.05),
    )


def mission(number: int, vehicle: str) -> Mission:
    """Make a mission that nobody has to release but at its departure."""
    return Mission(
        id=f"m{number}",
        vehicle_id=vehicle,
        origin=WORKS,
        destination=KILN,
        tare_kg=15_240,
        gross_kg=44_860,
        origin_scale="scale-1",
        destination_scale="scale-2",
        auto_release=WAITS - {Phase.WAIT_DEPARTURE},
        dwell_s=60,
    )


def until(condition: Callable[[], bool], patience_s: float = 40) -> None:
    """Wait for something that must come."""
    ends = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)


def test_two_trucks_carry_a_load_each_and_every_word_arrives(tmp_path: Path) -> None:
    """The demonstration would stand still, or its tickets would not prove what was carried."""
    heard: dict[str, MemoryPublisher] = {}

    def publisher(
        outbox: Outbox, device: str, _password: str | None, counters: Callable[[], dict[str, int]]
    ) -> Publisher:
        heard[device] = MemoryPublisher(outbox, device, counters=counters)
        return heard[device]

    world = SimulatedWorld(config(tmp_path), publisher=publisher)
    keys = world.public_keys()
    world.start()
    try:
        for number, vehicle in enumerate(("truck-1", "truck-2")):
            world.assign(mission(number, vehicle))
        until(lambda: {s.phase for s in world.status()} == {Phase.WAIT_DEPARTURE})
        assert all(s.waiting for s in world.status())
        for number in range(2):
            world.release(f"m{number}", Phase.WAIT_DEPARTURE)
        until(lambda: {s.phase for s in world.status()} == {Phase.DONE})
        until(lambda: world.metrics()["gateway_waiting"] == 0)
        metrics = world.metrics()
    finally:
        world.stop()
    assert metrics["missions"] == {"done": 2}
    for scale in ("scale-1", "scale-2"):
        tickets = [reading for _, _, reading in heard[scale].weighings]
        assert all(verify_weighing(scale, 1, ticket, keys[scale]) for ticket in tickets)
        assert [ticket.ticket_number for ticket in tickets] == [1, 2, 3, 4]
        assert all(b.previous_hash == a.ticket_hash for a, b in pairwise(tickets))
        assert abs(_net(tickets, "鄂B12345") - 29_620) <= 400
    for truck in ("truck-1", "truck-2"):
        readings = [reading for device, reading in heard["gateway-demo"].positions if device == truck]
        assert len({r.seq for r in readings}) == len(readings) > 20
        last = max(readings, key=lambda r: r.device_time)
        assert distance_m(Point(last.lon, last.lat), KILN) < 3_000


def _net(tickets: list[WeighingReading], plate: str) -> int:
    weights = [ticket.weight_kg for ticket in tickets if ticket.plate == plate]
    assert len(weights) == 2
    return max(weights) - min(weights)


def test_a_world_that_cannot_listen_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """A demonstration that hangs on a taken port tells its user nothing."""

    def publisher(
        outbox: Outbox, device: str, _password: str | None, counters: Callable[[], dict[str, int]]
    ) -> Publisher:
        return MemoryPublisher(outbox, device, counters=counters)

    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        world = SimulatedWorld(replace(config(tmp_path), gateway_port=port), publisher=publisher)
        with pytest.raises(OSError, match="in use"):
            world.start()
        world.stop()
    again = SimulatedWorld(config(tmp_path), publisher=publisher)
    assert again.public_keys() == world.public_keys()
    again.start()
    again.stop()
