"""Who speaks, and about what, under one MQTT topic?"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from devices.codecs import FrameRefused, RefusalCode

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class TopicKind(StrEnum):
    """The last level of a topic (telemetry.md 1)."""

    POSITIONS = "pos"
    EVENTS = "evt"
    WEIGHINGS = "wgt"
    RESULTS = "res"
    STATE = "state"
    ACK = "ack"
    COMMANDS = "cmd"
    CONFIG = "cfg"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic, taken apart."""

    tenant: str
    device: str
    kind: TopicKind


def topic(tenant: str, device: str, kind: str) -> str:
    """Return `v1/{tenant}/{device}/{kind}`; `kind` may be a `TopicKind` or a `Stream`."""
    text = f"v1/{tenant}/{device}/{kind}"
    parse_topic(text)
    return text


@lru_cache(maxsize=65536)
def parse_topic(text: str) -> Topic:
    """Take a topic apart; refuse another version, an unknown kind, or a name beyond [A-Za-z0-9_.-]."""
    parts = text.split("/")
    if len(parts) != 4 or parts[0] != "v1":
        raise FrameRefused(RefusalCode.BAD_TOPIC, text[:200])
    _, tenant, device, kind = parts
    if not (_NAME.fullmatch(tenant) and _NAME.fullmatch(device)) or kind not in set(TopicKind):
        raise FrameRefused(RefusalCode.BAD_TOPIC, text[:200])
    return Topic(tenant, device, TopicKind(kind))
