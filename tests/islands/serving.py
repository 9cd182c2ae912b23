"""What do the islands stand on in their tests? The static folder, one page, and a feed that can be cut."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

STATIC = Path(__file__).resolve().parents[2] / "marketplace" / "web" / "static"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
    ]
)
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css"}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Islands</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/vendor/maplibre-gl.css">
<link rel="stylesheet" href="/static/css/app.css">
<script src="/static/islands/confirm.js"></script><script defer src="/static/vendor/htmx.min.js"></script>
<script type="module" src="/static/islands/forms.js"></script>
<script type="module" src="/static/islands/map.js"></script></head><body><main><h1>Islands</h1>
<live-map feed-url="/feed" snapshot-url="/snapshot" center="112.6,30.7" zoom="8" text-label="Vehicles"
 text-choose="Vehicle" text-live="Live" text-lost="Connection lost" legend-moving="moving"></live-map>
<form method="post" action="/post" data-keep="lot" data-keep-owner="p1"><p data-kept-note hidden>Put back</p>
<label>Lat <input id="lat" name="lat"></label><label>Lon <input id="lon" name="lon"></label>
<label>Secret <input type="password" name="password" autocomplete="off"></label>
<site-picker for-lat="lat" for-lon="lon" center="114.3,30.6" text-label="Site"></site-picker>
<button class="button" data-confirm="Sure?">Send</button></form></main></body></html>"""
POSITION = {
    "vehicle_id": "v1",
    "plate": "鄂A12345",
    "lat": 30.7,
    "lon": 112.6,
    "course_deg": 90,
    "speed_kmh": 50,
    "state": "moving",
    "manifest_id": "m1",
    "at": "2026-11-20T01:00:00Z",
}


class Handler(BaseHTTPRequestHandler):
    """Serves the page, the static files and the feed; `cut` makes the feed break off and refuse."""

    protocol_version = "HTTP/1.1"
    cut: ClassVar[threading.Event] = threading.Event()
    ended: ClassVar[threading.Event] = threading.Event()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer one request."""
        path = self.path.partition("?")[0]
        if path == "/feed":
            self.feed()
        elif path == "/snapshot":
            self.answer(json.dumps([POSITION]).encode(), "application/json")
        elif path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            self.answer(file.read_bytes(), TYPES.get(file.suffix, "application/json"))
        else:
            self.answer(PAGE.encode(), "text/html; charset=utf-8")

    def answer(self, body: bytes, kind: str, status: int = 200) -> None:
        """Send one answer under the strict policy."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def feed(self) -> None:
        """Stream one position, then keep the line open until it is cut or the server ends."""
        if self.cut.is_set():
            self.answer(b"", "text/plain", 503)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        moved = json.dumps([POSITION | {"lon": 112.61, "at": "2026-11-20T01:00:10Z"}])
        self.wfile.write(f"event: positions\ndata: {moved}\n\n".encode())
        self.wfile.flush()
        while not self.cut.wait(0.05) and not self.ended.is_set():
            pass


@contextmanager
def serving() -> Iterator[str]:
    """Serve on a free port; yield the address."""
    Handler.cut.clear()
    Handler.ended.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        Handler.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
