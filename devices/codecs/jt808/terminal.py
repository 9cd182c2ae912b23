"""What do terminals say in JT/T 808 beside registering and reporting where they are (0x0xxx)?

Layouts of the editions 2011, 2013 and 2019; field names are those of the shared test vectors, `ack_serial`
the serial number of the message that is answered.
"""

from devices.codecs.jt808.choices import By, Case, Maybe
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.layouts import Code, Content, Hex, Layout, Number, Numbers, Octets, Rows, Text
from devices.codecs.jt808.moments import Digits
from devices.codecs.jt808.parameters import Parameters
from devices.codecs.jt808.places import Located, Place

ACK = Number("ack_serial", 2)
RESEND: Layout = (
    ACK,
    By({Version.V2019: (Numbers("id", 2, 2),)}, (Numbers("id", 2, 1),)),
)
_MEDIUM: Layout = (Number("batch_type", 1), Number("format", 1), Number("event", 1), Number("channelId", 1))
_DRIVER_2011: Layout = (
    Text("name", prefix=1),
    Text("idCard", 20),
    Text("licenseNo", 40),
    Text("institution", prefix=1),
)
_DRIVER: Layout = (
    Number("status", 1),
    Digits("time_local", 6),
    Maybe("cardStatus", (Number("cardStatus", 1),)),
    Maybe(
        "name",
        (
            Text("name", prefix=1),
            Text("licenseNo", 20),
            Text("institution", prefix=1),
            Digits("licenseValidPeriod", 4),
            By({Version.V2019: (Text("idCard", 20),)}),
        ),
    ),
)
_ATTRIBUTES: Layout = (
    Number("deviceType", 2),
    Text("maker_id", 5),
    By(
        {Version.V2019: (Text("terminal_model", 30), Text("terminal_id", 30))},
        (Text("terminal_model", 20), Text("terminal_id", 7)),
    ),
    Digits("iccid", 10),
    Text("hardwareVersion", prefix=1),
    Text("firmwareVersion", prefix=1),
    Number("gnssAttribute", 1),
    Number("networkAttribute", 1),
)
_PERIPHERALS: Layout = (
    Rows(
        "positions",
        (
            Number("id", 1),
            Number("size", 1),
            Text("companyName", prefix=1),
            Text("productModel", prefix=1),
            Text("hardwareVersion", prefix=1),
            Text("firmwareVersion", prefix=1),
            Text("terminal_id", prefix=1),
            Text("userCode", prefix=1),
        ),
        count=1,
    ),
)
TRANSPARENT: Layout = (Code("transparent_type", 1), Content("data"))

MESSAGES: dict[int, Layout] = {
    0x0004: (),
    0x0005: RESEND,
    0x0104: (ACK, Parameters("parameters", "param_count")),
    0x0107: _ATTRIBUTES,
    0x0108: (Number("batch_type", 1), Number("result", 1)),
    0x0201: (ACK, Located()),
    0x0301: (Number("eventId", 1),),
    0x0302: (ACK, Number("answerId", 1)),
    0x0303: (Number("batch_type", 1), Number("action", 1)),
    0x0500: (ACK, Located()),
    0x0608: (Number("batch_type", 1), Number("count", 4), Hex("data")),
    0x0700: (ACK, Number("command", 1), Hex("data")),
    0x0701: (Content("data", prefix=4),),
    0x0702: (By({Version.V2011: _DRIVER_2011}, _DRIVER),),
    0x0705: (
        Number("count", 2),
        Digits("time_local", 5),
        Rows("positions", (Number("id", 4), Octets("data", 8))),
    ),
    0x0800: (Number("id", 4), *_MEDIUM),
    0x0801: (Number("id", 4), *_MEDIUM, Place(), Hex("data")),
    0x0802: (
        ACK,
        Rows(
            "positions",
            (
                Number("id", 4),
                Number("batch_type", 1),
                Number("channelId", 1),
                Number("event", 1),
                Place("location"),
            ),
            count=2,
        ),
    ),
    0x0805: (ACK, Number("result", 1), Maybe("id", (Numbers("id", 4, 2),))),
    0x0900: (
        Code("transparent_type", 1),
        Case("transparent_type", {"0xF8": _PERIPHERALS}, (Content("data"),)),
    ),
    0x0901: (Octets("body", prefix=4),),
    0x0A00: (Number("e", 4), Hex("n", 128)),
}
