"""What may a ticket hold beside the weight, all of it under the scale's signature?

The keys are additions to contract 1: they are kept with the record and signed with it, so that a server which
does not know one still verifies the ticket, and a ticket without them is what it always was. They are read
one by one, and one that cannot be read is as if it were not there: the record itself stays what was signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import msgspec

from devices.codecs.wire import Count, JsonObject, Millis, Seq, check

Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
View = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,15}\Z")]
Plate = Annotated[str, msgspec.Meta(max_length=32)]
Person = Annotated[str, msgspec.Meta(max_length=60)]
PHOTO_PATH = "/api/v1/device/photos"
"""Where the pictures that a ticket names are handed in."""
MOST_PHOTO_BYTES = 3_000_000
"""A snapshot of four megapixels has half of it."""
MOST_VIEWS = 8
LONGEST_REASON = 200
VIEWS = ("front", "rear", "top", "operator")
"""The usual places of the cameras; a site may name others."""


class NoPhoto(StrEnum):
    """Why a view that the agent is set to take is not in the ticket."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    DENIED = "denied"
    NO_PICTURE = "no_picture"
    TOO_LARGE = "too_large"
    NOTHING_NEW = "nothing_new"
    STORE_FULL = "store_full"
    DISK = "disk"


class Mode(StrEnum):
    """Whether somebody had signed on at the scale's desk when the ticket was written."""

    ATTENDED = "attended"
    UNATTENDED = "unattended"


class Source(StrEnum):
    """How a ticket's weight came about: read off the indicator, taken from an earlier ticket, or typed."""

    WEIGHED = "weighed"
    STORED = "stored"
    TYPED = "typed"


class Plates(msgspec.Struct, frozen=True, omit_defaults=True):
    """The plate of the vehicle by each who names it: camera or card reader, the desk, the server."""

    seen: Plate = ""
    typed: Plate = ""
    told: Plate = ""


class Earlier(msgspec.Struct, frozen=True):
    """The ticket that a stored empty weight was weighed by: number, hash, time."""

    no: Seq
    hash: Digest
    t: Millis


class Void(msgspec.Struct, frozen=True):
    """Which ticket of the same scale is void from now on, why, and by whom."""

    no: Seq
    hash: Digest
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_REASON)]
    by: Person = ""


class Particulars(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a ticket holds beside the weight, every key optional."""

    how: dict[str, int] = {}
    curve: Annotated[list[tuple[Count, Count]], msgspec.Meta(max_length=240)] = []
    photos: Annotated[dict[View, Digest], msgspec.Meta(max_length=MOST_VIEWS)] = {}
    lacks: Annotated[dict[View, NoPhoto], msgspec.Meta(max_length=MOST_VIEWS)] = {}
    plates: Plates | None = None
    operator: Person = ""
    mode: Mode | None = None
    cargo: Annotated[str, msgspec.Meta(max_length=60)] = ""
    source: Source = msgspec.field(name="from", default=Source.WEIGHED)
    of: Earlier | None = None
    void: Void | None = None


PARTS: Mapping[str, type[msgspec.Struct]] = {"plates": Plates, "of": Earlier, "void": Void}
"""What the keys hold that are objects with keys of their own."""
_FIELDS = msgspec.structs.fields(Particulars)


def particulars(extra: Mapping[str, object] | None) -> Particulars:
    """Read what a ticket holds beside the weight; a key that cannot be read is passed over."""
    found: JsonObject = {}
    for one in _FIELDS:
        if extra is None or one.encode_name not in extra:
            continue
        try:
            found[one.name] = msgspec.convert(extra[one.encode_name], one.type)
        except (msgspec.ValidationError, RecursionError):
            continue
    return Particulars(**found)


def as_extra(told: Particulars) -> JsonObject:
    """Return particulars as the keys of a ticket, without those that say nothing; refuse what is too long."""
    extra: JsonObject = msgspec.to_builtins(told)
    check(extra, Particulars)
    return extra
