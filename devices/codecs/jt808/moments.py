"""How are dates and times of JT/T 808 read from their decimal digits, and written back?

Digits that are no time are kept as they are, so that a terminal's broken clock neither stops the decoding nor
is mended silently. No zone is told: it is a setting of the terminal (GMT+8 by the standard).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from devices.codecs.jt808.header import Version
from devices.codecs.jt808.layouts import Given, Source, Values, bad, given


@lru_cache(maxsize=4096)
def moment_of(digits: str) -> datetime | None:
    """Return the moment without a zone of YYMMDDhhmmss, or None when the digits are no time."""
    if len(digits) != 12 or not (digits.isascii() and digits.isdigit()):
        return None
    year, month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(0, 12, 2))
    try:
        return datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 -- a setting elsewhere
    except ValueError:
        return None


def digits_of(told: object, name: str) -> str:
    """Return YYMMDDhhmmss of an ISO text without a zone, or the digits themselves."""
    if not isinstance(told, str):
        raise bad(name, told)
    if len(told) == 12:
        return told
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        raise bad(name, told) from None
    if moment.tzinfo is not None or not 2000 <= moment.year <= 2099:
        raise bad(name, told)
    return moment.strftime("%y%m%d%H%M%S")


def packed(digits: str, size: int, name: str) -> bytes:
    """Return digits as `size` bytes, two in a byte."""
    try:
        data = bytes.fromhex(digits)
    except ValueError:
        data = b""
    if len(data) != size or len(digits) != 2 * size:
        raise bad(name, digits)
    return data


@dataclass(frozen=True, slots=True)
class Digits:
    """Decimal digits, two in a byte, told as they stand."""

    name: str
    size: int

    def read(self, source: Source, values: Values) -> None:
        """Note the digits."""
        values[self.name] = source.take(self.size, self.name).hex()

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the digits."""
        digits = given(values, self.name)
        if not isinstance(digits, str):
            raise bad(self.name, digits)
        return packed(digits, self.size, self.name)


@dataclass(frozen=True, slots=True)
class Moment:
    """YYMMDDhhmmss, told as 20YY-MM-DDThh:mm:ss."""

    name: str

    def read(self, source: Source, values: Values) -> None:
        """Note the time, or the digits that are none."""
        digits = source.take(6, self.name).hex()
        moment = moment_of(digits)
        values[self.name] = moment.isoformat() if moment else digits

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the time."""
        return packed(digits_of(given(values, self.name), self.name), 6, self.name)


@dataclass(frozen=True, slots=True)
class Clock:
    """hhmm, told as hh:mm:00."""

    name: str

    def read(self, source: Source, values: Values) -> None:
        """Note the time of day."""
        digits = source.take(2, self.name).hex()
        values[self.name] = f"{digits[:2]}:{digits[2:]}:00"

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the time of day."""
        told = given(values, self.name)
        if not isinstance(told, str):
            raise bad(self.name, told)
        return packed(told[:2] + told[3:5], 2, self.name)
