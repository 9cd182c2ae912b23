"""What does the operator's one file say of an agent, and which line of it is wrong?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from devices.codecs.ticket_json import MOST_VIEWS, View
from devices.outbox import CAPACITY, CAPACITY_BYTES
from devices.weighbridge.cameras import NEW_FOR_S, WAIT_S
from devices.weighbridge.pictures import CAPACITY_BYTES as CAPACITY_PICTURES

_MEBIBYTE = 1024 * 1024
_Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
_Seconds = Annotated[float, msgspec.Meta(ge=1, le=86_400)]
_Many = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
_Bytes = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-fA-F]{2}){1,256}\Z")]
_AT = re.compile(r"(.*) - at `\$\.?(.*)`")


class ConfigRefused(ValueError):
    """A file that cannot be used: which file, which key, why."""

    def __init__(self, path: Path, key: str, why: str) -> None:
        super().__init__(f"{path}: {key}: {why}" if key else f"{path}: {why}")
        self.path, self.key, self.why = path, key, why


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file, in which a key that we do not know is an error."""


class OutboxPart(_Part, frozen=True):
    """How much is kept at most: records, and MiB of them."""

    capacity: _Many = CAPACITY
    capacity_mb: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = CAPACITY_BYTES // _MEBIBYTE


class LogPart(_Part, frozen=True):
    """How much is told on standard error, one JSON object a line, and how often the counters."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    counters_every_s: _Seconds = 60.0


class ListenPart(_Part, frozen=True):
    """Where terminals connect, and what they may do (`GatewayLine`)."""

    host: str = "0.0.0.0"  # noqa: S104 -- terminals come from outside
    port: _Port = 6808
    idle_s: _Seconds = 180.0
    auth_s: _Seconds = 60.0
    max_connections: _Many = 10_000
    connections_per_address: _Many = 10_000
    frames_per_minute: _Many = 1_200


class PlatePart(_Part, frozen=True):
    """Who says which vehicle is on the deck: a file that a camera or an operator writes, or the server."""

    file: str = ""
    said_for_s: _Seconds = 600.0


class BarrierPart(_Part, frozen=True):
    """A barrier at a serial port or serial server: what is written to open and to close it.

    With an `answer` the command is done only when these bytes come back within `answer_s`.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    url: str
    open: _Bytes
    close: _Bytes
    answer: _Bytes | None = None
    answer_s: _Seconds = 2.0
    baudrate: Annotated[int, msgspec.Meta(ge=50, le=4_000_000)] = 9600


class CameraPart(_Part, frozen=True):
    """A camera: from where it looks, and the address of its snapshot or the folder that it writes into.

    `password_file` holds the password alone, for its owner alone. What lies in a folder counts for
    `new_for_s` after it was written.
    """

    view: View
    url: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s@]{1,500})?\Z")] = ""
    user: str = ""
    password_file: str = ""
    folder: str = ""
    new_for_s: _Seconds = NEW_FOR_S


class PhotosPart(_Part, frozen=True):
    """How long a ticket waits for its pictures, how many MiB of them wait here at most, and for whom.

    `server` is the address that they are handed in at, where it is not the one of the enrolment; `ca` a file
    with the certificate of its authority.
    """

    wait_s: Annotated[float, msgspec.Meta(ge=0.2, le=30)] = WAIT_S
    capacity_mb: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = CAPACITY_PICTURES // _MEBIBYTE
    server: str = ""
    ca: str = ""


class GatewayFile(_Part, frozen=True):
    """`huanlian devices gateway FILE`; `folder` is where the gateway keeps what is its own."""

    folder: str
    terminals: str = ""
    listen: ListenPart = msgspec.field(default_factory=ListenPart)
    outbox: OutboxPart = msgspec.field(default_factory=OutboxPart)
    log: LogPart = msgspec.field(default_factory=LogPart)


class ScaleAgentFile(_Part, frozen=True):
    """`huanlian devices scale FILE`; `scale` is the file that the commissioning wrote."""

    folder: str
    scale: str
    plate: PlatePart = msgspec.field(default_factory=PlatePart)
    barriers: list[BarrierPart] = msgspec.field(default_factory=list)
    cameras: Annotated[list[CameraPart], msgspec.Meta(max_length=MOST_VIEWS)] = msgspec.field(
        default_factory=list
    )
    photos: PhotosPart = msgspec.field(default_factory=PhotosPart)
    outbox: OutboxPart = msgspec.field(default_factory=OutboxPart)
    log: LogPart = msgspec.field(default_factory=LogPart)


AgentFile = GatewayFile | ScaleAgentFile
_F = TypeVar("_F", GatewayFile, ScaleAgentFile)


def read_file(path: Path, shape: type[_F]) -> _F:
    """Read an agent's file; raise `ConfigRefused` naming the key."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=shape)
    except OSError as problem:
        raise ConfigRefused(path, "", problem.strerror or str(problem)) from None
    except (msgspec.MsgspecError, ValueError) as problem:
        found = _AT.fullmatch(str(problem))
        why, key = found.groups() if found else (str(problem), "")
        raise ConfigRefused(path, key, why) from None


def read_any(path: Path) -> AgentFile:
    """Read the file of whichever agent it is."""
    try:
        keys = msgspec.toml.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, ValueError):
        keys = {}
    return read_file(path, ScaleAgentFile) if "scale" in keys else read_file(path, GatewayFile)


def beside(path: Path, name: str) -> Path:
    """Return a file that is named in a file: relative to that one's folder."""
    return path.parent / name
