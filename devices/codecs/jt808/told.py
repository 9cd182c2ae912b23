"""How is a message told as one JSON object, and how does such an object become frames?

Names are those of the shared test vectors. `tell` gives all that `message_from` needs to write the same
bytes again; for a downlink message `msg_id`, `phone`, `serial`, `edition` and the body's fields are enough.
"""

from collections.abc import Callable, Mapping
from typing import Any

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808 import Body, Message, message_of
from devices.codecs.jt808.bodies import (
    Authentication,
    Empty,
    GeneralReply,
    Raw,
    Registration,
    RegistrationReply,
)
from devices.codecs.jt808.framing import checksum
from devices.codecs.jt808.header import Envelope, Version
from devices.codecs.jt808.layouts import UNUSUAL, Given, Values, bad, from_hex, given, listed, mapping
from devices.codecs.jt808.places import position_of, tell_position
from devices.codecs.jt808.positions import Position, PositionBatch
from devices.codecs.jt808.records import LAYOUTS, Record
from devices.codecs.jt808.settings import PLAIN, Settings
from devices.codecs.jt808.texts import Unusual

PART_DATA = "part_data"
_TAIL, _BODY_EDITION = "tail", "body_edition"
_HEADER = frozenset(
    {
        "msg_id",
        "edition",
        "phone",
        "phone_bcd",
        "phone_trimmed",
        "serial",
        "body_properties",
        "body_len",
        "encrypt",
        "subpackage",
        "version_flag",
        "protocol_version",
        "packet_total",
        "packet_no",
        "checksum",
        "checksum_ok",
        "reassembled",
        "error",
        "detail",
        PART_DATA,
    }
)


def tell(envelope: Envelope, settings: Settings = PLAIN) -> Values:
    """Return a whole message as plain values; refuse what `message_of` refuses."""
    message = message_of(envelope, settings.edition)
    return {**tell_header(envelope, message.version), **tell_body(message, settings)}


def tell_header(envelope: Envelope, version: Version | None = None) -> Values:
    """Return the header's values, those of the packet for a part of a split message."""
    is_2019 = envelope.version is Version.V2019
    told: Values = {
        "msg_id": f"0x{envelope.msg_id:04X}",
        "edition": str(version or envelope.version),
        "phone_bcd": envelope.phone,
        "phone": envelope.phone,
        "phone_trimmed": envelope.phone.lstrip("0"),
        "serial": envelope.serial,
        "body_properties": envelope.properties,
        "body_len": len(envelope.body),
        "encrypt": envelope.encryption,
        "subpackage": envelope.packet is not None,
        "version_flag": int(is_2019),
        "protocol_version": envelope.revision if is_2019 else 0,
    }
    if envelope.packet:
        told["packet_total"], told["packet_no"] = envelope.packet
    return told


def tell_part(envelope: Envelope) -> Values:
    """Return the header's values and the bytes behind it, which `part_from` makes the same frame of."""
    return {**tell_header(envelope), PART_DATA: envelope.body.hex()}


def part_from(values: Given) -> Envelope:
    """Return the one frame that `tell_part` told; refuse what is missing or does not fit."""
    head = message_from({**{name: values[name] for name in _HEADER if name in values}, "data": ""})
    total, number, encryption = (values.get(name, 0) for name in ("packet_total", "packet_no", "encrypt"))
    if not isinstance(total, int) or not isinstance(number, int) or not isinstance(encryption, int):
        raise bad("packet_total, packet_no, encrypt", (total, number, encryption))
    return Envelope(
        head.msg_id,
        head.version,
        head.phone,
        head.serial,
        from_hex(given(values, PART_DATA), PART_DATA),
        head.revision,
        (total, number) if values.get("subpackage") else None,
        encryption & 7,
    )


def tell_checksum(content: bytes) -> Values:
    """Return what a sound frame's header and body say of its check byte."""
    return {"checksum": checksum(content), "checksum_ok": True}


def tell_body(message: Message, settings: Settings = PLAIN) -> Values:
    """Return the values of a message's body."""
    body = message.body
    match body:
        case Position():
            return tell_position(body, settings)
        case PositionBatch():
            return _tell_batch(body, settings)
        case Record():
            told = dict(body.values)
            if body.edition is not None:
                told[_BODY_EDITION] = str(body.edition)
            return {**told, **({_TAIL: body.tail.hex()} if body.tail else {})}
        case Raw():
            return {"data": body.data.hex()}
        case Empty():
            return {}
    told = {key: getattr(body, name) for name, key in _NAMES[type(body)].items()}
    if not isinstance(body, GeneralReply) and body.unusual:
        told[UNUSUAL] = {name: data.hex() for name, data in body.unusual.items()}
    if isinstance(body, GeneralReply):
        told["ack_msg_id"] = f"0x{body.msg_id:04X}"
    if isinstance(body, Authentication):
        told["auth_code_len"] = len(body.auth_code)
    return told


def message_from(values: Given) -> Message:
    """Return the message that plain values tell; refuse (`bad_field`) what is missing or unknown."""
    msg_id = message_id(given(values, "msg_id"), "msg_id")
    told = values.get("edition", "2019" if values.get("version_flag") == 1 else "2013")
    version = _edition(told, "edition")
    phone = values.get("phone_bcd", values.get("phone"))
    if not isinstance(phone, str):
        raise FrameRefused(RefusalCode.BAD_FIELD, "phone_bcd: missing")
    serial, revision = values.get("serial", 0), values.get("protocol_version", 1)
    if not isinstance(serial, int) or not isinstance(revision, int):
        raise bad("serial, protocol_version", (serial, revision))
    body = _body_from(msg_id, {key: values[key] for key in values if key not in _HEADER})
    return Message(msg_id, version, phone, serial, body, revision if version is Version.V2019 else 1)


def message_id(told: object, name: str) -> int:
    """Return a message id of its number or of `0x…`."""
    try:
        number = int(told, 0) if isinstance(told, str) else told
    except ValueError:
        raise bad(name, told) from None
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 0xFFFF:
        raise bad(name, told)
    return number


_NAMES: dict[type, dict[str, str]] = {
    GeneralReply: {"serial": "ack_serial", "msg_id": "ack_msg_id", "result": "result"},
    RegistrationReply: {"serial": "ack_serial", "result": "result", "auth_code": "auth_code"},
    Authentication: {"auth_code": "auth_code", "imei": "imei", "software": "software_version"},
    Registration: {
        "province": "province_id",
        "city": "city_id",
        "maker": "maker_id",
        "model": "terminal_model",
        "terminal_id": "terminal_id",
        "plate_colour": "plate_color",
        "plate": "plate",
    },
}
_TEXTS = frozenset({"auth_code", "imei", "software", "maker", "model", "terminal_id", "plate"})
_OPTIONAL = {"auth_code": "", "imei": "", "software_version": ""}


def _tell_batch(body: PositionBatch, settings: Settings) -> Values:
    told: Values = {
        "count": len(body.positions) + body.missing,
        "batch_type": body.kind,
        "positions": [tell_position(position, settings) for position in body.positions],
    }
    if body.missing:
        told["missing"] = body.missing
    if body.tail:
        told[_TAIL] = body.tail.hex()
    if body.quirks:
        told["quirks"] = [str(quirk) for quirk in body.quirks]
    return told


def _body_from(msg_id: int, values: Given) -> Body:
    reader = _READERS.get(msg_id)
    if msg_id in _EMPTY or reader is not None or msg_id not in LAYOUTS:
        if set(values) == {"data"} or (reader is None and msg_id not in _EMPTY):
            return Raw(from_hex(given(values, "data"), "data"))
        return reader(values) if reader else Empty()
    edition = _edition(values[_BODY_EDITION], _BODY_EDITION) if _BODY_EDITION in values else None
    fields = {key: values[key] for key in values if key not in (_BODY_EDITION, _TAIL)}
    tail = from_hex(values.get(_TAIL, ""), _TAIL)
    return Record(fields, edition, tail)


def _edition(told: object, name: str) -> Version:
    if told not in list(Version):
        raise bad(name, told)
    return Version(str(told))


def _typed(shape: Callable[..., Body]) -> Callable[[Given], Body]:
    """Return a reader of one of the bodies with fields of their own."""
    names = _NAMES[shape]  # type: ignore[index]

    def read(values: Given) -> Body:
        told: dict[str, Any] = {}
        for name, key in names.items():
            value = values.get(key, _OPTIONAL[key]) if key in _OPTIONAL else given(values, key)
            if name == "msg_id":
                value = message_id(value, key)
            elif isinstance(value, bool) or not isinstance(value, str if name in _TEXTS else int):
                raise bad(key, value)
            told[name] = value
        if shape is not GeneralReply:
            told["unusual"] = _unusual(values.get(UNUSUAL, {}))
        return shape(**told)

    return read


def _unusual(told: object) -> Unusual:
    return {str(name): from_hex(data, UNUSUAL) for name, data in mapping(told, UNUSUAL).items()}


def _batch(values: Given) -> PositionBatch:
    rows = [mapping(row, "positions") for row in listed(given(values, "positions"), "positions")]
    kind, missing = values.get("batch_type", 0), values.get("missing", 0)
    if not isinstance(kind, int) or not isinstance(missing, int):
        raise bad("batch_type, missing", (kind, missing))
    positions = tuple(position_of(row) for row in rows)
    return PositionBatch(kind, positions, missing, from_hex(values.get(_TAIL, ""), _TAIL))


_REPLY = _typed(GeneralReply)
_EMPTY = frozenset({0x0002, 0x0003})
_READERS: Mapping[int, Callable[[Given], Body]] = {
    0x0001: _REPLY,
    0x0100: _typed(Registration),
    0x0102: _typed(Authentication),
    0x0200: position_of,
    0x0210: _batch,
    0x0704: _batch,
    0x8001: _REPLY,
    0x8100: _typed(RegistrationReply),
}
