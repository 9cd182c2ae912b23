"""What do terminals and platform say to each other about video, driver alarms and their files?

JT/T 1078 and the active-safety standards ride on JT/T 808 frames (0x1xxx, 0x9xxx). Field names are those of
the shared test vectors; the alarm's identity is 16 bytes before 2019 and 40 since.
"""

from devices.codecs.jt808.choices import By, Maybe
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.layouts import Layout, Number, Octets, Rows, Text
from devices.codecs.jt808.moments import Digits, Moment
from devices.codecs.jt808.terminal import ACK

_CHANNEL = Number("channelNo", 1)
_STREAM: Layout = (Number("mediaType", 1), Number("streamType", 1))
_STORED: Layout = (*_STREAM, Number("storageType", 1))
_PORTS: Layout = (Text("ip", prefix=1), Number("tcpPort", 2), Number("udpPort", 2))
_FILE: Layout = (Text("name", prefix=1), Number("batch_type", 1), Number("size", 4))
_TURN: Layout = (_CHANNEL, Number("param", 1))


def _identity(name: str) -> Layout:
    """Return the layout of an alarm's identity; `name` is the terminal's id."""
    return (
        By({Version.V2019: (Text(name, 30),)}, (Text(name, 7),)),
        Moment("time_local"),
        Number("sequenceNo", 1),
        Number("fileTotal", 1),
        By({Version.V2019: (Number("reserved", 2),)}, (Number("reserved", 1),)),
    )


MESSAGES: dict[int, Layout] = {
    0x1003: (
        Number("audioFormat", 1),
        Number("audioChannels", 1),
        Number("audioSamplingRate", 1),
        Number("audioBitDepth", 1),
        Number("audioFrameLength", 2),
        Number("audioSupport", 1),
        Number("videoFormat", 1),
        Number("maxAudioChannels", 1),
        Number("maxVideoChannels", 1),
    ),
    0x1005: (
        Digits("startTime", 6),
        Digits("endTime", 6),
        Number("getOnCount", 2),
        Number("getOffCount", 2),
    ),
    0x1205: (
        ACK,
        Rows(
            "positions",
            (
                _CHANNEL,
                Moment("startTime"),
                Moment("endTime"),
                Number("alarm_bits", 8),
                *_STORED,
                Number("size", 4),
            ),
            count=4,
        ),
    ),
    0x1206: (ACK, Number("result", 1)),
    0x1210: (
        By({Version.V2019: (Text("terminal_id", 30),)}, (Text("terminal_id", 7),)),
        *_identity("deviceId_"),
        Text("platformAlarmId", 32),
        Number("batch_type", 1),
        Rows("files", (Text("name", prefix=1), Number("size", 4)), count=1),
    ),
    0x1211: _FILE,
    0x1212: _FILE,
    # A tracker's answer to a text command, UTF-16; it borrows a free number.
    0x1300: (ACK, Text("result", encoding="utf-16-be")),
    0x9003: (),
    0x9101: (*_PORTS, _CHANNEL, *_STREAM),
    0x9102: (_CHANNEL, Number("command", 1), Number("closeType", 1), Number("streamType", 1)),
    0x9105: (_CHANNEL, Number("packetLossRate", 1)),
    0x9201: (
        *_PORTS,
        _CHANNEL,
        *_STORED,
        Number("playbackMode", 1),
        Number("playbackSpeed", 1),
        Digits("startTime", 6),
        Digits("endTime", 6),
    ),
    0x9202: (_CHANNEL, Number("playbackMode", 1), Number("playbackSpeed", 1), Digits("playbackTime", 6)),
    0x9205: (
        _CHANNEL,
        Digits("startTime", 6),
        Digits("endTime", 6),
        Number("warnBit1", 4),
        Number("warnBit2", 4),
        *_STORED,
    ),
    0x9206: (
        Text("ip", prefix=1),
        Number("port", 2),
        Text("username", prefix=1),
        Text("password", prefix=1),
        Text("path", prefix=1),
        _CHANNEL,
        Moment("startTime"),
        Moment("endTime"),
        Number("warnBit1", 4),
        Number("warnBit2", 4),
        *_STORED,
        Number("condition", 1),
    ),
    0x9207: (ACK, Number("command", 1)),
    0x9208: (
        *_PORTS,
        *_identity("terminal_id"),
        Text("platformAlarmId", 32),
        Maybe("reserves", (Octets("reserves"),)),
    ),
    0x9212: (
        Text("name", prefix=1),
        Number("batch_type", 1),
        Number("result", 1),
        Rows("positions", (Number("offset", 4), Number("size", 4)), count=1, tell="count"),
    ),
    0x9301: (_CHANNEL, Number("param1", 1), Number("param2", 1)),
    0x9302: _TURN,
    0x9303: _TURN,
    0x9304: _TURN,
    0x9305: _TURN,
    0x9306: _TURN,
}
