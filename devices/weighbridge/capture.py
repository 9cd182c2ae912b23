"""Where do the bytes of an indicator come from: a port, a serial server, a file, or standard input?"""

from __future__ import annotations

import re
import stat
import sys
import time
from pathlib import Path
from typing import BinaryIO, Protocol

import serial

LARGEST_BYTES = 4 * 1024 * 1024
_CHUNK = 4096
_ASK_EVERY_S = 0.2
_HOST_PORT = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}")
_WINDOWS_PORT = re.compile(r"COM[0-9]{1,3}", re.IGNORECASE)


class SourceLost(OSError):
    """A source that cannot be opened or read: which one, and why."""

    def __init__(self, source: str, why: object) -> None:
        super().__init__(f"{source}: {why}")


class Source(Protocol):
    """Somewhere bytes come from; a `live` one goes on, another has been read when it ends."""

    name: str
    live: bool

    def listen(self, seconds: float, request: bytes = b"") -> bytes:
        """Return what arrives in that many seconds from now, asking again and again with `request`."""

    def close(self) -> None:
        """Let it go."""


class FileSource:
    """A file of captured bytes, or standard input, read to its end at once."""

    live = False

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self._stream = stream

    def listen(self, seconds: float, request: bytes = b"") -> bytes:
        """Return the bytes there are; refuse more than 4 MiB."""
        data = self._stream.read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise SourceLost(self.name, f"more than {LARGEST_BYTES} bytes")
        return data

    def close(self) -> None:
        """Close the file; standard input is not ours to close."""
        if self.name != "-":
            self._stream.close()


class PortSource:
    """A serial port or a serial server, as pyserial opens it."""

    live = True

    def __init__(self, name: str, port: serial.Serial) -> None:
        self.name = name
        self._port = port

    def listen(self, seconds: float, request: bytes = b"") -> bytes:
        """Forget what has waited, and return what arrives from now on, at most 4 MiB."""
        data, asked, ends = bytearray(), float("-inf"), time.monotonic() + seconds
        try:
            self._port.reset_input_buffer()
            while time.monotonic() < ends and len(data) < LARGEST_BYTES:
                if request and time.monotonic() - asked >= _ASK_EVERY_S:
                    asked = time.monotonic()
                    self._port.write(request)
                data += self._port.read(max(1, min(self._port.in_waiting, _CHUNK)))
        except (serial.SerialException, OSError) as problem:
            raise SourceLost(self.name, problem) from None
        return bytes(data)

    def close(self) -> None:
        """Close the port."""
        self._port.close()


def address_of(source: str) -> str:
    """Return what pyserial opens: `host:port` is a serial server's address."""
    return f"socket://{source}" if _HOST_PORT.fullmatch(source) and not Path(source).exists() else source


def is_port(source: str) -> bool:
    """Tell whether a source is a port or serial server, and not a file or standard input."""
    address = address_of(source)
    if "://" in address or _WINDOWS_PORT.fullmatch(address):
        return True
    path = Path(address)
    return path.exists() and stat.S_ISCHR(path.stat().st_mode)


def open_source(source: str, baudrate: int) -> Source:
    """Open `-`, a file, `/dev/ttyS0`, `COM3`, `192.0.2.7:4001` or a pyserial address; raise `SourceLost`."""
    try:
        if source == "-":
            return FileSource("-", sys.stdin.buffer)
        if is_port(source):
            address = address_of(source)
            return PortSource(source, serial.serial_for_url(address, baudrate=baudrate, timeout=0.1))
        return FileSource(source, Path(source).open("rb"))
    except (serial.SerialException, OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) and problem.strerror else problem
        raise SourceLost(source, why) from None
