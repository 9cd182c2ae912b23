"""How does the API describe itself to programmers?"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from devices.codecs.ticket_json import PHOTO_PATH
from marketplace.edge.answers import MEDIA_TYPE
from marketplace.edge.problems import Problem

VERSION = "1"
PATH = "/api/schema"
DESCRIPTION = """\
Everything the pages do. Masses are whole kilograms, money is whole fen, a price is the CNY per tonne that
the taker pays the holder (negative: the holder pays), times are UTC, coordinates WGS-84.
Send `Authorization: Bearer hl_…`; `POST /api/v1/tokens` gives a token. Every POST that moves something
needs an `Idempotency-Key`; every edit needs `If-Match`. Refusals are problem documents (RFC 9457) that name
the rule, its article, the field and the way out, in Chinese or English by `Accept-Language`.
"""
REF = "#/components/schemas/{name}"
UNKEYED = frozenset(
    {
        "/api/v1/tokens",
        "/api/v1/registrations",
        "/api/v1/devices/enrol",
        "/api/v1/complaints",
        "/api/v1/device/password",
        "/api/v1/device/incarnation",
        PHOTO_PATH,
        "/api/v1/telemetry/positions",
    }
)
"""What nobody signed in posts: told apart by a credit code, or a device's code, password and numbers."""
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "Names the intent; the same key with the same request gives the stored answer.",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "The ETag of the version that is edited.",
}


class Described(JsonRenderPlugin):
    """The schema as JSON, with what handlers cannot say of themselves: headers, refusals."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the completed schema."""
        return super().render(request, completed(openapi_schema))


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with the two headers where they are asked for, and problems as the refusals."""
    whole = deepcopy(schema)
    _, components = msgspec.json.schema_components([Problem], ref_template=REF)
    whole.setdefault("components", {}).setdefault("schemas", {}).update(components)
    refusal = {"$ref": REF.format(name="Problem")}
    for path, item in whole["paths"].items():
        for method, operation in item.items():
            wanted = header_for(method, path)
            if wanted:
                operation.setdefault("parameters", []).append(wanted)
            said = {status: one for status, one in operation["responses"].items() if status < "400"}
            said["default"] = {"description": "Refused.", "content": {MEDIA_TYPE: {"schema": refusal}}}
            operation["responses"] = said
    return whole


def header_for(method: str, path: str) -> dict[str, Any] | None:
    """Return the header that an operation asks for beside the token."""
    if method == "post" and path not in UNKEYED:
        return KEY
    return IF_MATCH if method == "patch" else None


def openapi_config() -> OpenAPIConfig:
    """Describe the API as OpenAPI 3.1 at `/api/schema`, without any viewer from elsewhere."""
    return OpenAPIConfig(
        title="Huanlian",
        version=VERSION,
        description=DESCRIPTION,
        path=PATH,
        render_plugins=[Described(path=["/openapi.json"])],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={"token": SecurityScheme(type="http", scheme="bearer", description="`hl_…`")}
        ),
        security=[{"token": []}],
    )
