"""How many requests a second does a server answer? One process, a few kept connections, plain sockets.

Reads its task as JSON from standard input and prints what it found as JSON: httpx would cost more than the
servers that are measured.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
KEY = b"{key}"


@dataclass(slots=True)
class Line:
    """One kept connection and what has come in on it."""

    place: socket.socket
    heard: bytes = b""

    def ask(self, request: bytes) -> None:
        """Send a request under a key of its own."""
        self.place.sendall(request.replace(KEY, uuid.uuid4().hex.encode()))

    def answer(self) -> int:
        """Read what is there and return the status once an answer is whole, else 0."""
        came = self.place.recv(65536)
        if not came:
            raise SystemExit("the server closed the connection")
        self.heard += came
        head, split, body = self.heard.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not split or length is None or len(body) < int(length[1]):
            return 0
        self.heard = b""
        return int(head[9:12])


def run(port: int, request: bytes, connections: int, seconds: float) -> dict[str, object]:
    """Keep every connection busy for some seconds and return how many requests were answered, and how."""
    chooser = selectors.DefaultSelector()
    lines = [Line(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
    for line in lines:
        line.place.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(line.place, selectors.EVENT_READ, line)
        line.ask(request)
    statuses: Counter[int] = Counter()
    start, cpu = time.perf_counter(), time.process_time()
    until = start + seconds
    while (now := time.perf_counter()) < until:
        for key, _ in chooser.select(1.0):
            line: Line = key.data
            if status := line.answer():
                statuses[status] += 1
                line.ask(request)
    count = sum(statuses.values())
    return {
        "rate": count / (now - start),
        "statuses": dict(statuses),
        "client_us": 1e6 * (time.process_time() - cpu) / max(1, count),
    }


if __name__ == "__main__":
    task = json.load(sys.stdin)
    task["request"] = task["request"].encode()
    print(json.dumps(run(**task)))
