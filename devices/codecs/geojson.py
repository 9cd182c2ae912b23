"""Which positions does a phone upload as GeoJSON (RFC 7946)?

A `Feature` with a `Point`, or a `FeatureCollection` of up to 500; `inc` beside `features` (or beside
`geometry`) is the incarnation of the phone's outbox. Properties bear the short keys of the wire contract
(`s`, `t`, `spd`, …) or the names that phones know: `seq`, `time` (RFC 3339, with a zone), `speed` (m/s),
`heading`, `altitude`, `accuracy`. `datum` is the coordinates' own (wgs84, gcj02, bd09): the map services of
Chinese phones give GCJ-02. What is not known is kept. The answer to an upload is an `ack` of the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.batches import Batch, RefusedRecord
from devices.codecs.position_json import position_object, position_of
from devices.codecs.wire import Count, JsonObject, Seq, check, dump, kept_raw, load, to_millis
from devices.datum import Datum, convert
from devices.readings import PositionReading

MAX_FEATURES = 500
_KMH = 3.6
_Number = Annotated[float, msgspec.Meta(ge=-(10**6), le=10**6)]


class _Geometry(msgspec.Struct):
    type: Literal["Point"]
    coordinates: Annotated[list[_Number], msgspec.Meta(min_length=2, max_length=4)]


class _Feature(msgspec.Struct):
    type: Literal["Feature"]
    geometry: _Geometry
    properties: JsonObject | None = None


class _Numbered(msgspec.Struct):
    """What has to be read of a feature to know its number, whatever is wrong with the rest."""

    properties: JsonObject


class _Collection(msgspec.Struct):
    type: Literal["FeatureCollection"]
    inc: Count
    features: Annotated[list[object], msgspec.Meta(min_length=1, max_length=MAX_FEATURES)]


class _Single(msgspec.Struct):
    type: Literal["Feature"]
    inc: Count


def scan_geojson(payload: bytes) -> Batch[PositionReading]:
    """Read an upload, keeping the good features when a neighbour is bad."""
    value = load(payload)
    if check(value, JsonObject).get("type") == "Feature":
        inc, features = check(value, _Single).inc, [value]
    else:
        whole = check(value, _Collection)
        inc, features = whole.inc, whole.features
    readings: list[PositionReading] = []
    refused: list[RefusedRecord] = []
    for feature in features:
        try:
            readings.append(_reading(feature))
        except FrameRefused as problem:
            refused.append(RefusedRecord(_seq(feature), problem.code, problem.detail, kept_raw(feature)))
    return Batch(inc, tuple(readings), tuple(refused))


def encode_geojson(inc: int, readings: Sequence[PositionReading]) -> bytes:
    """Write positions as a FeatureCollection, with the short keys of the contract as properties."""
    features = []
    for reading in readings:
        known = position_object(reading)
        point = [known.pop("lon"), known.pop("lat")]
        features.append(
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": point}, "properties": known}
        )
    value = {"type": "FeatureCollection", "inc": inc, "features": features}
    check(value, _Collection)
    return dump(value)


def _reading(feature: object) -> PositionReading:
    wire = check(feature, _Feature)
    given = dict(wire.properties or {})
    lon, lat = wire.geometry.coordinates[:2]
    known = _named(given)
    datum = _datum(given.pop("datum", Datum.WGS84.value))
    if len(wire.geometry.coordinates) > 2:
        known.setdefault("alt", round(wire.geometry.coordinates[2]))
    if clash := {"lat", "lon"} & set(given):
        raise FrameRefused(RefusalCode.BAD_FIELD, f"properties: {sorted(clash)} belong into the geometry")
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise FrameRefused(RefusalCode.BAD_COORDINATES, f"{lon}, {lat}")
    lat, lon = convert(lat, lon, datum)
    return position_of({**given, **known, "lat": lat, "lon": lon})


def _named(given: JsonObject) -> JsonObject:
    """Take out of `given` what bears a phone's name; return it under the contract's."""
    known: JsonObject = {}
    for name, (key, read) in _NAMES.items():
        if name in given:
            value = given.pop(name)
            if key in given:
                raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {key} is there too")
            if value is not None:
                known[key] = read(name, value)
    return known


def _plain(_name: str, value: object) -> object:
    return value


def _number(name: str, value: object) -> float:
    try:
        return msgspec.convert(value, _Number)
    except msgspec.ValidationError as problem:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {problem}") from None


def _whole(name: str, value: object) -> int:
    return round(_number(name, value))


def _speed(name: str, value: object) -> float | None:
    """Return km/h; phones say -1 for a speed or course that they do not know."""
    speed = _number(name, value)
    return None if speed < 0 else round(speed * _KMH, 1)


def _course(name: str, value: object) -> int | None:
    course = _number(name, value)
    return None if course < 0 else round(course)


def _moment(name: str, value: object) -> int:
    try:
        return to_millis(msgspec.convert(value, datetime), name)
    except msgspec.ValidationError as problem:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {problem}") from None


_NAMES: Mapping[str, tuple[str, Callable[[str, object], object]]] = {
    "seq": ("s", _plain),
    "time": ("t", _moment),
    "timestamp": ("t", _moment),
    "speed": ("spd", _speed),
    "heading": ("crs", _course),
    "course": ("crs", _course),
    "altitude": ("alt", _whole),
}


def _datum(value: object) -> Datum:
    try:
        return Datum(str(value))
    except ValueError:
        raise FrameRefused(
            RefusalCode.BAD_FIELD, f"datum: one of {', '.join(Datum)}, not {str(value)[:20]!r}"
        ) from None


def _seq(feature: object) -> int | None:
    try:
        properties = check(feature, _Numbered).properties
        return check(properties.get("s", properties.get("seq")), Seq)
    except FrameRefused:
        return None
