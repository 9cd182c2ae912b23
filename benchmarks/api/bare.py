"""What do the least applications with the same database work look like?

Litestar with nothing around it, sync handlers, the same server and the same pool of connections. Under
`/text` the very statements of the whole application are sent as finished text in one transaction; under
`/calls` its own queries and services are called, so that only the edge of the application is left out.
"""

from __future__ import annotations

import os
import pickle
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.serialization import encode_json
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from benchmarks.api.recorded import send
from compliance.record.clock import system_now
from compliance.record.database import open_database, reading, transaction
from compliance.record.who import Who
from compliance.record.work import Work
from marketplace.accounts import queries as accounts
from marketplace.accounts.rules import digest
from marketplace.app import create_app as _  # noqa: F401 - loads the slices in their order
from marketplace.edge import once
from marketplace.edge.api.documents import view
from marketplace.edge.identity import Visit
from marketplace.lots import queries as lots
from marketplace.lots import service
from marketplace.lots.api import LotView
from marketplace.lots.rules import Division, LotDraft

RECORDED = "BENCH_RECORDED"
PORT = "PORT"


class NewLot(msgspec.Struct):
    """What is read of a posted lot."""

    site_id: UUID
    code: str
    kg: int
    ready_from: datetime
    ready_to: datetime
    price: Decimal
    division: Division = Division.SPLIT
    packaging: str = ""
    note: str = ""


def application() -> Litestar:
    """Return the application on the database and the recording that the environment names."""
    engine = open_database(os.environ["DATABASE_URL"])
    told = pickle.loads(Path(os.environ[RECORDED]).read_bytes())
    return Litestar([*_text(engine, told), *_calls(engine)], openapi_config=None)


def _text(engine: Engine, told: dict[str, Any]) -> list[BaseRouteHandler]:
    @get("/text/read", sync_to_thread=True)
    def read() -> dict[str, Any]:
        with engine.connect().execution_options(reading=True) as connection:
            send(connection, told["read"])
        return told["answer"]

    @post("/text/write", sync_to_thread=True)
    def write(data: JSONBody[NewLot]) -> dict[str, Any]:  # noqa: ARG001 - it is read, as ours is
        with engine.begin() as connection:
            send(connection, told["write"])
        return told["answer"]

    return [read, write]


def _calls(engine: Engine) -> list[BaseRouteHandler]:
    @get("/calls/read/{lot_id:uuid}", sync_to_thread=True)
    def read(request: Visit, lot_id: FromPath[UUID]) -> LotView:
        with reading(engine) as session:
            return view(lots.lot(session, lot_id, _who(session, request)), LotView)

    @post("/calls/write", sync_to_thread=True)
    def write(request: Visit, data: JSONBody[NewLot]) -> LotView:
        with reading(engine) as session:
            who = _who(session, request)
        assert who.person_id is not None
        with transaction(engine) as session:
            work = Work(session, system_now(), who)
            intent = once.Intent(request.headers[once.HEADER], "0" * 64)
            once.take(session, who.person_id, intent, work.now)
            answer = view(service.list_lot(work, LotDraft(**msgspec.structs.asdict(data))), LotView)
            once.keep(session, who.person_id, intent, encode_json(answer), 201)
            return answer

    return [read, write]


def _who(session: Session, request: Visit) -> Who:
    token = request.headers["authorization"].removeprefix("Bearer ")
    who = accounts.who_of_token(session.connection(), digest(token), system_now())
    assert who is not None
    return who


def serve() -> None:
    """Serve it exactly as the product is served."""
    from granian.constants import Interfaces
    from granian.server import Server

    Server(
        "benchmarks.api.bare:application",
        factory=True,
        address="127.0.0.1",
        port=int(os.environ[PORT]),
        interface=Interfaces.ASGI,
        websockets=False,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    serve()
