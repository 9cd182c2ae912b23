"""How is a road server asked over HTTP, and what do its failures mean?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import httpx
import msgspec

from matching.distances import NoDistances, Trouble

CONNECT_S, ANSWER_S, RETRIES = 3.0, 30.0, 2
MOST_BYTES = 64 * 2**20
"""Of one answer; the largest table that is asked for has a hundredth of it."""
PASSING = {408, 425, 429, 500, 502, 503, 504}
"""What a server or the proxy before it says when it cannot answer just now."""

Answer = TypeVar("Answer")


class Asking:
    """One conversation with one road server: its connection is kept for all its questions."""

    def __init__(self, provider: str, client: httpx.Client, timeout_s: float = ANSWER_S) -> None:
        self.provider = provider
        self.client = client
        self.timeout_s = timeout_s

    def get(self, url: str, shape: type[Answer], params: Mapping[str, str] | None = None) -> Answer:
        """Return the decoded answer, also of a refusal. Raises `NoDistances`."""
        return self._decoded(self.client.build_request("GET", url, params=params), shape)

    def post(self, url: str, shape: type[Answer], question: object) -> Answer:
        """Return the decoded answer to a JSON question, also of a refusal. Raises `NoDistances`."""
        body = msgspec.json.encode(question)
        head = {"content-type": "application/json"}
        return self._decoded(self.client.build_request("POST", url, content=body, headers=head), shape)

    def _decoded(self, request: httpx.Request, shape: type[Answer]) -> Answer:
        host = request.url.host
        try:
            status, content = self._received(request)
        except httpx.HTTPError as failure:
            detail = f"{host}: {type(failure).__name__}"
            raise NoDistances(self.provider, Trouble.SILENT, detail) from failure
        try:
            return msgspec.json.decode(content, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
            detail = f"{host}: status {status}, {failure}"
            raise NoDistances(self.provider, Trouble.GARBLED, detail) from failure

    def _received(self, request: httpx.Request) -> tuple[int, bytes]:
        """Return status and body; one that trickles is left after as long as it may take to begin."""
        host, content = request.url.host, bytearray()
        answer = self.client.send(request, stream=True)
        try:
            if answer.status_code in PASSING:
                raise NoDistances(self.provider, Trouble.SILENT, f"{host}: status {answer.status_code}")
            until = time.monotonic() + self.timeout_s
            for part in answer.iter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    raise NoDistances(self.provider, Trouble.GARBLED, f"{host}: an answer without end")
                if time.monotonic() > until:
                    raise NoDistances(self.provider, Trouble.SILENT, f"{host}: its answer does not end")
        finally:
            answer.close()
        return answer.status_code, bytes(content)


@contextmanager
def asking(provider: str, timeout_s: float = ANSWER_S) -> Iterator[Asking]:
    """Open a conversation. A connection that fails is tried twice more; an answer is waited for once."""
    limits = httpx.Timeout(timeout_s, connect=CONNECT_S)
    with httpx.Client(timeout=limits, transport=httpx.HTTPTransport(retries=RETRIES)) as client:
        yield Asking(provider, client, timeout_s)
