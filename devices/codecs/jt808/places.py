"""How is a position told in plain values, and how do such values become the same bytes again?

Names: `lat_e6_raw` and `lon_e6_raw` (the frame's 32 bits, signed, millionths of a degree without hemisphere),
`speed_tenth_kmh_raw` and `time_local` are what the frame holds; `lat`, `lon`, `speed_kmh` are read from it.
Times are the terminal's own, without a zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from devices.codecs.jt808.header import Version
from devices.codecs.jt808.items import read_items
from devices.codecs.jt808.layouts import Given, Source, Values, bad, from_hex, given, listed, mapping
from devices.codecs.jt808.moments import digits_of, moment_of, packed
from devices.codecs.jt808.positions import (
    ACC_ON,
    ALARMS,
    DOORS,
    FIXED_SIZE,
    POSITIONED,
    SOUTH,
    WEST,
    Position,
    read_position,
    write_position,
)
from devices.codecs.jt808.readings import quirks_of
from devices.codecs.jt808.settings import PLAIN, Settings

_SIGN_BIT = 1 << 31
_ITEM_NAMES = {
    0x01: "item_0x01_mileage_tenth_km",
    0x02: "item_0x02_fuel_tenth_l",
    0x31: "item_0x31_satellites",
}


def tell_position(position: Position, settings: Settings = PLAIN) -> Values:
    """Return a position in plain values; `item_values` are what `items.csv` tells of its items."""
    told = tell_place(position, settings)
    told["alarms"] = [name for bit, name in ALARMS.items() if position.alarm_bits >> bit & 1]
    told["doors_open"] = [door for door, bit in enumerate(DOORS, 1) if position.status_bits >> bit & 1]
    told["items"] = [{"id": f"0x{number:02X}", "hex": value.hex()} for number, value in position.items]
    for number, value in position.items:
        if number in _ITEM_NAMES:
            told[_ITEM_NAMES[number]] = int.from_bytes(value, "big")
    named, _ = read_items(position.items, settings.model)
    if named:
        told["item_values"] = named
    if position.tail:
        told["items_truncated"] = True
        told["items_tail"] = position.tail.hex()
    if quirks := quirks_of(position, settings):
        told["quirks"] = [str(quirk) for quirk in quirks]
    return told


def tell_place(position: Position, settings: Settings = PLAIN) -> Values:
    """Return the 28 bytes of every position in plain values: `lat` and `lon` as meant, `…_raw` as sent."""
    lat, lon = (position.lon, position.lat) if settings.swapped else (position.lat, position.lon)
    told: Values = {
        "alarm_bits": position.alarm_bits,
        "status_bits": position.status_bits,
        "lat": lat,
        "lon": lon,
        "altitude_m": position.altitude_m,
        "speed_kmh": position.speed_kmh,
        "course_deg": position.course_deg,
        "acc_on": bool(position.status_bits & ACC_ON),
        "positioned": bool(position.status_bits & POSITIONED),
        "lat_e6_raw": _signed(position.lat_raw),
        "lon_e6_raw": _signed(position.lon_raw),
        "speed_tenth_kmh_raw": position.speed_raw,
    }
    if settings.zone is not PLAIN.zone and (moment := position.moment(settings.zone)):
        told["time_utc"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    local = moment_of(position.time_bcd)
    told["time_local_gmt8"] = told["time_local"] = (
        f"{local:%Y-%m-%d %H:%M:%S}" if local else position.time_bcd
    )
    return told


def position_of(values: Given) -> Position:
    """Return the position that `values` tell, with the defaults of a fixed, unmoving vehicle.

    Refuse (`bad_field`) what is missing or does not fit. `lat_e6_raw` counts before `lat`; a negative `lat`
    sets its hemisphere bit. So for `lon`, and for `speed_tenth_kmh_raw` before `speed_kmh`.
    """
    status = _number(values, "status_bits", ACC_ON | POSITIONED)
    lat, south = _degrees(values, "lat")
    lon, west = _degrees(values, "lon")
    status |= (SOUTH if south else 0) | (WEST if west else 0)
    time = values.get("time_local", values.get("time_local_gmt8"))
    if time is None:
        time = given(values, "time_local")
    digits = digits_of(time, "time_local")
    packed(digits, 6, "time_local")
    return Position(
        alarm_bits=_number(values, "alarm_bits", 0),
        status_bits=status,
        lat_raw=lat,
        lon_raw=lon,
        altitude_m=_number(values, "altitude_m", 0),
        speed_raw=_number(values, "speed_tenth_kmh_raw", _tenths(values)),
        course_deg=_number(values, "course_deg", 0),
        time_bcd=digits,
        items=_items(listed(values.get("items", ()), "items")),
        tail=from_hex(values.get("items_tail", ""), "items_tail"),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """The 28 bytes of a position, told in the body itself or, with a `name`, as a mapping of their own."""

    name: str = ""

    def read(self, source: Source, values: Values) -> None:
        """Note the place."""
        told = tell_place(read_position(source.take(FIXED_SIZE, "position")))
        if self.name:
            values[self.name] = told
        else:
            values |= told

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the place."""
        told = mapping(given(values, self.name), self.name) if self.name else values
        return write_position(position_of({key: told[key] for key in told if not key.startswith("items")}))


@dataclass(frozen=True, slots=True)
class Located:
    """A whole position with its items, up to the end of the body."""

    def read(self, source: Source, values: Values) -> None:
        """Note the position."""
        values |= tell_position(read_position(source.rest()))

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the position."""
        return write_position(position_of(values))


def _degrees(values: Given, name: str) -> tuple[int, bool]:
    """Return (the field's 32 bits, whether the hemisphere bit must be set)."""
    if f"{name}_e6_raw" in values:
        return _number(values, f"{name}_e6_raw", 0) & 0xFFFF_FFFF, False
    degrees = given(values, name)
    if isinstance(degrees, bool) or not isinstance(degrees, int | float) or not abs(degrees) <= 180:
        raise bad(name, degrees)
    return round(abs(degrees) * 1e6), degrees < 0


def _signed(raw: int) -> int:
    return raw - (1 << 32) if raw & _SIGN_BIT else raw


def _tenths(values: Given) -> int:
    speed = values.get("speed_kmh", 0)
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 <= speed <= 6553.5:
        raise bad("speed_kmh", speed)
    return round(speed * 10)


def _number(values: Given, name: str, default: int) -> int:
    value = values.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad(name, value)
    return value


def _items(rows: Sequence[object]) -> tuple[tuple[int, bytes], ...]:
    """Return (id, value) pairs of `{"id": "0x01", "hex": "…"}` rows."""
    pairs = []
    for row in rows:
        told = mapping(row, "items")
        name = given(told, "id")
        try:
            number = int(str(name), 0)
        except ValueError:
            raise bad("items.id", name) from None
        pairs.append((number, from_hex(given(told, "hex"), "items.hex")))
    return tuple(pairs)
