"""What does the platform say to terminals in JT/T 808 beside answering them (0x8xxx)?

Layouts of the editions 2011, 2013 and 2019; field names are those of the shared test vectors. Latitudes and
longitudes of areas are millionths of a degree, `radius` and `width` metres, `maxSpeed` km/h, `duration`
seconds.
"""

from devices.codecs.jt808.choices import By, Maybe, When
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.layouts import Field, Hex, Layout, Number, Numbers, Rows, Text
from devices.codecs.jt808.moments import Digits, Moment
from devices.codecs.jt808.parameters import Parameters
from devices.codecs.jt808.terminal import ACK, RESEND, TRANSPARENT

_HAS_TIMES, _HAS_SPEED = 1 << 0, 1 << 1
_BIG = Number("attribute", 2)
_POINT: Layout = (Number("lat_e6_raw", 4), Number("lon_e6_raw", 4))
_TIMES: Field = When("attribute", _HAS_TIMES, (Moment("startTime"), Moment("endTime")))
_SPEED: Field = When("attribute", _HAS_SPEED, (Number("maxSpeed", 2), Number("duration", 1)))
_NIGHT: Field = By(
    {
        Version.V2019: (
            When("attribute", _HAS_SPEED, (Number("nightMaxSpeed", 2),)),
            Text("name", prefix=2),
        )
    }
)
_DELETED: Layout = (Numbers("id", 4, 1),)
_FILTER: Layout = (
    Number("batch_type", 1),
    Number("channelId", 1),
    Number("event", 1),
    Moment("startTime"),
    Moment("endTime"),
)
_SECTION: Layout = (
    Number("id", 4),
    Number("routeId", 4),
    *_POINT,
    Number("width", 1),
    Number("attribute", 1),
    When("attribute", _HAS_TIMES, (Number("upperLimit", 2), Number("lowerLimit", 2))),
    _SPEED,
    By({Version.V2019: (When("attribute", _HAS_SPEED, (Number("nightMaxSpeed", 2),)),)}),
)
_CORNERS: Layout = (
    Number("latitudeUL", 4),
    Number("longitudeUL", 4),
    Number("latitudeLR", 4),
    Number("longitudeLR", 4),
)


def _areas(*shape: Field) -> Layout:
    """Return the layout of areas of one shape: what to do with them, and each with its times and speeds."""
    rows = (Number("id", 4), _BIG, *shape, _TIMES, _SPEED, _NIGHT)
    return Number("action", 1), Rows("positions", rows, count=1)


MESSAGES: dict[int, Layout] = {
    0x8003: RESEND,
    0x8004: (Digits("time_utc", 6),),
    0x8103: (Parameters("parameters", "param_count"),),
    0x8104: (),
    0x8105: (Number("command", 1), Text("parameter")),
    0x8106: (Numbers("id", 4, 1),),
    0x8107: (),
    0x8108: (
        Number("batch_type", 1),
        Text("maker_id", 5),
        Text("version", prefix=1),
        Hex("data", prefix=4),
    ),
    0x8201: (),
    0x8202: (Number("interval", 2), Maybe("validityPeriod", (Number("validityPeriod", 4),))),
    0x8203: (ACK, Number("alarm_type", 4)),
    0x8204: (),
    0x8300: (
        Number("text_flag", 1),
        By({Version.V2019: (Number("text_type", 1),)}),
        Text("text"),
    ),
    0x8301: (
        Number("batch_type", 1),
        Maybe("events", (Rows("events", (Number("id", 1), Text("content", prefix=1)), count=1),)),
    ),
    0x8302: (
        Number("text_flag", 1),
        Text("question", prefix=1),
        Rows("answers", (Number("id", 1), Text("content", prefix=2))),
    ),
    0x8303: (
        Number("batch_type", 1),
        Maybe("infos", (Rows("infos", (Number("batch_type", 1), Text("name", prefix=2)), count=1),)),
    ),
    0x8304: (Number("batch_type", 1), Text("content", prefix=2)),
    0x8400: (Number("batch_type", 1), Text("phoneNumber")),
    0x8401: (
        Number("batch_type", 1),
        Maybe(
            "contacts",
            (
                Rows(
                    "contacts",
                    (Number("sign", 1), Text("phone", prefix=1), Text("name", prefix=1)),
                    count=1,
                ),
            ),
        ),
    ),
    0x8500: (
        By(
            {Version.V2019: (Rows("controls", (Number("id", 2), Number("param", 1)), count=2),)},
            (Number("batch_type", 1),),
        ),
    ),
    0x8600: _areas(*_POINT, Number("radius", 4)),
    0x8601: _DELETED,
    0x8602: _areas(*_CORNERS),
    0x8603: _DELETED,
    0x8604: (
        Number("id", 4),
        _BIG,
        _TIMES,
        _SPEED,
        Rows("points", _POINT, count=2),
        _NIGHT,
    ),
    0x8605: _DELETED,
    0x8606: (
        Number("id", 4),
        _BIG,
        _TIMES,
        Rows("positions", _SECTION, count=2),
        By({Version.V2019: (Text("name", prefix=2),)}),
    ),
    0x8607: _DELETED,
    0x8608: (Number("batch_type", 1), Numbers("id", 4, 4)),
    0x8700: (Number("command", 1), Hex("data")),
    0x8701: (Number("command", 1), Hex("data")),
    0x8702: (),
    0x8800: (Number("mediaId", 4), Maybe("id", (Numbers("id", 2, 1),))),
    0x8801: (
        Number("channelId", 1),
        Number("command", 2),
        Number("time", 2),
        Number("save", 1),
        Number("resolution", 1),
        Number("quality", 1),
        Number("brightness", 1),
        Number("contrast", 1),
        Number("saturation", 1),
        Number("chroma", 1),
    ),
    0x8802: _FILTER,
    0x8803: (*_FILTER, Number("delete", 1)),
    0x8804: (
        Number("command", 1),
        Number("time", 2),
        Number("save", 1),
        Number("audioSamplingRate", 1),
    ),
    0x8805: (Number("id", 4), Number("delete", 1)),
    0x8900: TRANSPARENT,
    0x8A00: (Number("e", 4), Hex("n", 128)),
}
