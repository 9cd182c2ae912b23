"""How are numbers, checks and parity written in the bytes of weighing indicators?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from operator import xor

from devices.codecs import FrameRefused, RefusalCode

Fields = Mapping[str, object]

_LOW_SEVEN = bytes(byte & 0x7F for byte in range(256))
_EVEN = bytes((byte & 0x7F) | ((byte & 0x7F).bit_count() % 2) << 7 for byte in range(256))
_ODD = bytes(byte ^ 0x80 for byte in _EVEN)
_MARK = bytes(byte | 0x80 for byte in range(256))
PARITIES = {"even": _EVEN, "odd": _ODD, "mark": _MARK}
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?|[+-]?\.[0-9]+")
_LONGEST_NUMBER = 12
_LARGEST = Decimal(10) ** 12
_MOST_DECIMALS = 9


def plain(frame: bytes) -> bytes:
    """Return the bytes without bit 7."""
    return frame.translate(_LOW_SEVEN)


def parity_of(frame: bytes) -> str | None:
    """Name the parity that bit 7 carries in a whole frame, or None where it carries none."""
    if plain(frame) == frame:
        return None
    return next((name for name, table in PARITIES.items() if frame.translate(table) == frame), None)


def with_parity(frame: bytes, parity: object) -> bytes:
    """Set bit 7 of every byte as `parity` says; None leaves the frame as it is."""
    if parity is None:
        return frame
    if not isinstance(parity, str) or parity not in PARITIES:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"parity: {parity!r}")
    return frame.translate(PARITIES[parity])


def number(text: str, field: str) -> tuple[Decimal, int]:
    """Return the number in `text` and its decimals; blanks around it and after its sign are padding.

    Raise `FrameRefused` with `bad_field` for anything else, an empty field included.
    """
    sign, digits = _signed(text.strip(" "))
    if len(digits) > _LONGEST_NUMBER or not digits.isascii() or _NUMBER.fullmatch(digits) is None:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{field}: {text!r}")
    return sign * Decimal(digits), len(digits.partition(".")[2])


def _signed(text: str) -> tuple[int, str]:
    if text[:1] in ("+", "-"):
        rest = text[1:].lstrip(" ")
        return (-1 if text[0] == "-" else 1), rest if rest[:1] not in ("+", "-") else ""
    return 1, text


def xor_digits(body: bytes) -> bytes:
    """Return the exclusive or of all bytes as two upper-case hexadecimal digits."""
    return f"{reduce(xor, body, 0):02X}".encode("ascii")


def sum7(body: bytes) -> int:
    """Return the two's complement of the sum of the low seven bits (Rockwell 57C428, appendix D)."""
    return -sum(byte & 0x7F for byte in body) & 0x7F


def begins(text: bytes, heads: tuple[bytes, ...]) -> bool:
    """Tell whether `text` begins with one of `heads`, as far as it goes."""
    return any(text[: len(head)] == head[: len(text)] for head in heads)


def given_text(fields: Fields, name: str, default: str | None = None) -> str:
    """Return a text of `fields`; refuse a missing or other one, and what ASCII cannot write."""
    value = fields.get(name, default)
    if not isinstance(value, str) or not value.isascii():
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {value!r}")
    return value


def given_whole(fields: Fields, name: str, default: int | None = None) -> int:
    """Return a whole number of `fields`; refuse a missing or other one."""
    value = fields.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {value!r}")
    return value


def given_places(fields: Fields, default: int | None = None) -> int:
    """Return the decimals of `fields`, 0 to 9; refuse others."""
    places = given_whole(fields, "decimals", default)
    if not 0 <= places <= _MOST_DECIMALS:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"decimals: {places}")
    return places


def given_flag(fields: Fields, name: str, default: bool = False) -> bool:
    """Return a truth value of `fields`; refuse another one."""
    value = fields.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {value!r}")
    return value


def given_number(fields: Fields, name: str = "displayed") -> Decimal:
    """Return a number of `fields` as it was written; refuse a missing or other one."""
    value = fields.get(name)
    if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {value!r}")
    exact = Decimal(value) if isinstance(value, int) else Decimal(str(value))
    if not exact.is_finite() or abs(exact) >= _LARGEST:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {value!r}")
    return exact


def printed(fields: Fields, width: int, name: str = "displayed", *, signed: bool = True) -> str:
    """Print a number of `fields` with its `decimals`, right-justified; refuse one that does not fit."""
    value = given_number(fields, name)
    own = min(_MOST_DECIMALS, max(0, -int(value.normalize().as_tuple().exponent)))
    places = own if fields.get("decimals") is None else given_places(fields)
    text = f"{value if signed else abs(value):.{places}f}".rjust(width)
    if len(text) > width:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {value} is wider than {width} characters")
    return text


def digits_of(value: Decimal, decimals: int, width: int, name: str) -> str:
    """Return the display without sign and point, filled with zeros; refuse what does not fit."""
    scaled = abs(value).scaleb(decimals)
    if scaled != int(scaled) or len(str(int(scaled))) > width:
        raise FrameRefused(
            RefusalCode.BAD_FIELD, f"{name}: {value} with {decimals} decimals in {width} digits"
        )
    return f"{int(scaled):0{width}d}"


def one_of(value: str, table: Mapping[str, object], field: str) -> str:
    """Return `value` once `table` knows it; refuse it otherwise."""
    if value not in table:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{field}: {value!r}")
    return value


def key_of(table: Mapping[str, object], value: object, field: str) -> str:
    """Return the first key of `table` that means `value`; refuse a value that none means."""
    for key, meaning in table.items():
        if meaning == value:
            return key
    raise FrameRefused(RefusalCode.BAD_FIELD, f"{field}: {value!r}")


def cut_line(heads: tuple[bytes, ...], longest: int, text: bytes) -> int:
    """Find the end of a line that begins with one of `heads`: -1 for more, 0 for no frame, or its length."""
    if not begins(text, heads):
        return 0
    end = text.find(b"\n", 0, longest)
    if end >= 0:
        return end + 1
    return -1 if len(text) < longest else 0
