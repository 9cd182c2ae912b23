"""Which reading does a JT/T 808 position become?"""

from datetime import tzinfo

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808.items import STANDARD, read_items
from devices.codecs.jt808.positions import ACC_ON, COORDINATES_ENCRYPTED, GMT8, Position, Quirk
from devices.datum import Datum, convert
from devices.readings import PositionReading

_LOWEST_M = -1000


def to_reading(
    location: Position,
    seq: int,
    zone: tzinfo = GMT8,
    replayed: bool = False,
    *,
    model: str = STANDARD,
    datum: Datum = Datum.WGS84,
) -> PositionReading:
    """Return the reading of a position: WGS-84 degrees, aware UTC, metres, km/h.

    `zone` is the terminal's clock (several send UTC), `model` the meaning of vendor items, `datum` what the
    terminal's coordinates are in. Quirks and items without a field of their own go to `extra`. Refuse a
    position that is no place or no moment: `encrypted`, `swapped_coordinates`, `bad_coordinates`, `bad_time`.
    """
    moment = location.moment(zone)
    if moment is None:
        raise FrameRefused(RefusalCode.BAD_TIME, location.time_bcd)
    lat, lon = convert(*_place(location), datum)
    named, unknown = read_items(location.items, model)
    odometer, satellites = named.pop("odometer_m", None), named.pop("satellites", None)
    extra: dict[str, object] = dict(named)
    if unknown:
        extra["items"] = unknown
    if location.quirks:
        extra["quirks"] = [str(quirk) for quirk in location.quirks]
    return PositionReading(
        seq=seq,
        device_time=moment,
        lat=round(lat, 7),
        lon=round(lon, 7),
        altitude_m=_altitude(location.altitude_m),
        speed_kmh=location.speed_kmh,
        course_deg=location.course_deg if location.course_deg <= 360 else None,
        satellites=None if satellites is None else int(satellites),
        odometer_m=None if odometer is None else int(odometer),
        ignition=bool(location.status_bits & ACC_ON),
        load=location.load,
        status_bits=location.status_bits,
        alarm_bits=location.alarm_bits,
        replayed=replayed,
        extra=extra,
    )


def _place(location: Position) -> tuple[float, float]:
    """Return (lat, lon) as claimed; refuse what cannot be a place on earth."""
    where = f"lat {location.lat}, lon {location.lon}"
    if location.status_bits & COORDINATES_ENCRYPTED:
        raise FrameRefused(RefusalCode.ENCRYPTED, "coordinates")
    if not location.in_range:
        swapped = Quirk.SWAPPED_COORDINATES in location.quirks
        raise FrameRefused(RefusalCode.SWAPPED_COORDINATES if swapped else RefusalCode.BAD_COORDINATES, where)
    return location.lat, location.lon


def _altitude(raw: int) -> int | None:
    """Return metres; a terminal below sea level writes two's complement, which the standard leaves open."""
    metres = raw - 0x10000 if raw & 0x8000 else raw
    return metres if metres >= _LOWEST_M else None
