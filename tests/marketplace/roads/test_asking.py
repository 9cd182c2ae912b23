"""What does a planner learn when the road server is away, slow, overloaded or talks nonsense?

The server here is a simulator that answers as it is told; what real servers answer is tested beside it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from marketplace.roads import asking
from marketplace.roads.osrm import Osrm
from marketplace.roads.valhalla import Valhalla
from matching.distances import Distances, NoDistances, Point, Trouble

A, B = Point(30.0, 114.0), Point(30.1, 114.1)
Say = Callable[[int, bytes], str]
NAMED = b'{"code":"Ok","data_version":"1"%s}'
SNAPS = b'"sources":[{"distance":1}],"destinations":[{"distance":1}]'


@pytest.fixture
def say() -> Iterator[Say]:
    """Start a simulated server that answers everything with one status and one body."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if status == 0:
                    time.sleep(1)
                self.send_response(status or 200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - the name the library calls

            def log_message(self, *_: object) -> None:
                return

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def trouble(roads: Distances) -> tuple[Trouble, str]:
    """Return the trouble that asking for one road leads to."""
    with pytest.raises(NoDistances) as refused:
        roads.legs([A], [B])
    return refused.value.setback.trouble, refused.value.setback.detail


def test_nobody_there_is_silence(nobody: str) -> None:
    """Otherwise a stopped road server would show a stack trace."""
    assert trouble(Osrm({"": nobody})) == (Trouble.SILENT, "127.0.0.1: ConnectError")
    assert trouble(Valhalla(nobody)) == (Trouble.SILENT, "127.0.0.1: ConnectError")


def test_a_slow_server_is_left(say: Say) -> None:
    """Otherwise a page would wait as long as the road server likes."""
    slow = Osrm({"": say(0, b"{}")}, timeout_s=0.2)
    assert trouble(slow) == (Trouble.SILENT, "127.0.0.1: ReadTimeout")


def test_an_answer_that_trickles_is_left(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a server that sends a byte now and then would hold a solve for ever."""
    moments = iter(range(0, 1000, 20))
    monkeypatch.setattr(asking, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    endless = Osrm({"": say(200, b" " * 2**18)}, timeout_s=30.0)
    assert trouble(endless) == (Trouble.SILENT, "127.0.0.1: its answer does not end")
    monkeypatch.setattr(asking, "MOST_BYTES", 1000)
    assert trouble(endless) == (Trouble.GARBLED, "127.0.0.1: an answer without end")


@pytest.mark.parametrize("status", [429, 503])
def test_an_overloaded_server_is_silence(say: Say, status: int) -> None:
    """Otherwise a proxy's page would be read as an answer."""
    assert trouble(Osrm({"": say(status, b"<html>")})) == (Trouble.SILENT, f"127.0.0.1: status {status}")


@pytest.mark.parametrize(
    "body",
    [
        b"<html>hello</html>",
        b"[]",
        NAMED % b',"distances":[[1]],"durations":[[1]]',
        NAMED % (b',"distances":[[1]],"durations":[[-1]],' + SNAPS),
        NAMED % (b',"distances":[[1,2]],"durations":[[1]],' + SNAPS),
        NAMED % (b',"distances":[["far"]],"durations":[[1]],' + SNAPS),
        NAMED % (b',"distances":[[1e300]],"durations":[[1]],' + SNAPS),
        '{"code":"Ok","message":"没有路"}'.encode("gbk"),
        NAMED % (b',"hints":' + b"[" * 100_000),
    ],
)
def test_an_answer_of_another_shape_is_no_distance(say: Say, body: bytes) -> None:
    """Otherwise another program at that address, or a broken one, would set the freight."""
    assert trouble(Osrm({"": say(200, body)}))[0] is Trouble.GARBLED


def test_a_good_answer_is_taken(say: Say) -> None:
    """Otherwise the tests above would pass for a server that is never understood."""
    good = NAMED % (b',"distances":[[1234.6]],"durations":[[99.5]],' + SNAPS)
    legs = Osrm({"": say(200, good)}).legs([A], [B])
    assert (legs.metres.tolist(), legs.seconds.tolist(), legs.version) == ([1235], [100], "1")


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'{"error_code":154,"error":"too far"}', Trouble.GARBLED),
        (b'{"version":"3"', Trouble.GARBLED),
    ],
)
def test_valhallas_refusals_are_told(say: Say, body: bytes, wanted: Trouble) -> None:
    """Otherwise a refusal where places were asked for would be read as places."""
    assert trouble(Valhalla(say(400, body)))[0] is wanted
