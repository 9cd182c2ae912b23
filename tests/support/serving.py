"""How does a browser reach an application that lives in the test's own process?"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar

from marketplace.ports import free_port

PATIENCE_S = 20


@contextmanager
def served(app: Litestar) -> Iterator[str]:
    """Serve an application on loopback in a thread of its own; yield its address."""
    port = free_port()
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{port}"
    _await(address)
    try:
        yield address
    finally:
        server.stop()
        thread.join(timeout=PATIENCE_S)


def _await(address: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            if httpx.get(f"{address}/healthz", timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(f"{address} did not come up")
