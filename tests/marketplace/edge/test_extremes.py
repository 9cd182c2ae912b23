"""Does any number, year or day that a program sends end in a fault of ours?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from compliance.manifests.rules import Act
from compliance.record.database import transaction
from marketplace.accounts import service as accounts
from marketplace.accounts.tables import Account
from marketplace.settings import Settings
from tests.factories.rooms import application
from tests.factories.trade import Market
from tests.marketplace.edge.house import hashed

pytestmark = pytest.mark.sqlite_alone

WHO = ("producer", "processor", "carrier", "inspector", "operator")
EXTREMES: Mapping[str, Sequence[object]] = {
    "integer": (10**20, 2**63, -1),
    "number": (1e308, -1),
    "date": ("9999-12-31", "0001-01-01"),
    "date-time": ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
    "decimal": ("1e9999999", "-1e-9999999", "NaN"),
    "cursor": (str(10**20), str(2**63), "-1"),
}
NAMED = {"price": "decimal", "tonnes": "decimal", "cursor": "cursor"}
"""Fields that the document describes as texts and that are read as numbers."""
PLAIN: Mapping[str, object] = {
    "integer": 5,
    "number": 1.5,
    "date": "2026-11-20",
    "date-time": "2026-11-20T02:00:00Z",
    "decimal": "-1",
    "cursor": "1",
    "boolean": True,
}
WORDS = {"code": "900-214-08", "table": "generated", "key": "timeline", "accept-language": "en"}
NAMES_OF_KEYS = {"amounts": "2025", "changes": "planned_kg", "composition": "heat_mj_per_kg"}
Place = tuple[str | int, ...]


@dataclass
class Operation:
    """One way of asking at one address."""

    method: str
    path: str
    told: dict[str, Any]


@dataclass
class Document:
    """The OpenAPI document, and what a person would send by it."""

    whole: dict[str, Any]
    ids: dict[str, str]

    def operations(self) -> list[Operation]:
        """Return every operation of the document."""
        return [
            Operation(method.upper(), path, told)
            for path, item in self.whole["paths"].items()
            for method, told in item.items()
        ]

    def sample(self, schema: dict[str, Any], name: str, at: Place, found: dict[Place, str]) -> object:
        """Return a value of a schema, and note in `found` where in it an extreme one can stand."""
        schema = self._shape(schema)
        if schema.get("type") == "object":
            shape = dict(schema.get("properties", {}))
            more = schema.get("additionalProperties")
            if isinstance(more, dict):
                shape[NAMES_OF_KEYS.get(name, "x")] = more
            return {key: self.sample(one, key, (*at, key), found) for key, one in shape.items()}
        if schema.get("type") == "array":
            return [self.sample(schema.get("items", {}), name, (*at, 0), found)]
        if "enum" in schema:
            return schema["enum"][0] if WORDS.get(name) not in schema["enum"] else WORDS[name]
        kind = NAMED.get(name) or str(schema.get("format", schema.get("type")))
        if kind in EXTREMES:
            found[at] = kind
        if kind == "uuid":
            return self.ids.get(name, self.ids["site_id"])
        return PLAIN.get(kind, WORDS.get(name, "x" * max(1, schema.get("minLength", 1))))

    def _shape(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema or "oneOf" in schema:
            if "$ref" in schema:
                schema = self.whole["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
                continue
            choices = [one for one in schema["oneOf"] if one.get("type") != "null"]
            numbers = [one for one in choices if one.get("type") in EXTREMES]
            schema = (numbers or choices)[0]
        return schema


@dataclass
class Sent:
    """What a person sends by an operation, and where in it an extreme value can stand."""

    parts: dict[str, Any]
    places: dict[Place, str]


@dataclass
class Door:
    """Everybody's way in."""

    client: TestClient[Litestar]
    documents: dict[str, Document]
    tokens: dict[str, str]
    keys: Iterator[int]

    def sound(self, who: str, operation: Operation) -> Sent:
        """Return what somebody would send by an operation."""
        document = self.documents[who]
        places: dict[Place, str] = {}
        parts: dict[str, Any] = {"path": {}, "query": {}, "header": {}, "body": None}
        for one in operation.told.get("parameters", []):
            name, where = one["name"], one["in"]
            parts[where][name] = document.sample(one["schema"], name, (where, name), places)
        content = operation.told.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            schema = content["application/json"]["schema"]
            parts["body"] = document.sample(schema, "", ("body",), places)
        return Sent(parts, places)

    def ask(self, who: str, operation: Operation, parts: dict[str, Any]) -> int:
        """Send something as somebody, with a fresh key, and return the status."""
        headers = {
            "authorization": f"Bearer {self.tokens[who]}",
            "accept-language": "en",
            "idempotency-key": f"x{next(self.keys)}",
        }
        path = operation.path
        for name, value in parts["path"].items():
            path = path.replace(f"{{{name}}}", str(value))
        query = {name: value for name, value in parts["query"].items() if value != {}}
        content = {} if parts["body"] is None else {"json": parts["body"]}
        sent = self.client.request(operation.method, path, params=query, headers=headers, **content)
        return sent.status_code

    def faults(self, operation: Operation) -> list[str]:
        """Return each extreme value of an operation that ends in a fault of ours, sent by who may send it."""
        if not self.sound("producer", operation).places:
            return []
        plain: dict[str, int] = {}
        for who in WHO:
            plain[who] = self.ask(who, operation, self.sound(who, operation).parts)
            if plain[who] < 300:
                break
        who = min(plain, key=lambda one: (plain[one] in {401, 403}, plain[one] == 404, plain[one]))
        sound = self.sound(who, operation)
        found = [f"{operation.method} {operation.path}"] if max(plain.values()) >= 500 else []
        return found + [
            f"{operation.method} {operation.path}: {at} = {extreme}, sent by the {who}"
            for at, kind in sound.places.items()
            for extreme in EXTREMES[kind]
            if self.ask(who, operation, _with(sound.parts, at, extreme)) >= 500
        ]


def _with(value: Any, at: Place, extreme: object) -> Any:
    if not at:
        return extreme
    if isinstance(value, list):
        return [_with(value[0], at[1:], extreme)]
    return value | {at[0]: _with(value[at[0]], at[1:], extreme)}


def _ids(market: Market, deal_id: UUID, who: str) -> dict[str, str]:
    receiver = market.parties["processor"]
    known = {
        "site_id": market.parties[who].site_id,
        "origin_site_id": market.parties["producer"].site_id,
        "destination_site_id": receiver.site_id,
        "party_id": receiver.id,
        "organisation_id": receiver.id,
        "deal_id": deal_id,
        "manifest_id": market.manifest(deal_id).id,
        "need_id": market.needs["processor"],
        "vehicle_id": market.vehicles[0],
    }
    return {name: str(key) for name, key in known.items()}


def _token(market: Market, who: str) -> str:
    person = market.parties[who].who.person_id
    assert person is not None
    with transaction(market.engine) as session:
        if session.get(Account, person) is None:
            session.add(
                Account(person_id=person, login=f"x{person.hex}"[-12:], password_hash=hashed(), failures=0)
            )
            session.flush()
        return accounts.issue_token(session, person, "test", market.now())[1]


def test_no_number_and_no_day_is_a_fault_of_ours(market: Market) -> None:
    """A slip in a program would be answered with a number for our log, not with what is wrong."""
    deal_id = market.agree()
    market.sign(deal_id, Act.ISSUE, "producer")
    app = application(Settings(demo=False), market.engine, market.now, wall=market.now)
    whole = app.openapi_schema.to_schema()
    documents = {who: Document(whole, _ids(market, deal_id, who)) for who in WHO}
    with TestClient(app, raise_server_exceptions=False) as client:
        door = Door(client, documents, {who: _token(market, who) for who in WHO}, count())
        operations = documents["producer"].operations()
        found = [fault for operation in operations for fault in door.faults(operation)]
    assert next(door.keys) > 600, "hardly anything was asked"
    assert found == []
