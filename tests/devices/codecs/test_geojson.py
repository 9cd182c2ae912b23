"""Does a position that a phone uploads as GeoJSON mean the same as one that a terminal sends?"""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import FrameRefused
from devices.codecs.geojson import MAX_FEATURES, encode_geojson, scan_geojson
from devices.datum import wgs84_to_gcj02
from devices.readings import Load, PositionReading

NOON = datetime(2026, 11, 29, 4, 0, 0, 250_000, tzinfo=UTC)


def _feature(lon: float = 114.3, lat: float = 30.6, **properties: object) -> dict[str, object]:
    point = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": point, "properties": {"s": 1, "t": 5, **properties}}


def _upload(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "inc": 2, "features": features}).encode()


def _reason(feature: object) -> str:
    (refused,) = scan_geojson(_upload(feature)).refused
    return f"{refused.code}: {refused.detail}"


positions = st.builds(
    PositionReading,
    st.integers(1, 2**53 - 1),
    st.just(NOON),
    st.floats(-90, 90).map(lambda x: round(x, 7)),
    st.floats(-180, 180).map(lambda x: round(x, 7)),
    altitude_m=st.none() | st.integers(-1000, 9000),
    speed_kmh=st.none() | st.floats(0, 300).map(lambda x: round(x, 1)),
    course_deg=st.none() | st.integers(0, 360),
    load=st.sampled_from(Load),
    replayed=st.booleans(),
    extra=st.dictionaries(st.sampled_from(["battery", "wifi"]), st.integers(0, 9)),
)


@given(st.lists(positions, min_size=1, max_size=5))
def test_what_is_written_is_read_again(readings: list[PositionReading]) -> None:
    """A trip recorded on a phone would lie elsewhere, or at another time."""
    batch = scan_geojson(encode_geojson(7, readings))
    assert (batch.inc, batch.readings, batch.refused) == (7, tuple(readings), ())


def test_the_names_that_phones_know_are_understood() -> None:
    """A speed in m/s would be taken for km/h, an unknown course (-1) for a refusal."""
    feature = {
        "type": "Feature",
        "inc": 2,
        "geometry": {"type": "Point", "coordinates": [114.3, 30.6, 23.4]},
        "properties": {
            "seq": 9,
            "time": "2026-11-29T12:00:00.25+08:00",
            "speed": 10,
            "heading": -1,
            "a": 4,
        },
    }
    (read,) = scan_geojson(json.dumps(feature).encode()).readings
    assert read == PositionReading(
        9, NOON, 30.6, 114.3, altitude_m=23, speed_kmh=36.0, course_deg=None, extra={"a": 4}
    )


def test_a_position_of_a_chinese_map_service_is_brought_to_wgs84() -> None:
    """Every phone would drive half a kilometre beside its road and outside every fence."""
    lat, lon = wgs84_to_gcj02(30.6, 114.3)
    (read,) = scan_geojson(_upload(_feature(lon, lat, datum="gcj02"))).readings
    assert (read.lat, read.lon) == pytest.approx((30.6, 114.3), abs=1e-7)


def test_a_bad_feature_is_refused_alone_and_by_its_field() -> None:
    """One broken fix would keep an hour of good ones on the phone for ever."""
    batch = scan_geojson(_upload(_feature(), _feature(s=0), {"type": "Feature"}, _feature(lat=99.0)))
    assert [one.seq for one in batch.readings] == [1]
    assert len(batch.refused) == 3
    assert "time without a zone" in _reason(
        {**_feature(), "properties": {"s": 1, "time": "2026-11-29T12:00:00"}}
    )
    assert "datum: one of wgs84" in _reason(_feature(datum="mars"))
    assert "speed" in _reason(_feature(speed="fast"))
    assert "t is there too" in _reason(_feature(time="2026-11-29T12:00:00Z"))


@pytest.mark.parametrize("features", [[], [{}] * (MAX_FEATURES + 1)])
def test_an_upload_of_no_or_of_too_many_features_is_refused(features: list[object]) -> None:
    """A phone would be told that nothing was stored well, or fill the server's memory."""
    with pytest.raises(FrameRefused):
        scan_geojson(_upload(*features))


anything = st.recursive(
    st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)


@given(anything)
def test_no_json_crashes_the_reader(value: object) -> None:
    """One broken phone would end the route for all."""
    with contextlib.suppress(FrameRefused):
        scan_geojson(json.dumps(value).encode())
    with contextlib.suppress(FrameRefused):
        scan_geojson(_upload({"type": "Feature", "properties": value, "geometry": value}))
