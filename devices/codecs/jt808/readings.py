"""Which reading does a JT/T 808 position become?"""

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808.items import read_items
from devices.codecs.jt808.positions import ACC_ON, COORDINATES_ENCRYPTED, Position, Quirk
from devices.codecs.jt808.settings import PLAIN, Settings
from devices.datum import convert, looks_swapped
from devices.readings import PositionReading

_LOWEST_M = -1000


def to_reading(
    location: Position, seq: int, settings: Settings = PLAIN, *, replayed: bool = False
) -> PositionReading:
    """Return the reading of a position: WGS-84 degrees, aware UTC, metres, km/h.

    Quirks and items without a field of their own go to `extra`. Refuse a position that is no place or no
    moment: `encrypted`, `swapped_coordinates`, `bad_coordinates`, `bad_time`.
    """
    moment = location.moment(settings.zone)
    if moment is None:
        raise FrameRefused(RefusalCode.BAD_TIME, location.time_bcd)
    lat, lon = convert(*_place(location, settings.swapped), settings.datum)
    named, unknown = read_items(location.items, settings.model)
    odometer, satellites = named.pop("odometer_m", None), named.pop("satellites", None)
    extra: dict[str, object] = dict(named)
    if unknown:
        extra["items"] = unknown
    if quirks := quirks_of(location, settings):
        extra["quirks"] = [str(quirk) for quirk in quirks]
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


def quirks_of(location: Position, settings: Settings) -> tuple[Quirk, ...]:
    """Return what is odd about a position, the exchange included that `settings` mend."""
    if not settings.swapped:
        return location.quirks
    mended = {Quirk.COORDINATES_OUT_OF_RANGE, Quirk.SWAPPED_COORDINATES}
    return (Quirk.SWAPPED_COORDINATES, *(quirk for quirk in location.quirks if quirk not in mended))


def _place(location: Position, swapped: bool) -> tuple[float, float]:
    """Return (lat, lon) as meant; refuse what cannot be a place on earth."""
    lat, lon = (location.lon, location.lat) if swapped else (location.lat, location.lon)
    if location.status_bits & COORDINATES_ENCRYPTED:
        raise FrameRefused(RefusalCode.ENCRYPTED, "coordinates")
    if abs(lat) > 90 or abs(lon) > 180:
        code = RefusalCode.SWAPPED_COORDINATES if looks_swapped(lat, lon) else RefusalCode.BAD_COORDINATES
        raise FrameRefused(code, f"lat {lat}, lon {lon}")
    return lat, lon


def _altitude(raw: int) -> int | None:
    """Return metres; a terminal below sea level writes two's complement, which the standard leaves open."""
    metres = raw - 0x10000 if raw & 0x8000 else raw
    return metres if metres >= _LOWEST_M else None
