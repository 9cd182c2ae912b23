"""Which payload travels under which topic, in which direction, and does the broker keep it (contract 1)?"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from devices.codecs import commands_json, config_json, state_json, telemetry_json, weighing_json
from devices.codecs.ticket_json import Particulars
from devices.codecs.topics import TopicKind


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of topic: what its payloads are, and who says them.

    `up`: the device says it. `batched`: the payload is `{"inc": …, "r": [shape, …]}`.
    """

    kind: TopicKind
    name: str
    shape: type[msgspec.Struct]
    up: bool
    retained: bool = False
    batched: bool = False
    beside: type[msgspec.Struct] | None = None
    """Keys that a payload may hold besides, of which a reader need not know any."""


CHANNELS = (
    Channel(TopicKind.POSITIONS, "position", telemetry_json.ToldPosition, up=True, batched=True),
    Channel(TopicKind.EVENTS, "event", telemetry_json._Event, up=True, batched=True),
    Channel(TopicKind.WEIGHINGS, "weighing", weighing_json._Weighing, up=True, beside=Particulars),
    Channel(TopicKind.STATE, "state", state_json._State, up=True, retained=True),
    Channel(TopicKind.ACK, "ack", telemetry_json._Ack, up=False),
    Channel(TopicKind.COMMANDS, "command", commands_json._Command, up=False),
    Channel(TopicKind.RESULTS, "result", commands_json._Result, up=True),
    Channel(TopicKind.CONFIG, "configuration", config_json._Configuration, up=False, retained=True),
)
