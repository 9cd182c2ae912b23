"""How does a vehicle of the small market tell where it is?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from devices.codecs.telemetry_json import encode_positions, topic
from devices.readings import PositionReading
from tests.factories.trade import Market
from tracking.fleet import service as fleet
from tracking.fleet.rules import DeviceKind
from tracking.fleet.service import NewDevice
from tracking.fleet.tables import Device
from tracking.pipeline import Message, handle_batch


def drive(market: Market, vehicle_id: UUID, places: Sequence[tuple[float, float]], kmh: float = 60) -> None:
    """Send one position a minute, (lat, lon), as the vehicle's terminal does."""
    device_id = f"terminal-{vehicle_id.hex[-6:]}"
    with market.work() as work:
        if work.session.get(Device, device_id) is None:
            fleet.enrol_device(work, NewDevice(device_id, "t1", DeviceKind.VEHICLE, vehicle_id=vehicle_id))
    first = int((market.at.timestamp() - 1_700_000_000) // 1)
    readings = []
    for number, (lat, lon) in enumerate(places):
        market.at += timedelta(minutes=1)
        reading = PositionReading(
            seq=first + number, device_time=market.at, lat=lat, lon=lon, speed_kmh=kmh, course_deg=90
        )
        readings.append(reading)
    payload = encode_positions(1, readings)
    with market.work() as work:
        handle_batch(work, [Message(topic("t1", device_id, "pos"), payload, market.at)])
