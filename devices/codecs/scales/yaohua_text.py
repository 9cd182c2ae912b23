"""Which weight does a Yaohua indicator send in its readable protocols: `=`, `WG…kg` and `wn…kg`?

Sources: NIKCELL XK3190-A26 manual, pages 12-13, and XK3190-A23p, page 23 (`=`); XK3190-A12(E) manual, page 13
(`WG004.139kg`, two hexadecimal digits of XOR, CR LF; blanks with OL or LO when there is no weight).
"""

from __future__ import annotations

import re
from decimal import Decimal

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.scales.fields import (
    Fields,
    begins,
    given_number,
    given_text,
    key_of,
    number,
    printed,
    xor_digits,
)
from devices.codecs.scales.protocol import NO_FRAME, WAIT, Check, ScaleProtocol
from devices.readings import ScaleReading

_EQUALS = 9
_EQUALS_SIGNS = {"0": 1, "-": -1}
_A12E = 15
_WEIGHT_TEXT = 7
_MODES = {"g": "gross", "w": "gross", "n": "net", "t": "tare"}
_CONDITIONS = {"OL": "overload", "LO": "underload"}
_BLANKS = b" " * 9
_A12E_HEADS = (b"WG", b"WN", b"WT", _BLANKS)
_WN_HEADS = (b"ww", b"wn", b"wt")
_WN_FRAME = re.compile(r"(w[wnt])([-0-9.]{7})(kg)\r\n")
_LINE_END = b"\r\n"


def _cut_equals(text: bytes, _check: Check | None) -> int:
    if any(byte not in b"0123456789.-" for byte in text[1:_EQUALS]):
        return NO_FRAME
    return WAIT if len(text) < _EQUALS else _EQUALS


def _read_reversed(text: bytes, _check: Check | None) -> ScaleReading:
    return _read_equals(text, sign_at=8, digits=text[7:0:-1])


def _read_forward(text: bytes, _check: Check | None) -> ScaleReading:
    return _read_equals(text, sign_at=1, digits=text[2:])


def _read_equals(text: bytes, sign_at: int, digits: bytes) -> ScaleReading:
    if len(text) != _EQUALS:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(text)} bytes: {text.hex()}")
    if text[:1] != b"=":
        raise FrameRefused(RefusalCode.BAD_DELIMITER, text.hex())
    sign = _EQUALS_SIGNS.get(chr(text[sign_at]))
    printed_digits = digits.decode("ascii")
    if sign is None or "-" in printed_digits or printed_digits[:1] == ".":
        raise FrameRefused(RefusalCode.BAD_FIELD, text.hex())
    value, decimals = number(printed_digits, "digits")
    return ScaleReading(sign * value, None, decimals, None, facts={"sign": sign, "text": printed_digits})


def _equals_text(fields: Fields) -> tuple[str, str]:
    value = given_number(fields)
    sign = key_of(_EQUALS_SIGNS, fields.get("sign", -1 if value < 0 else 1), "sign")
    default = "" if "text" in fields else printed(fields, 7, signed=False).replace(" ", "0")
    return sign, given_text(fields, "text", default)


def _write_reversed(fields: Fields) -> bytes:
    sign, digits = _equals_text(fields)
    return f"={digits[::-1]}{sign}".encode("ascii")


def _write_forward(fields: Fields) -> bytes:
    sign, digits = _equals_text(fields)
    return f"={sign}{digits}".encode("ascii")


def _cut_a12e(text: bytes, _check: Check | None) -> int:
    if not begins(text, _A12E_HEADS):
        return NO_FRAME
    if len(text) < _A12E:
        return WAIT
    return _A12E if text[_A12E - 2 : _A12E] == _LINE_END else NO_FRAME


def _read_a12e(text: bytes, check: Check | None) -> ScaleReading:
    if len(text) != _A12E:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(text)} bytes: {text.hex()}")
    if not begins(text, _A12E_HEADS) or text[-2:] != _LINE_END:
        raise FrameRefused(RefusalCode.BAD_DELIMITER, text.hex())
    body, digits = text[:11], text[11:13]
    if check is not Check.IGNORED and xor_digits(body) != digits:
        raise FrameRefused(RefusalCode.BAD_CHECKSUM, text.hex())
    facts: dict[str, object] = {"checksum": digits.decode("ascii"), "checksum_rule": "xor"}
    line = body.decode("ascii")
    if line[:2] == "  ":
        return _without_weight(line, facts)
    if line[9:] != "kg":
        raise FrameRefused(RefusalCode.BAD_FIELD, f"unit: {line[9:]!r}")
    value, decimals = _a12_number(line[2:9])
    mode = _MODES[line[1].lower()]
    return ScaleReading(value, "kg", decimals, None, mode, facts=facts | {"mode": mode, "text": line[2:9]})


def _without_weight(line: str, facts: dict[str, object]) -> ScaleReading:
    condition = _CONDITIONS.get(line[9:])
    if condition is None:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"condition: {line[9:]!r}")
    return ScaleReading(
        None,
        None,
        None,
        None,
        overload=condition == "overload",
        underload=condition == "underload",
        facts=facts | {"condition": condition, "weight": None},
    )


def _write_a12e(fields: Fields) -> bytes:
    if fields.get("condition") is not None:
        line = " " * 9 + key_of(_CONDITIONS, fields["condition"], "condition")
    else:
        line = f"W{_mode(fields, 'GNT')}{_a12_text(fields)}kg"
    body = line.encode("ascii")
    return body + xor_digits(body) + _LINE_END


def _cut_wn(text: bytes, _check: Check | None) -> int:
    if not begins(text, _WN_HEADS):
        return NO_FRAME
    if len(text) < 13:
        return WAIT
    return 13 if text[11:13] == _LINE_END else NO_FRAME


def _read_wn(text: bytes, _check: Check | None) -> ScaleReading:
    found = _WN_FRAME.fullmatch(text.decode("ascii"))
    if len(text) != 13:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(text)} bytes: {text.hex()}")
    if found is None:
        raise FrameRefused(RefusalCode.BAD_FIELD, repr(text))
    value, decimals = _a12_number(found[2])
    mode = _MODES[found[1][1]]
    return ScaleReading(value, found[3], decimals, None, mode, facts={"mode": mode, "text": found[2]})


def _write_wn(fields: Fields) -> bytes:
    return f"w{_mode(fields, 'wnt')}{_a12_text(fields)}kg\r\n".encode("ascii")


def _mode(fields: Fields, letters: str) -> str:
    mode = fields.get("mode", fields.get("gross_or_net", "gross"))
    return key_of({letter: _MODES[letter.lower()] for letter in letters}, mode, "mode")


def _a12_text(fields: Fields) -> str:
    if "text" in fields:
        return given_text(fields, "text")
    text = printed(fields, _WEIGHT_TEXT, signed=False).replace(" ", "0")
    if given_number(fields) >= 0:
        return text
    if text[0] != "0":
        raise FrameRefused(RefusalCode.BAD_FIELD, "displayed: no room for the sign")
    return "-" + text[1:]


def _a12_number(text: str) -> tuple[Decimal, int]:
    if " " in text or "+" in text:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"displayed: {text!r}")
    return number(text, "displayed")


PROTOCOLS = (
    ScaleProtocol(
        name="yaohua_equals_reversed",
        indicators="Yaohua XK3190 A23p, A26: = and the digits backwards, the sign last",
        check=Check.NONE,
        starts=b"=",
        longest=_EQUALS,
        cut=_cut_equals,
        read=_read_reversed,
        write=_write_reversed,
        states=frozenset({"decimals"}),
    ),
    ScaleProtocol(
        name="yaohua_equals_forward",
        indicators="Yaohua XK3190 A26: = and the sign first, the digits forwards",
        check=Check.NONE,
        starts=b"=",
        longest=_EQUALS,
        cut=_cut_equals,
        read=_read_forward,
        write=_write_forward,
        states=frozenset({"decimals"}),
    ),
    ScaleProtocol(
        name="yaohua_a12e_text",
        indicators="Yaohua XK3190 A12(E)",
        check=Check.XOR,
        starts=b"W ",
        longest=_A12E,
        cut=_cut_a12e,
        read=_read_a12e,
        write=_write_a12e,
        states=frozenset({"decimals", "unit", "gross_or_net"}),
        checks=(Check.XOR, Check.IGNORED),
    ),
    ScaleProtocol(
        name="yaohua_a12_wn_text",
        indicators="Yaohua XK3190 A12: ww gross, wn net, wt tare",
        check=Check.NONE,
        starts=b"w",
        longest=13,
        cut=_cut_wn,
        read=_read_wn,
        write=_write_wn,
        states=frozenset({"decimals", "unit", "gross_or_net"}),
    ),
)
