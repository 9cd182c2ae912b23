"""Where does a JT/T 808 terminal say it was (0x0200, 0x0704), and what is odd about it?

A position keeps the integers of the frame; degrees, km/h and times are read from them. Oddities are named in
`quirks` and never stop the decoding.
"""

import struct
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum

import msgspec

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808.bodies import octet
from devices.codecs.jt808.header import Version, word
from devices.codecs.jt808.moments import moment_of
from devices.datum import looks_swapped
from devices.readings import Load

GMT8 = timezone(timedelta(hours=8))

ACC_ON, POSITIONED, SOUTH, WEST, COORDINATES_ENCRYPTED = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 5
LOAD_SHIFT, LOAD_MASK = 8, 0b11
DOORS = range(13, 18)  # status bits of the front, middle, rear, driver's and another door
ALARMS = {
    0: "sos",
    1: "overspeed",
    2: "fatigue",
    3: "danger",
    4: "gnss_fault",
    5: "gnss_antenna_cut",
    6: "gnss_antenna_short",
    7: "power_low",
    8: "power_off",
    9: "display_fault",
    10: "speech_fault",
    11: "camera_fault",
    12: "card_reader_fault",
    13: "overspeed_warning",
    14: "fatigue_warning",
    18: "day_driving_limit",
    19: "parking_limit",
    20: "area",
    21: "route",
    22: "section_time",
    23: "route_deviation",
    24: "speed_sensor_fault",
    25: "fuel",
    26: "stolen",
    27: "ignition",
    28: "illegal_move",
    29: "collision",
    30: "rollover",
    31: "door",
}
LOADS = {0: Load.EMPTY, 1: Load.HALF, 2: Load.UNKNOWN, 3: Load.FULL}

_FIXED = struct.Struct(">IIIIHHH6s")
FIXED_SIZE = _FIXED.size
_SIGN_BIT = 1 << 31


class Quirk(StrEnum):
    """Something a terminal does otherwise than the standard says (telemetry.md 2.3)."""

    SWAPPED_COORDINATES = "swapped_coordinates"
    COORDINATES_OUT_OF_RANGE = "coordinates_out_of_range"
    TWOS_COMPLEMENT = "twos_complement"
    BAD_TIME = "bad_time"
    COURSE_OUT_OF_RANGE = "course_out_of_range"
    ITEMS_TRUNCATED = "items_truncated"
    BATCH_TRUNCATED = "batch_truncated"


class Position(msgspec.Struct, frozen=True, gc=False):
    """One 0x0200 body, in the integers of the frame.

    `lat_raw` and `lon_raw` are 1e-6 degrees without sign, `speed_raw` is 0.1 km/h, `time_bcd` YYMMDDhhmmss in
    the terminal's zone, `items` the (id, value) pairs in order, `tail` the bytes that are no whole item.
    """

    alarm_bits: int
    status_bits: int
    lat_raw: int
    lon_raw: int
    altitude_m: int
    speed_raw: int
    course_deg: int
    time_bcd: str
    items: tuple[tuple[int, bytes], ...] = ()
    tail: bytes = b""

    @property
    def lat(self) -> float:
        """Degrees north, as the terminal claims; may be out of range (see `quirks`)."""
        return _degrees(self.lat_raw, self.status_bits & SOUTH)

    @property
    def lon(self) -> float:
        """Degrees east, as the terminal claims; may be out of range (see `quirks`)."""
        return _degrees(self.lon_raw, self.status_bits & WEST)

    @property
    def speed_kmh(self) -> float:
        """Speed in km/h."""
        return self.speed_raw / 10

    @property
    def load(self) -> Load:
        """What status bits 8-9 say; a terminal without a load sensor says EMPTY."""
        return LOADS[self.status_bits >> LOAD_SHIFT & LOAD_MASK]

    @property
    def in_range(self) -> bool:
        """Whether the coordinates are degrees at all."""
        return abs(self.lat) <= 90 and abs(self.lon) <= 180

    @property
    def quirks(self) -> tuple[Quirk, ...]:
        """What is odd about this position, in a fixed order."""
        found = {
            Quirk.SWAPPED_COORDINATES: looks_swapped(self.lat, self.lon),
            Quirk.COORDINATES_OUT_OF_RANGE: not self.in_range,
            Quirk.TWOS_COMPLEMENT: bool((self.lat_raw | self.lon_raw) & _SIGN_BIT),
            Quirk.BAD_TIME: self.moment() is None,
            Quirk.COURSE_OUT_OF_RANGE: self.course_deg > 360,
            Quirk.ITEMS_TRUNCATED: bool(self.tail),
        }
        return tuple(quirk for quirk, present in found.items() if present)

    def moment(self, zone: tzinfo = GMT8) -> datetime | None:
        """Return the terminal's time as aware UTC, or None when the digits are no time."""
        local = moment_of(self.time_bcd)
        return None if local is None else local.replace(tzinfo=zone).astimezone(UTC)

    def item(self, item_id: int) -> bytes | None:
        """Return the value of the first item with this id."""
        return next((value for number, value in self.items if number == item_id), None)


class PositionBatch(msgspec.Struct, frozen=True, gc=False):
    """One 0x0704 body; `kind` 1 is the replay of a blind spot, `missing` were announced but not readable."""

    kind: int
    positions: tuple[Position, ...]
    missing: int = 0
    tail: bytes = b""

    @property
    def replayed(self) -> bool:
        """Whether the positions were kept back and sent later."""
        return self.kind == 1

    @property
    def quirks(self) -> tuple[Quirk, ...]:
        """Say whether fewer positions could be read than were announced, or bytes were left over."""
        return (Quirk.BATCH_TRUNCATED,) if self.missing or self.tail else ()


def make_position(
    lat: float,
    lon: float,
    moment: datetime,
    *,
    zone: tzinfo = GMT8,
    altitude_m: int = 0,
    speed_kmh: float = 0.0,
    course_deg: int = 0,
    status_bits: int = ACC_ON | POSITIONED,
    alarm_bits: int = 0,
    load: Load = Load.EMPTY,
    items: tuple[tuple[int, bytes], ...] = (),
) -> Position:
    """Return the 0x0200 body of a terminal at (lat, lon) degrees at an aware `moment` (whole seconds)."""
    status = status_bits | (SOUTH if lat < 0 else 0) | (WEST if lon < 0 else 0)
    status |= next(bits for bits, name in LOADS.items() if name is load) << LOAD_SHIFT
    return Position(
        alarm_bits=alarm_bits,
        status_bits=status,
        lat_raw=round(abs(lat) * 1e6),
        lon_raw=round(abs(lon) * 1e6),
        altitude_m=altitude_m,
        speed_raw=round(speed_kmh * 10),
        course_deg=course_deg,
        time_bcd=moment.astimezone(zone).strftime("%y%m%d%H%M%S"),
        items=items,
    )


def read_position(data: bytes, _version: Version = Version.V2013) -> Position:
    """Read a 0x0200 body; refuse it when it is shorter than its 28 fixed bytes."""
    if len(data) < _FIXED.size:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"position of {len(data)} bytes")
    alarm, status, lat, lon, altitude, speed, course, time = _FIXED.unpack_from(data)
    items, at, last = [], _FIXED.size, len(data) - 2
    while at <= last:
        end = at + 2 + data[at + 1]
        if end > last + 2:
            break
        items.append((data[at], data[at + 2 : end]))
        at = end
    return Position(alarm, status, lat, lon, altitude, speed, course, time.hex(), tuple(items), data[at:])


def write_position(body: Position, _version: Version = Version.V2013) -> bytes:
    """Write a 0x0200 body; refuse numbers that do not fit their fields."""
    bits = (body.alarm_bits, body.status_bits)
    place = (body.lat_raw, body.lon_raw, body.altitude_m, body.speed_raw, body.course_deg)
    try:
        fixed = _FIXED.pack(*bits, *place, bytes.fromhex(body.time_bcd))
    except (struct.error, ValueError) as problem:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"position: {problem}") from None
    if len(body.time_bcd) != 12:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"time: {body.time_bcd[:40]!r}")
    items = (octet(number, "item") + octet(len(value), "item") + value for number, value in body.items)
    return fixed + b"".join(items) + body.tail


def read_batch(data: bytes, _version: Version = Version.V2013) -> PositionBatch:
    """Read a 0x0704 body; positions before a broken one are kept, the rest stays in `tail`."""
    if len(data) < 3:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"batch of {len(data)} bytes")
    count, kind, at = int.from_bytes(data[:2], "big"), data[2], 3
    positions: list[Position] = []
    while len(positions) < count and at + 2 <= len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or end - at - 2 < _FIXED.size:
            break
        positions.append(read_position(data[at + 2 : end]))
        at = end
    if count and not positions:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"batch of {count} without a readable position")
    return PositionBatch(kind, tuple(positions), count - len(positions), data[at:])


def write_batch(body: PositionBatch, _version: Version = Version.V2013) -> bytes:
    """Write a 0x0704 body."""
    count = len(body.positions) + body.missing
    parts = [write_position(position) for position in body.positions]
    listed = b"".join(word(len(part), "length") + part for part in parts)
    return word(count, "count") + octet(body.kind, "kind") + listed + body.tail


def read_sized_positions(data: bytes, _version: Version = Version.V2013) -> PositionBatch:
    """Read a 0x0210 body, which some trackers send: positions after their length in one byte, to the end."""
    positions: list[Position] = []
    at = 0
    while at < len(data):
        end = at + 1 + data[at]
        if end > len(data) or end - at - 1 < _FIXED.size:
            break
        positions.append(read_position(data[at + 1 : end]))
        at = end
    if not positions:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(data)} bytes without a readable position")
    return PositionBatch(0, tuple(positions), tail=data[at:])


def write_sized_positions(body: PositionBatch, _version: Version = Version.V2013) -> bytes:
    """Write a 0x0210 body."""
    parts = [write_position(position) for position in body.positions]
    return b"".join(octet(len(part), "length") + part for part in parts) + body.tail


def _degrees(raw: int, negative: int) -> float:
    """Return degrees; some terminals write two's complement besides the hemisphere bit."""
    if raw & _SIGN_BIT:
        return (raw - (1 << 32)) / 1e6
    return -raw / 1e6 if negative else raw / 1e6
