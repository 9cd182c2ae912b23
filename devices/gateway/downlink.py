"""Which JT/T 808 message does a command become for one terminal?

Words and bits of JT/T 808 for 0x8103, 0x8105, 0x8201, 0x8202, 0x8300, 0x8500 and 0x8600 to 0x8607. Cutting
the fuel has no word in the standard: 0x64 and 0x65 of 0x8105 are what vendors have agreed on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.command_args import (
    AreaArgs,
    Args,
    CommandType,
    DoorsArgs,
    ForgetAreasArgs,
    ForgetRoutesArgs,
    FuelArgs,
    ParametersArgs,
    RouteArgs,
    RoutePoint,
    Shape,
    TextArgs,
    TrackArgs,
)
from devices.codecs.jt808 import Record, Version
from devices.codecs.terminals import Terminal
from devices.codecs.wire import JsonObject
from devices.datum import express

LOCATED, CONTROLLED = 0x0201, 0x0500
_RESTART, _FACTORY, _CUT, _RESTORE = 4, 5, 0x64, 0x65
_URGENT_2013, _URGENT_2019, _NOTICE_2019, _SHOW, _SPEAK = 0x01, 0x02, 0x03, 0x04, 0x08
_NOTIFICATION = 1
_DOORS_2019 = 0x0001
_APPEND = 1
_TIMED, _LIMITED, _ENTER, _LEAVE, _SOUTH, _WEST = 0x01, 0x02, 0x0C, 0x30, 0x40, 0x80
_SECTION_LIMITED, _SECTION_SOUTH, _SECTION_WEST = 0x02, 0x04, 0x08
_MILLIONTHS = 1_000_000
_AREAS = {Shape.CIRCLE: (0x8600, 0x8601), Shape.RECTANGLE: (0x8602, 0x8603), Shape.POLYGON: (0x8604, 0x8605)}


class Downlink(NamedTuple):
    """One message to a terminal; `answer` is the message that tells its end, where 0x0001 does not."""

    msg_id: int
    body: Record
    answer: int | None = None


def downlink(kind: CommandType, args: Args, terminal: Terminal, version: Version) -> Downlink:
    """Return the message; refuse (`bad_field`) what this terminal's edition cannot be told."""
    match args:
        case TextArgs():
            made = Downlink(0x8300, _text(args, version))
        case TrackArgs():
            made = Downlink(0x8202, Record({"interval": args.every_s, "validityPeriod": args.for_s}))
        case ParametersArgs():
            made = Downlink(0x8103, Record({"parameters": dict(args.parameters)}))
        case DoorsArgs():
            made = Downlink(0x8500, _doors(args, version), CONTROLLED)
        case FuelArgs():
            made = _word(_CUT if args.cut else _RESTORE)
        case AreaArgs():
            made = Downlink(_AREAS[args.shape][0], _area(args, terminal))
        case ForgetAreasArgs():
            made = Downlink(_AREAS[args.shape][1], Record({"id": list(args.ids)}))
        case RouteArgs():
            made = Downlink(0x8606, _route(args, terminal))
        case ForgetRoutesArgs():
            made = Downlink(0x8607, Record({"id": list(args.ids)}))
        case _:
            return _plain(kind)
    return made


def _plain(kind: CommandType) -> Downlink:
    plain = {
        CommandType.RESTART: _word(_RESTART),
        CommandType.FACTORY_RESET: _word(_FACTORY),
        CommandType.LOCATE: Downlink(0x8201, Record({}), LOCATED),
    }
    if kind not in plain:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{kind} is nothing for a terminal")
    return plain[kind]


def _word(word: int) -> Downlink:
    return Downlink(0x8105, Record({"command": word, "parameter": ""}))


def _text(args: TextArgs, version: Version) -> Record:
    how = _SHOW | (_SPEAK if args.speak else 0)
    if version is Version.V2019:
        how |= _URGENT_2019 if args.urgent else _NOTICE_2019
    elif args.urgent:
        how |= _URGENT_2013
    return Record({"text_flag": how, "text_type": _NOTIFICATION, "text": args.text})


def _doors(args: DoorsArgs, version: Version) -> Record:
    """0 locks in 2019, where each part has a parameter; bit 0 locks in the editions before."""
    if version is Version.V2019:
        return Record({"controls": [{"id": _DOORS_2019, "param": int(not args.locked)}]})
    return Record({"batch_type": int(args.locked)})


def _area(args: AreaArgs, terminal: Terminal) -> Record:
    points = [_place(lat, lon, terminal) for lat, lon in args.points]
    attribute = (_ENTER if args.enter else 0) | (_LEAVE if args.leave else 0) | _limits(args)
    attribute |= _hemispheres(args.points)
    area: JsonObject = {"id": args.id, "attribute": attribute, **_times(args, terminal), "name": args.name}
    if args.max_kmh is not None:
        area |= {"maxSpeed": args.max_kmh, "duration": args.over_s, "nightMaxSpeed": args.max_kmh}
    if args.shape is Shape.POLYGON:
        return Record({**area, "points": points})
    if args.shape is Shape.CIRCLE:
        area |= {**points[0], "radius": args.radius_m}
    else:
        (upper, lower) = points
        area |= {
            "latitudeUL": upper["lat_e6_raw"],
            "longitudeUL": upper["lon_e6_raw"],
            "latitudeLR": lower["lat_e6_raw"],
            "longitudeLR": lower["lon_e6_raw"],
        }
    return Record({"action": _APPEND, "positions": [area]})


def _route(args: RouteArgs, terminal: Terminal) -> Record:
    sections = [_section(number, point, terminal) for number, point in enumerate(args.points, 1)]
    attribute = (_TIMED if args.from_ms is not None else 0) | _ENTER | _LEAVE
    whole: JsonObject = {"id": args.id, "attribute": attribute, **_times(args, terminal)}
    return Record({**whole, "positions": sections, "name": args.name})


def _section(number: int, point: RoutePoint, terminal: Terminal) -> JsonObject:
    attribute = (_SECTION_SOUTH if point.lat < 0 else 0) | (_SECTION_WEST if point.lon < 0 else 0)
    section: JsonObject = {
        "id": number,
        "routeId": number,
        **_place(point.lat, point.lon, terminal),
        "width": point.width_m,
    }
    if point.max_kmh is not None:
        attribute |= _SECTION_LIMITED
        section |= {"maxSpeed": point.max_kmh, "duration": point.over_s, "nightMaxSpeed": point.max_kmh}
    return {**section, "attribute": attribute}


def _limits(args: AreaArgs) -> int:
    return (_TIMED if args.from_ms is not None else 0) | (_LIMITED if args.max_kmh is not None else 0)


def _hemispheres(points: list[tuple[float, float]]) -> int:
    south, west = {lat < 0 for lat, _ in points}, {lon < 0 for _, lon in points}
    if len(south) > 1 or len(west) > 1:
        raise FrameRefused(RefusalCode.BAD_FIELD, "points: an area lies in one hemisphere")
    return (_SOUTH if south == {True} else 0) | (_WEST if west == {True} else 0)


def _place(lat: float, lon: float, terminal: Terminal) -> dict[str, int]:
    """Return a point as the terminal compares it: in its own datum, without signs."""
    lat, lon = express(lat, lon, terminal.datum)
    return {"lat_e6_raw": abs(round(lat * _MILLIONTHS)), "lon_e6_raw": abs(round(lon * _MILLIONTHS))}


def _times(args: AreaArgs | RouteArgs, terminal: Terminal) -> JsonObject:
    if args.from_ms is None or args.to_ms is None:
        return {}
    return {"startTime": _local(args.from_ms, terminal), "endTime": _local(args.to_ms, terminal)}


def _local(millis: int, terminal: Terminal) -> str:
    zone = terminal.settings.zone
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")
