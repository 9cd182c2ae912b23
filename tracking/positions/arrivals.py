"""What has come in, of when is it, and is it believed?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from devices.codecs.position_json import Told, ToldPosition
from devices.codecs.wire import JsonObject, from_millis, to_millis
from tracking.positions.rules import Fix, exclusion, moment_of

_encode = msgspec.json.Encoder(order="deterministic").encode


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A position on its way into the database: of when, and why it is not believed.

    `at_ms` is `moment_of(told)`; `extra` is what the device said beyond the contract. What takes time is
    worked out when it is asked for: there are thousands in a batch.
    """

    told: ToldPosition
    at_ms: int
    received_at: datetime
    excluded: str | None = None
    extra: JsonObject = {}

    @property
    def seq(self) -> int:
        """Return the number under which the device sent it."""
        return self.told.seq

    @property
    def at(self) -> datetime:
        """Return the moment by which positions are put in order."""
        return from_millis(self.at_ms)

    @property
    def content(self) -> bytes:
        """Return the SHA-256 of what it says; `replayed` is left out, for a resend may set it."""
        told = self.told
        content = (
            from_millis(told.device_ms),
            None if told.gnss_ms is None else from_millis(told.gnss_ms),
            told.lat,
            told.lon,
            told.altitude_m,
            told.speed_kmh,
            told.course_deg,
            told.satellites,
            told.hdop,
            told.odometer_m,
            None if told.ignition is None else bool(told.ignition),
            told.load,
            told.status_bits,
            told.alarm_bits,
            self.extra,
        )
        return sha256(_encode(content)).digest()

    @property
    def fix(self) -> Fix:
        """Return the position as the rules of trips see it."""
        told = self.told
        return Fix(self.at, told.seq, told.lat, told.lon, told.speed_kmh, told.course_deg)


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """What one device sent under one incarnation, and of which vehicle it tells."""

    device_id: str
    inc: int
    vehicle_id: UUID | None
    arrivals: Sequence[Arrival]


def arrived(several: Iterable[Told], received_at: datetime) -> list[Arrival]:
    """Return the positions of one message as they go into the database."""
    received_ms = to_millis(received_at)
    return [
        Arrival(
            told,
            moment_of(told),
            received_at,
            None if (why := exclusion(told, received_ms)) is None else why.value,
            extra,
        )
        for told, extra in several
    ]
