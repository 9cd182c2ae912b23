"""Which frames did a terminal last send, byte by byte, and what does each say?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from sqlalchemy.orm import Session

from devices.codecs import FrameRefused, jt808
from devices.codecs.wire import Millis, from_millis
from devices.readings import RAW_FRAMES
from tracking.intake import queries as intake

Digits = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2}){1,2000}\Z")]


class _Frame(msgspec.Struct):
    t: Millis
    hex: Digits


class _Told(msgspec.Struct):
    frames: Annotated[list[_Frame], msgspec.Meta(max_length=50)]


@dataclass(frozen=True, slots=True)
class RawFrame:
    """One frame as it came to the gateway: its message's number, or why it is refused."""

    at: datetime
    digits: str
    message: str
    refusal: str


def raw_frames(session: Session, device_id: str) -> Sequence[RawFrame]:
    """Return the frames that the gateway has told of a terminal last, the newest first."""
    event = intake.newest_event(session, device_id, RAW_FRAMES)
    if event is None:
        return ()
    try:
        told = msgspec.convert(event.args, _Told)
    except msgspec.ValidationError:
        return ()
    return [_read(frame) for frame in reversed(told.frames)]


def _read(frame: _Frame) -> RawFrame:
    message = refusal = ""
    try:
        envelope = jt808.unwrap(bytes.fromhex(frame.hex))
        message = f"0x{envelope.msg_id:04X}"
        if envelope.packet is None:
            jt808.message_of(envelope)
    except FrameRefused as refused:
        refusal = str(refused.code)
    return RawFrame(from_millis(frame.t), frame.hex, message, refusal)
