"""Which weight does a Yaohua XK3190 indicator send in its two binary protocols?

Continuous: STX, sign, six digits high first, decimals 0-4 counted from the right, XOR of bytes 2-9 as two
upper-case hexadecimal digits, ETX. Command: the host asks with STX, address, command, XOR, ETX; the
answer has a sign, six digits and decimals (B, C, D), five digits (E) or three (F) before the XOR.
Source: XK3190-A9+ manual, pages 9-10; KALA XK3190-DS1, pages 9-10. No frame carries a unit or a stable flag,
and the continuous one does not say whether it is gross or net.
"""

from __future__ import annotations

from decimal import Decimal

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales.fields import (
    Fields,
    digits_of,
    given_number,
    given_text,
    given_whole,
    key_of,
    one_of,
    xor_digits,
)
from devices.codecs.scales.protocol import NO_FRAME, WAIT, Check, ScaleProtocol
from devices.readings import ScaleReading

_STX, _ETX = 0x02, 0x03
_SIGNS = {"+": 1, "-": -1}
_CONTINUOUS = 12
_ASK = 6
_MEANINGS = {
    "A": "handshake",
    "B": "read gross",
    "C": "read tare",
    "D": "read net",
    "E": "read truck number",
    "F": "read cargo number",
}
_WEIGHT_OF = {"B": "gross", "C": "tare", "D": "net"}
_NUMBER_OF = {"E": ("truck_no", 5), "F": ("cargo_no", 3)}
_ANSWER_BYTES = {"A": 6, "B": 14, "C": 14, "D": 14, "E": 11, "F": 9}
_A22_COMMANDS = "ABCD"
_TO_HOST, _TO_INDICATOR = "indicator->host", "host->indicator"
_CHECKS = (Check.XOR, Check.IGNORED)


def encode_continuous(digits: int, decimals: int = 0) -> bytes:
    """Write the continuous frame for `digits` (the display without its point, -999999 to 999999)."""
    return _write_continuous({"displayed": Decimal(digits).scaleb(-decimals), "decimals": decimals})


def _cut_continuous(text: bytes, _check: Check | None) -> int:
    if len(text) < _CONTINUOUS:
        return WAIT
    return _CONTINUOUS if text[_CONTINUOUS - 1] == _ETX else NO_FRAME


def _read_continuous(text: bytes, check: Check | None) -> ScaleReading:
    if len(text) != _CONTINUOUS:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(text)} bytes: {text.hex()}")
    body = _body(text, check)
    value, decimals, facts = _weight(body, text)
    facts |= {"checksum_ok": None if check is Check.IGNORED else True}
    return ScaleReading(value, None, decimals, None, facts=facts)


def _write_continuous(fields: Fields) -> bytes:
    return _closed(_weight_text(fields, "displayed"))


def _cut_command(text: bytes, _check: Check | None) -> int:
    if len(text) < 3:
        return WAIT
    if not _addressed(text) or chr(text[2]) not in _ANSWER_BYTES:
        return NO_FRAME
    if len(text) < _ASK:
        return WAIT
    length = _ASK if text[_ASK - 1] == _ETX else _ANSWER_BYTES[chr(text[2])]
    if len(text) < length:
        return WAIT
    return length if text[length - 1] == _ETX else NO_FRAME


def _addressed(text: bytes) -> bool:
    return ord("A") <= text[1] <= ord("Z")


def _read_command(text: bytes, check: Check | None) -> ScaleReading:
    if len(text) not in _ANSWER_BYTES.values():
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(text)} bytes: {text.hex()}")
    body = _body(text, check)
    command = one_of(chr(body[1]), _ANSWER_BYTES, "command")
    if not _addressed(text):
        raise FrameRefused(RefusalCode.BAD_FIELD, f"address: {body[:1]!r}")
    facts: dict[str, object] = {
        "address": chr(body[0]),
        "command": command,
        "checksum_ok": None if check is Check.IGNORED else True,
    }
    if len(text) == _ASK:
        facts |= {"direction": _TO_INDICATOR, "meaning": _MEANINGS[command]}
        return ScaleReading(None, None, None, None, facts=facts)
    if len(text) != _ANSWER_BYTES[command]:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(text)} bytes for command {command}")
    facts |= {"direction": _TO_HOST, "frame_bytes": len(text)}
    return _answer(command, body[2:], facts, text)


def _answer(command: str, body: bytes, facts: dict[str, object], text: bytes) -> ScaleReading:
    if command in _NUMBER_OF:
        if not body.isdigit():
            raise FrameRefused(RefusalCode.BAD_FIELD, text.hex())
        return ScaleReading(
            None, None, None, None, facts=facts | {_NUMBER_OF[command][0]: body.decode("ascii")}
        )
    value, decimals, own = _weight(body, text)
    which = _WEIGHT_OF[command]
    if command == "C":
        return ScaleReading(None, None, decimals, None, which, tare=value, facts=facts | own)
    told = int(value) if decimals == 0 else float(value)
    return ScaleReading(value, None, decimals, None, which, facts=facts | own | {which: told})


def _write_command(fields: Fields) -> bytes:
    command = one_of(given_text(fields, "command"), _ANSWER_BYTES, "command")
    head = given_text(fields, "address", "A") + command
    if len(head) != 2:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"address: {head[:-1]!r}")
    if fields.get("direction", _TO_INDICATOR) == _TO_INDICATOR:
        return _closed(head)
    if command in _NUMBER_OF:
        name, width = _NUMBER_OF[command]
        return _closed(head + given_text(fields, name).rjust(width, "0"))
    if command not in _WEIGHT_OF:
        return _closed(head)
    return _closed(head + _weight_text(fields, _WEIGHT_OF[command]))


def _ask_command(address: str) -> bytes:
    return _write_command({"address": address or "A", "command": "B"})


def _cut_a22(text: bytes, check: Check | None) -> int:
    return NO_FRAME if len(text) >= 3 and chr(text[2]) not in _A22_COMMANDS else _cut_command(text, check)


def _read_a22(text: bytes, check: Check | None) -> ScaleReading:
    reading = _read_command(text, check)
    one_of(str(reading.facts["command"]), dict.fromkeys(_A22_COMMANDS), "command")
    return reading


def _body(text: bytes, check: Check | None) -> bytes:
    """Return what stands between STX and the check, once delimiters and check hold."""
    if text[0] != _STX or text[-1] != _ETX:
        raise FrameRefused(RefusalCode.BAD_DELIMITER, text.hex())
    body = text[1:-3]
    if check is not Check.IGNORED and xor_digits(body) != text[-3:-1]:
        raise FrameRefused(RefusalCode.BAD_CHECKSUM, text.hex())
    return body


def _weight(body: bytes, text: bytes) -> tuple[Decimal, int, dict[str, object]]:
    """Read sign, six digits and decimals."""
    sign, digits, places = chr(body[0]), body[1:7], chr(body[7])
    if sign not in _SIGNS or not digits.isdigit() or places not in "01234":
        raise FrameRefused(RefusalCode.BAD_FIELD, text.hex())
    decimals = int(places)
    value = _SIGNS[sign] * Decimal(int(digits)).scaleb(-decimals)
    return value, decimals, {"sign": _SIGNS[sign], "digits": digits.decode("ascii")}


def _weight_text(fields: Fields, name: str) -> str:
    decimals = given_whole(fields, "decimals", 0)
    if not 0 <= decimals <= 4:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"decimals: {decimals}")
    value = given_number(fields, name)
    sign = key_of(_SIGNS, fields.get("sign", -1 if value < 0 else 1), "sign")
    return sign + digits_of(value, decimals, 6, name) + str(decimals)


def _closed(body: str) -> bytes:
    data = body.encode("ascii")
    return bytes([_STX]) + data + xor_digits(data) + bytes([_ETX])


PROTOCOLS = (
    ScaleProtocol(
        name="yaohua_xk3190_continuous",
        indicators="Yaohua XK3190 A9, DS1, A23p, A26 and many Chinese truck scales",
        check=Check.XOR,
        starts=bytes([_STX]),
        longest=_CONTINUOUS,
        cut=_cut_continuous,
        read=_read_continuous,
        write=_write_continuous,
        states=frozenset({"decimals"}),
        checks=_CHECKS,
    ),
    ScaleProtocol(
        name="yaohua_xk3190_command",
        indicators="Yaohua XK3190 A9, DS1 with tF=1",
        check=Check.XOR,
        starts=bytes([_STX]),
        longest=14,
        cut=_cut_command,
        read=_read_command,
        write=_write_command,
        states=frozenset({"decimals", "gross_or_net"}),
        checks=_CHECKS,
        ask=_ask_command,
    ),
    ScaleProtocol(
        name="yaohua_xk3190_a22_command",
        indicators="Yaohua XK3190 A22: the orders A to D of the A9, which no manual at hand confirms",
        check=Check.XOR,
        starts=bytes([_STX]),
        longest=14,
        cut=_cut_a22,
        read=_read_a22,
        write=_write_command,
        states=frozenset({"decimals", "gross_or_net"}),
        checks=_CHECKS,
        ask=_ask_command,
        assumed=True,
    ),
)
