"""How fast are reading and writing one lot over HTTP, beside a bare handler?"""

from __future__ import annotations

import json
import pickle
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from litestar.testing import TestClient
from sqlalchemy import Engine, select

from benchmarks.api import bare
from benchmarks.api.recorded import recording, with_fresh
from benchmarks.children import ROOT, child, python
from benchmarks.lines import Line, beside, middle
from benchmarks.worlds import worlds
from compliance.record.clock import system_now
from compliance.record.database import open_database, transaction
from compliance.registry.tables import Person, Site
from marketplace.accounts import service
from marketplace.accounts.tables import Account
from marketplace.app import create_app
from marketplace.ports import answers, free_port
from marketplace.settings import Settings

LOTS = "/api/v1/lots"
OURS = {"read": LOTS + "/{lot}", "write": LOTS}
REFERENCES = {
    "beside the same calls": {"read": "/calls/read/{lot}", "write": "/calls/write"},
    "beside the same statements as text": {"read": "/text/read", "write": "/text/write"},
}
"""A bare handler that calls the same queries and services, and one that sends finished SQL."""
ROUNDS = 7
SECONDS = 2.0
CONNECTIONS = 4
TARGET = 0.5


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person who reads and lists: the demonstration's producer, by a token."""

    token: str
    body: bytes
    lot_id: str = ""

    def headers(self, key: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }


def measure() -> Iterator[Line]:
    """Yield read and write on each database."""
    with worlds() as found:
        for name, settings in found.items():
            yield from _on(name, settings)


def _on(name: str, settings: Settings) -> Iterator[Line]:
    engine = open_database(settings.database)
    visitor = _visitor(engine)
    recorded = settings.var / "recorded.pickle"
    told = _record(settings, engine, visitor)
    recorded.write_bytes(pickle.dumps(told))
    visitor = replace(visitor, lot_id=told["answer"]["id"])
    engine.dispose()
    with _servers(settings, {bare.RECORDED: str(recorded)}) as ports:
        for way in ("read", "write"):
            rates, client = _rounds(way, ports, visitor)
            for number, kind in enumerate(REFERENCES, start=1):
                pairs = [(round_[0], round_[number]) for round_ in rates]
                note = f"{len(told[way])} statements; the client spends {client:.0f} us a request"
                yield beside(f"API {way} of one lot, {name}, {kind}", "requests/s", pairs, TARGET, note)


def _visitor(engine: Engine) -> Visitor:
    """Return the demonstration's producer with a new token and a lot to list on the own site."""
    with transaction(engine) as session:
        person = session.scalars(select(Person).join(Account).where(Account.login == "producer")).one()
        _, token = service.issue_token(session, person.id, "benchmark", system_now())
        site = session.scalars(select(Site.id).where(Site.organisation_id == person.organisation_id)).first()
    start = system_now() + timedelta(days=1)
    lot = {
        "site_id": str(site),
        "code": "900-214-08",
        "kg": 12_340,
        "ready_from": start.isoformat(),
        "ready_to": (start + timedelta(days=20)).isoformat(),
        "price": "120.00",
    }
    return Visitor(token, json.dumps(lot).encode())


def _record(settings: Settings, engine: Engine, visitor: Visitor) -> dict[str, Any]:
    """Carry out both requests here, after a first of each that warms everything up."""
    writes, reads = [], []
    with TestClient(create_app(settings, engine)) as client:
        for number in range(3):
            with recording(engine) as written:
                answer = client.post(LOTS, content=visitor.body, headers=visitor.headers(f"{number:032x}"))
            assert answer.status_code == 201, answer.text
            writes.append(written.statements)
            with recording(engine) as read:
                shown = client.get(f"{LOTS}/{answer.json()['id']}", headers=visitor.headers("-"))
            assert shown.status_code == 200, shown.text
            reads.append(read.statements)
    return {"write": with_fresh(*writes[1:]), "read": reads[-1], "answer": shown.json()}


@contextmanager
def _servers(settings: Settings, env: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Start the product's own web process and the bare one on the same database."""
    ports = free_port(), free_port()
    common = {"DATABASE_URL": settings.database, "HUANLIAN_VAR": str(settings.var), **env}
    whole = child(
        python("marketplace", "web"), answers("127.0.0.1", ports[0]), common | {"PORT": str(ports[0])}
    )
    least = child(
        python("benchmarks.api.bare"), answers("127.0.0.1", ports[1]), common | {"PORT": str(ports[1])}
    )
    with whole, least:
        yield ports


def _rounds(way: str, ports: tuple[int, int], visitor: Visitor) -> tuple[list[list[float]], float]:
    """Return the requests a second of ours and of each reference in every round, and the client's cost."""
    sides = [(ports[0], _request(way, visitor, OURS[way]))]
    sides += [(ports[1], _request(way, visitor, paths[way])) for paths in REFERENCES.values()]
    rounds, costs = [], []
    for number in range(ROUNDS + 1):
        order = range(len(sides)) if number % 2 else reversed(range(len(sides)))
        found = {side: _load(*sides[side]) for side in order}
        costs += [one["client_us"] for one in found.values()]
        rounds.append([found[side]["rate"] for side in range(len(sides))])
    return rounds[1:], middle(costs)


def _request(way: str, visitor: Visitor, path: str) -> str:
    body = visitor.body.decode() if way == "write" else ""
    method = "POST" if body else "GET"
    target = path.format(lot=visitor.lot_id)
    head = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    head += [f"{name}: {value}" for name, value in visitor.headers("{key}").items()]
    return "\r\n".join([*head, "", body])


def _load(port: int, request: str) -> dict[str, Any]:
    task = {"port": port, "request": request, "connections": CONNECTIONS, "seconds": SECONDS}
    said = subprocess.run(
        python("benchmarks.api.load"),
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    found: dict[str, Any] = json.loads(said.stdout)
    if any(int(status) >= 300 for status in found["statuses"]):
        raise SystemExit(f"the server refused: {found}")
    return found
