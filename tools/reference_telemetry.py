"""What does the wire contract say, key by key, as a document?"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import inspect

from devices.codecs import (
    commands_json,
    config_json,
    enrolment_json,
)
from devices.codecs.command_args import ARGS, GATEWAY, SCALE, SIGNED, TERMINAL
from devices.codecs.contract import CHANNELS
from devices.codecs.ticket_json import PARTS
from tools.reference_words import intro, page, said, table, tick


def telemetry_page() -> str:
    """Return telemetry.md."""
    parts = []
    for channel in CHANNELS:
        parts.append(f"## {channel.name}: `v1/{{tenant}}/{{device}}/{channel.kind}`")
        parts.append(_keys(channel.name, channel.shape))
        if channel.beside is not None:
            parts += _beside(channel.name, channel.beside)
    return page("Telemetry", intro("telemetry"), *parts, *_orders(), *_settings_and_enrolment())


def _beside(name: str, shape: type) -> Iterator[str]:
    """Yield the keys that a payload may hold besides, and those of the objects in them."""
    yield f"## What a {name} may hold besides"
    yield intro("particulars")
    yield _keys("particulars", shape)
    for key, part in PARTS.items():
        yield f"Of `{key}`:"
        yield _keys(f"particulars_{key}", part)


def _keys(name: str, shape: type) -> str:
    """Return the table of the keys of one payload."""
    info = inspect.type_info(shape)
    assert isinstance(info, inspect.StructType)
    told = said(f"keys.{name}", (one.encode_name for one in info.fields))
    rows = (
        (tick(f.encode_name), _limits(f.type), "yes" if f.required else "", told[f.encode_name])
        for f in info.fields
    )
    return table(("key", "value", "required", "meaning"), rows)


def _orders() -> Iterator[str]:
    """Yield what can be commanded, of whom, and what can come of it."""
    yield "## What can be commanded"
    yield intro("commands")
    told = said("commands", map(str, ARGS))
    rows = []
    for kind, shape in ARGS.items():
        whom = {"terminal": TERMINAL, "scale": SCALE, "gateway": GATEWAY}
        takers = ", ".join(name for name, kinds in whom.items() if kind in kinds)
        info = inspect.type_info(shape)
        assert isinstance(info, inspect.StructType)
        args = ", ".join(tick(f.encode_name) + ("" if f.required else " (optional)") for f in info.fields)
        rows.append((tick(kind), takers, "yes" if kind in SIGNED else "", args, told[kind]))
    yield table(("type", "taken by", "signed", "args", "meaning"), rows)
    yield "## Why a command failed"
    codes = said("result_codes", map(str, commands_json.ResultCode))
    yield table(("code", "meaning"), ((tick(code), codes[code]) for code in codes))


def _settings_and_enrolment() -> Iterator[str]:
    """Yield what a configuration may set, and how a device is enrolled."""
    yield "## What a gateway's configuration may set"
    yield _keys("gateway_settings", config_json.GatewaySettings)
    yield "## What a scale's configuration may set"
    yield _keys("scale_settings", config_json.ScaleSettings)
    yield f"## enrolment: `POST {enrolment_json.ENROL_PATH}`"
    yield intro("enrolment")
    yield _keys("enrolment_request", enrolment_json.EnrolmentRequest)
    yield "The answer:"
    yield _keys("enrolment_answer", enrolment_json.EnrolmentAnswer)


def _limits(kind: inspect.Type) -> str:
    """Return a value's type and limits in words."""
    text = "object"
    match kind:
        case inspect.UnionType(types):
            text = " or ".join(_limits(one) for one in types if not isinstance(one, inspect.NoneType))
        case inspect.IntType() | inspect.FloatType():
            word = "integer" if isinstance(kind, inspect.IntType) else "number"
            text = f"{word} {kind.ge} … {kind.le}"
        case inspect.StrType():
            text = f"text matching `{kind.pattern}`" if kind.pattern else f"text, up to {kind.max_length}"
        case inspect.EnumType(cls):
            text = "one of " + ", ".join(tick(str(item.value)) for item in cls)
        case inspect.ListType():
            text = f"list of up to {kind.max_length}: {_limits(kind.item_type)}"
        case inspect.TupleType(types):
            text = "[" + ", ".join(_limits(one) for one in types) + "]"
    return text
