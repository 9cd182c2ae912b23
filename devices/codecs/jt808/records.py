"""What does a message say whose body has a table entry and no type of its own?

A `Record` holds plain values under the names of its layout. Terminals mix the editions, so a body that does
not fit the layout of its header's edition, but fits another one to the byte, is read as that one and says so
in `edition`.
"""

from dataclasses import dataclass, field

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808 import platform, terminal, video
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.layouts import Layout, Source, Values, read_fields, write_fields

LAYOUTS: dict[int, Layout] = {**terminal.MESSAGES, **platform.MESSAGES, **video.MESSAGES}
_OTHERS = {
    edition: tuple(other for other in reversed(Version) if other is not edition) for edition in Version
}


@dataclass(frozen=True, slots=True)
class Record:
    """The plain values of one body; `tail` are bytes that its layout does not tell.

    `edition` is the layout that was used where it is not the header's.
    """

    values: Values = field(default_factory=dict)
    edition: Version | None = None
    tail: bytes = b""


def read_record(msg_id: int, data: bytes, version: Version) -> Record:
    """Read a body in the layout of its message; refuse (`bad_length`) one that ends too early."""
    layout = LAYOUTS[msg_id]
    refused, partial = None, None
    try:
        partial = _read(layout, data, version)
    except FrameRefused as refusal:
        refused = refusal
    if partial is not None and not partial.tail:
        return partial
    for edition in _OTHERS[version]:
        try:
            whole = _read(layout, data, edition)
        except FrameRefused:
            continue
        if not whole.tail:
            return Record(whole.values, edition)
    if partial is None:
        raise refused or FrameRefused(RefusalCode.BAD_LENGTH)
    return partial


def write_record(msg_id: int, body: Record, version: Version) -> bytes:
    """Write a body in the layout of its message and edition; refuse values that do not fit."""
    return write_fields(LAYOUTS[msg_id], body.values, body.edition or version) + body.tail


def _read(layout: Layout, data: bytes, edition: Version) -> Record:
    source = Source(data, edition)
    values = read_fields(layout, source, {})
    return Record(values, tail=source.rest())
