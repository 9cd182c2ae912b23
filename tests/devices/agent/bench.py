"""What does an agent need around it to run as a process: a server that enrols it, and a place of its own?"""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from devices.codecs.enrolment_json import EnrolmentAnswer, decode_request, encode_answer, proves

ROOT = Path(__file__).resolve().parents[3]
SERVER_ONLY = (
    "alembic",
    "amqtt",
    "argon2",
    "babel",
    "geoalchemy2",
    "granian",
    "httpx",
    "jinja2",
    "litestar",
    "matplotlib",
    "numba",
    "numpy",
    "ortools",
    "psutil",
    "psycopg",
    "pypinyin",
    "pyproj",
    "scipy",
    "segno",
    "shapely",
    "sklearn",
    "sqlalchemy",
    "stdnum",
    "uuid_utils",
)
# `huanlian` as it is where only the agents' requirements are installed.
WITHOUT_SERVER = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {set(SERVER_ONLY)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
from marketplace.cli import main
main(prog_name="huanlian")
"""


def command(*words: str | Path) -> list[str]:
    """Return the argument list of `huanlian` without the server's packages."""
    return [sys.executable, "-c", WITHOUT_SERVER, *map(str, words)]


def huanlian(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `huanlian` to its end."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command(*words), capture_output=True, text=True, check=False, env=env, timeout=60)


@contextmanager
def running(log: Path, *words: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run an agent, and end it as a supervisor does."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with log.open("ab") as told, subprocess.Popen(command(*words), stderr=told, env=env) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@contextmanager
def enrolling(answer: EnrolmentAnswer, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve enrolments: the code `GOOD-CODE` is answered, any other refused as the real server does."""

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = decode_request(self.rfile.read(int(self.headers["Content-Length"])))
            good = proves(asked) and asked.code == "GOOD-CODE" and bool(self.headers["Idempotency-Key"])
            problem = json.dumps({"title": "No", "detail": "No such code, or it is over."}).encode()
            self.send_response(200 if good else 404)
            self.end_headers()
            self.wfile.write(encode_answer(answer) if good else problem)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with served(Desk, tls) as address:
        yield address


@contextmanager
def served(answers: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve HTTP, or HTTPS, on this machine and yield the address."""
    with HTTPServer(("127.0.0.1", 0), answers) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
