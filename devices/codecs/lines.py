"""How do captured frames become JSON lines, and JSON lines frames, so that they work in pipes?

One line in, one or (frames of a long message) several out. What is refused is told as
`{"error": code, "detail": …}` in its place and stops nothing.
"""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from typing import IO

import msgspec

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.protocols import Lines

MAX_LINE = 1024 * 1024
_CHUNK = 65536
_SHOWN = 64


def decode_lines(lines: Iterable[bytes], protocol: Lines) -> Iterator[bytes]:
    """Yield one JSON object a line of hexadecimal digits; blanks and empty lines do not count."""
    for line in lines:
        if text := line.removeprefix(BOM_UTF8).strip():
            try:
                yield _json(protocol.decode(_bytes_of(text)))
            except FrameRefused as refused:
                yield _refusal(refused)


def decode_stream(stream: IO[bytes], protocol: Lines) -> Iterator[bytes]:
    """Yield one JSON object a frame or refusal in a stream of bytes, as they come."""
    while chunk := _some(stream):
        yield from (_said(found) for found in protocol.feed(chunk))
    yield from (_said(left) for left in protocol.close())


def encode_lines(lines: Iterable[bytes], protocol: Lines) -> Iterator[bytes]:
    """Yield the frames, in hexadecimal digits, of one JSON object a line."""
    for line in lines:
        if text := line.removeprefix(BOM_UTF8).strip():
            try:
                frames = protocol.encode(_object_of(text))
            except FrameRefused as refused:
                yield _refusal(refused)
            else:
                yield from (frame.hex().encode("ascii") for frame in frames)


def read_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a stream; one longer than `MAX_LINE` is cut, so that memory stays bounded."""
    while line := stream.readline(MAX_LINE):
        yield line


def _bytes_of(text: bytes) -> bytes:
    try:
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        raise FrameRefused(RefusalCode.BAD_HEX, f"not hexadecimal: {text[:_SHOWN]!r}") from None


def _object_of(text: bytes) -> dict[str, object]:
    try:
        return msgspec.json.decode(text, type=dict[str, object])
    except (msgspec.MsgspecError, ValueError, RecursionError) as problem:
        raise FrameRefused(RefusalCode.BAD_JSON, str(problem)) from None


def _some(stream: IO[bytes]) -> bytes:
    """Return what is there already, so that a live stream is told as it comes."""
    read = getattr(stream, "read1", stream.read)
    return bytes(read(_CHUNK))


def _said(found: dict[str, object] | FrameRefused) -> bytes:
    return _refusal(found) if isinstance(found, FrameRefused) else _json(found)


def _refusal(refused: FrameRefused) -> bytes:
    return _json({"error": str(refused.code), "detail": refused.detail})


def _json(told: dict[str, object]) -> bytes:
    return msgspec.json.encode(told)
