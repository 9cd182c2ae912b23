"""What can a device tell us, in which units and in which datum?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec


class Stream(StrEnum):
    """The numbered streams of one device; each has its own sequence (telemetry.md 1.2)."""

    POSITIONS = "pos"
    EVENTS = "evt"
    WEIGHINGS = "wgt"


RAW_FRAMES = "raw_frames"
"""The kind of event by which a gateway tells a terminal's last frames, as they came."""
PRINTED = "ticket_printed"
"""The kind of event by which a scale's agent tells of a print at the gate."""


class Load(StrEnum):
    """How full a vehicle says it is (JT/T 808 status bits 8-9)."""

    EMPTY = "empty"
    HALF = "half"
    FULL = "full"
    UNKNOWN = "unknown"


class Stability(StrEnum):
    """Who says that a weight stood still: the indicator's own flag, or our own rule."""

    FLAGGED = "flagged"
    DERIVED = "derived"
    UNSTABLE = "unstable"


class PositionReading(msgspec.Struct, frozen=True, gc=False):
    """One fix of one vehicle; a structure of msgspec's, for a server makes thousands of them a second.

    Units: degrees WGS-84, metres above sea level, km/h, degrees clockwise from north, metres of odometer.
    `device_time` is the terminal's clock, `gnss_time` the satellite time where the terminal sends it apart;
    both aware UTC. `replayed` marks a record sent from the outbox after the fact (telemetry.md 1.3, key `h`).
    """

    seq: int
    device_time: datetime
    lat: float
    lon: float
    gnss_time: datetime | None = None
    altitude_m: int | None = None
    speed_kmh: float | None = None
    course_deg: int | None = None
    satellites: int | None = None
    hdop: float | None = None
    odometer_m: int | None = None
    ignition: bool | None = None
    load: Load = Load.UNKNOWN
    status_bits: int = 0
    alarm_bits: int = 0
    replayed: bool = False
    extra: dict[str, object] = {}


@dataclass(frozen=True, slots=True)
class EventReading:
    """One happening a device reports beside its fixes: an alarm, an input, a driver card, a fence hint."""

    seq: int
    device_time: datetime
    kind: str
    args: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WeighingReading:
    """One stable reading of a deck with a vehicle on it, signed by the scale agent (telemetry.md 1.10).

    `weight_kg` is the displayed gross deck weight in whole kilograms, `division_kg` the scale's e.
    `frames_hex` are the raw indicator frames that the weight was read from. `previous_hash` chains the
    tickets of one scale; `ticket_hash` is SHA-256 over the RFC 8785 form of every field but itself and
    the signature; `signature` is Ed25519 over the same bytes, in hexadecimal.
    """

    seq: int
    device_time: datetime
    ticket_number: int
    plate: str
    weight_kg: int
    division_kg: int
    stability: Stability
    frames_hex: tuple[str, ...]
    previous_hash: str
    ticket_hash: str
    signature: str
    shadow: bool = False
    extra: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScaleReading:
    """One frame of a weighing indicator, as displayed, in `unit`.

    None says that the frame does not tell: `displayed` of an overloaded scale, `stable` of a protocol without
    a flag. `gross_or_net` is gross, net or tare. `facts` are the protocol's own fields, and `raw` the bytes
    as received.
    """

    displayed: Decimal | None
    unit: str | None
    decimals: int | None
    stable: bool | None
    gross_or_net: str | None = None
    tare: Decimal | None = None
    motion: bool | None = None
    overload: bool = False
    underload: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)
    raw: bytes = b""
