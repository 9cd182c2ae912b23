"""What do registration, authentication and the general replies of JT/T 808 say?"""

from dataclasses import dataclass, field
from enum import IntEnum

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808.header import Version, word
from devices.codecs.jt808.texts import Unusual, read_text, write_text

# Widths of maker, model and terminal id in 0x0100.
_REGISTRATION_WIDTHS = {Version.V2011: (5, 8, 7), Version.V2013: (5, 20, 7), Version.V2019: (11, 30, 30)}
_SHORTEST_2013 = 37  # body of a 2013 registration with an empty plate
_IMEI, _SOFTWARE = 15, 20


class Result(IntEnum):
    """The result of a general reply; ALARM_CONFIRMED is the platform's only."""

    OK = 0
    FAILED = 1
    BAD_MESSAGE = 2
    UNSUPPORTED = 3
    ALARM_CONFIRMED = 4


class RegistrationResult(IntEnum):
    """The result of a registration."""

    OK = 0
    VEHICLE_ALREADY_REGISTERED = 1
    NO_SUCH_VEHICLE = 2
    TERMINAL_ALREADY_REGISTERED = 3
    NO_SUCH_TERMINAL = 4


@dataclass(frozen=True, slots=True)
class Empty:
    """The body of a heartbeat (0x0002) and of a logout (0x0003)."""


@dataclass(frozen=True, slots=True)
class Raw:
    """The body of a message this codec has no table entry for."""

    data: bytes


@dataclass(frozen=True, slots=True)
class GeneralReply:
    """0x0001 from the terminal, 0x8001 from the platform: serial and id are of the answered message."""

    serial: int
    msg_id: int
    result: int


@dataclass(frozen=True, slots=True)
class Registration:
    """0x0100: the terminal and its vehicle; with `plate_colour` 0 the `plate` is the vehicle number (VIN)."""

    province: int
    city: int
    maker: str
    model: str
    terminal_id: str
    plate_colour: int
    plate: str
    unusual: Unusual = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegistrationReply:
    """0x8100: the authentication code comes on success only."""

    serial: int
    result: int
    auth_code: str = ""
    unusual: Unusual = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authentication:
    """0x0102: the code given at registration; IMEI and software version in 2019 only."""

    auth_code: str
    imei: str = ""
    software: str = ""
    unusual: Unusual = field(default_factory=dict)


def read_empty(data: bytes, _version: Version) -> Empty | Raw:
    """Read a body that should be empty; keep what is there if it is not."""
    return Raw(data) if data else Empty()


def write_empty(_body: Empty, _version: Version) -> bytes:
    """Write an empty body."""
    return b""


def read_general_reply(data: bytes, _version: Version) -> GeneralReply:
    """Read 0x0001 or 0x8001: exactly five bytes."""
    if len(data) != 5:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"general reply of {len(data)} bytes")
    return GeneralReply(int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big"), data[4])


def write_general_reply(body: GeneralReply, _version: Version) -> bytes:
    """Write 0x0001 or 0x8001."""
    return word(body.serial, "serial") + word(body.msg_id, "msg_id") + octet(body.result, "result")


def registration_version(data: bytes, version: Version) -> Version:
    """Tell 2011 from 2013 by the length of a registration (telemetry.md 2.3)."""
    if version is Version.V2019:
        return version
    return Version.V2013 if len(data) >= _SHORTEST_2013 else Version.V2011


def read_registration(data: bytes, version: Version) -> Registration:
    """Read 0x0100 in the layout of `version`."""
    widths = _REGISTRATION_WIDTHS[version]
    if len(data) < 5 + sum(widths):
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"registration of {len(data)} bytes")
    unusual: Unusual = {}
    at, texts = 4, []
    for name, width in zip(("maker", "model", "terminal_id"), widths, strict=True):
        texts.append(read_text(name, data[at : at + width], unusual))
        at += width
    plate = read_text("plate", data[at + 1 :], unusual, fixed=False)
    province, city = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    maker, model, terminal_id = texts
    return Registration(province, city, maker, model, terminal_id, data[at], plate, unusual)


def write_registration(body: Registration, version: Version) -> bytes:
    """Write 0x0100 in the layout of `version`."""
    maker, model, terminal_id = _REGISTRATION_WIDTHS[version]
    return (
        word(body.province, "province")
        + word(body.city, "city")
        + write_text("maker", body.maker, body.unusual, maker)
        + write_text("model", body.model, body.unusual, model)
        + write_text("terminal_id", body.terminal_id, body.unusual, terminal_id)
        + octet(body.plate_colour, "plate_colour")
        + write_text("plate", body.plate, body.unusual)
    )


def read_registration_reply(data: bytes, _version: Version) -> RegistrationReply:
    """Read 0x8100."""
    if len(data) < 3:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"registration reply of {len(data)} bytes")
    unusual: Unusual = {}
    code = read_text("auth_code", data[3:], unusual, fixed=False)
    return RegistrationReply(int.from_bytes(data[:2], "big"), data[2], code, unusual)


def write_registration_reply(body: RegistrationReply, _version: Version) -> bytes:
    """Write 0x8100."""
    code = write_text("auth_code", body.auth_code, body.unusual)
    return word(body.serial, "serial") + octet(body.result, "result") + code


def read_authentication(data: bytes, version: Version) -> Authentication:
    """Read 0x0102: the whole body is the code before 2019."""
    unusual: Unusual = {}
    if version is not Version.V2019:
        return Authentication(read_text("auth_code", data, unusual, fixed=False), unusual=unusual)
    length = data[0] if data else 0
    if len(data) != 1 + length + _IMEI + _SOFTWARE:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"authentication of {len(data)} bytes, code of {length}")
    code = read_text("auth_code", data[1 : 1 + length], unusual, fixed=False)
    imei = read_text("imei", data[1 + length : 1 + length + _IMEI], unusual)
    software = read_text("software", data[1 + length + _IMEI :], unusual)
    return Authentication(code, imei, software, unusual)


def write_authentication(body: Authentication, version: Version) -> bytes:
    """Write 0x0102."""
    code = write_text("auth_code", body.auth_code, body.unusual)
    if version is not Version.V2019:
        return code
    imei = write_text("imei", body.imei, body.unusual, _IMEI)
    return (
        octet(len(code), "auth_code")
        + code
        + imei
        + write_text("software", body.software, body.unusual, _SOFTWARE)
    )


def octet(value: int, name: str) -> bytes:
    """Return `value` as one byte; refuse what does not fit."""
    if not 0 <= value <= 0xFF:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {value}")
    return bytes([value])
