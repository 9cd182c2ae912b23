"""What do the solver process and the process that calculates for it say to each other, line by line?"""

from __future__ import annotations

from typing import Any

import msgspec

from marketplace.solves.rules import Kind, Progress


class Job(msgspec.Struct, frozen=True):
    """What is to be worked out."""

    kind: Kind
    problem: dict[str, Any]
    seconds: float
    iterations: int | None
    seed: int


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """It has compiled what it needs and reads what it is given."""


class Going(msgspec.Struct, frozen=True, tag="going"):
    """How far it is."""

    progress: Progress


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """The answer, or the best until it was told to stop."""

    result: dict[str, Any]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The problem cannot be right: what is wrong with it."""

    detail: str


Said = Ready | Going | Answered | Refused

_encoder = msgspec.json.Encoder()
_said: msgspec.json.Decoder[Ready | Going | Answered | Refused] = msgspec.json.Decoder(Said)
_job = msgspec.json.Decoder(Job)


def line_of(message: Job | Said) -> bytes:
    """Return a message as one line."""
    return _encoder.encode(message) + b"\n"


def said(line: bytes) -> Ready | Going | Answered | Refused:
    """Read a line of the calculating process."""
    return _said.decode(line)


def job(line: bytes) -> Job:
    """Read a line of the solver process."""
    return _job.decode(line)
