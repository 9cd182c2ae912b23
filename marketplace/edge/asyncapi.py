"""How does the wire contract describe itself to programs (AsyncAPI 3.0)?

It is made from the structures that read and write the payloads, and served at `/api/asyncapi.json`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from litestar import Response, get

from devices.codecs.contract import CHANNELS, Channel
from devices.codecs.telemetry_json import MAX_BATCH

VERSION = "1"
ADDRESS = "v1/{{tenant}}/{{device}}/{kind}"
SCHEMA = "#/components/schemas/{name}"
DESCRIPTION = """\
What devices and server say to each other over MQTT, QoS 1: the server receives what devices send, and they
what it sends. A device deletes a record only when an `ack`, published after the commit, covers its number.
The user name is the device; each device reads and writes below its own name only. Coordinates are WGS-84,
times are milliseconds since 1970 UTC.
"""
PARAMETERS = {
    "tenant": {"description": "whose device it is; given at enrolment"},
    "device": {"description": "the device: its user name at the broker"},
}


@cache
def document() -> dict[str, Any]:
    """Return the contract as an AsyncAPI 3.0 document, from the server's point of view."""
    besides = [channel.beside for channel in CHANNELS if channel.beside is not None]
    shapes, components = msgspec.json.schema_components(
        [*(channel.shape for channel in CHANNELS), *besides], ref_template=SCHEMA
    )
    schemas = {name.lstrip("_"): _renamed(schema) for name, schema in components.items()}
    messages = {
        channel.name: {
            "name": channel.name,
            "contentType": "application/json",
            "payload": _payload(channel, _renamed(shape)),
        }
        for channel, shape in zip(CHANNELS, shapes, strict=False)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Huanlian telemetry", "version": VERSION, "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{host}:{port}",
                "protocol": "secure-mqtt",
                "variables": {"host": {"default": "localhost"}, "port": {"default": "8883"}},
                "security": [{"$ref": "#/components/securitySchemes/password"}],
            }
        },
        "channels": {channel.kind.value: _channel(channel) for channel in CHANNELS},
        "operations": {_operation_name(channel): _operation(channel) for channel in CHANNELS},
        "components": {
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": {
                "password": {"type": "userPassword", "description": "the device and its password"}
            },
        },
    }


@get("/api/asyncapi.json", sync_to_thread=False, include_in_schema=False)
def asyncapi() -> Response[dict[str, Any]]:
    """Give the wire contract to programs."""
    return Response(document(), headers={"Cache-Control": "public, max-age=600"})


def _channel(channel: Channel) -> dict[str, Any]:
    return {
        "address": ADDRESS.format(kind=channel.kind.value),
        "description": _first_line(channel.shape),
        "parameters": PARAMETERS,
        "messages": {channel.name: {"$ref": f"#/components/messages/{channel.name}"}},
    }


def _operation(channel: Channel) -> dict[str, Any]:
    return {
        "action": "receive" if channel.up else "send",
        "channel": {"$ref": f"#/channels/{channel.kind.value}"},
        "bindings": {"mqtt": {"qos": 1, "retain": channel.retained, "bindingVersion": "0.2.0"}},
    }


def _operation_name(channel: Channel) -> str:
    return f"{'receive' if channel.up else 'send'}_{channel.name}"


def _payload(channel: Channel, shape: Any) -> Any:
    """Return a payload's schema; a batch wraps 1 to 50 records."""
    if channel.beside is not None:
        return {"allOf": [shape, {"$ref": SCHEMA.format(name=channel.beside.__name__)}]}
    if not channel.batched:
        return shape
    return {
        "type": "object",
        "required": ["inc", "r"],
        "additionalProperties": False,
        "properties": {
            "inc": {"type": "integer", "minimum": 0},
            "r": {"type": "array", "minItems": 1, "maxItems": MAX_BATCH, "items": shape},
        },
    }


def _renamed(schema: Any) -> Any:
    """Take the underscore of private structures out of names and references."""
    if isinstance(schema, dict):
        return {
            key: value.replace("schemas/_", "schemas/")
            if key == "$ref"
            else value.lstrip("_")
            if key == "title"
            else _renamed(value)
            for key, value in schema.items()
        }
    return [_renamed(one) for one in schema] if isinstance(schema, list) else schema


def _first_line(shape: type) -> str:
    told = (shape.__doc__ or "").strip()
    return told.split("\n")[0] if not told.startswith(shape.__name__) else shape.__name__.lstrip("_")
