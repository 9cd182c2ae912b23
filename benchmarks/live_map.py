"""Does the live map stay smooth while a hand moves it and 10,000 vehicles move on it?

The product's own island in a headless Chromium, fed with 10,000 vehicles of which 1,000 move every second,
while the map is panned for ten seconds. Beside it the same pan over an empty map. Headless Chromium draws
without a graphics card, so the empty map is what this machine can do at all.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from benchmarks.lines import Line, middle
from marketplace.app import STATIC
from tools.parts import CHROMIUM_FLAGS, find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VEHICLES = 10_000
MOVING = 1_000
PAN_S = 10
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css"}
PAGE = """<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>Map</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/vendor/maplibre-gl.css">
<link rel="stylesheet" href="/static/css/app.css"><script type="module" src="/static/islands/map.js"></script>
</head><body><live-map FEED center="112.6,30.7" zoom="8" legend-moving="moving"></live-map></body></html>"""
FEED = 'feed-url="/feed" snapshot-url="/snapshot"'
PAN = """async (seconds) => {
  const map = document.querySelector("live-map").map;
  const frames = [];
  const long = [];
  const watch = new PerformanceObserver((list) => long.push(...list.getEntries().map((one) => one.duration)));
  watch.observe({ type: "longtask" });
  const end = performance.now() + seconds * 1000;
  await new Promise((done) => {
    let before = performance.now();
    const step = (now) => {
      frames.push(now - before);
      before = now;
      map.panBy([Math.sin(now / 700) * 9, Math.cos(now / 900) * 6], { duration: 0 });
      if (now < end) requestAnimationFrame(step);
      else done();
    };
    requestAnimationFrame(step);
  });
  watch.disconnect();
  return { frames: frames.slice(2), long };
}"""


class _Fleet(BaseHTTPRequestHandler):
    """Serves the island, a snapshot of the fleet, and a feed in which a tenth of it moves each second."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer one request."""
        path = self.path.partition("?")[0]
        if path == "/feed":
            self._feed()
        elif path == "/snapshot":
            self._answer(
                json.dumps([_vehicle(number, 0) for number in range(VEHICLES)]).encode(), "application/json"
            )
        elif path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            self._answer(file.read_bytes(), TYPES.get(file.suffix, "application/json"))
        else:
            feed = FEED if path == "/full" else ""
            self._answer(PAGE.replace("FEED", feed).encode(), "text/html; charset=utf-8")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _feed(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for tick in range(1, 600):
            first = tick * MOVING % VEHICLES
            moved = json.dumps([_vehicle(number, tick) for number in range(first, first + MOVING)])
            try:
                self.wfile.write(f"event: positions\ndata: {moved}\n\n".encode())
                self.wfile.flush()
            except OSError:
                return
            time.sleep(1)


def _vehicle(number: int, tick: int) -> dict[str, object]:
    chance = random.Random(number)
    lat, lon = 29.2 + chance.random() * 3.8, 108.6 + chance.random() * 7.2
    at = datetime(2026, 11, 20, 1, tzinfo=UTC) + timedelta(seconds=10 * tick)
    return {
        "vehicle_id": f"v{number}",
        "plate": f"鄂A{number:05}",
        "lat": round(lat + tick * 0.001, 6),
        "lon": round(lon + tick * 0.001, 6),
        "course_deg": 45,
        "speed_kmh": 60 if number % 3 else 0,
        "trip_state": "under_way",
        "manifest_id": None,
        "at": at.isoformat(),
    }


@contextmanager
def _serving() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Fleet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def measure() -> Iterator[Line]:
    """Yield the frame times of a pan with everybody on the map, beside those of an empty one."""
    if find_chromium() is None:
        print("  Chromium is not installed here: the map is not measured.", flush=True)
        return
    from playwright.sync_api import sync_playwright

    with _serving() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        empty, full = _panned(browser, f"{url}/empty"), _panned(browser, f"{url}/full")
        browser.close()
    for name, place in (("median", 0.5), ("95 of 100", 0.95)):
        ours, bare = _part(full["frames"], place), _part(empty["frames"], place)
        yield Line(f"frame of the live map, {VEHICLES} vehicles, {name}", ours, "ms", bare, None, bare / ours)
    yield Line(
        "longest task in that pan", max(full["long"], default=0.0), "ms", max(empty["long"], default=0.0)
    )


def _panned(browser: Browser, url: str) -> dict[str, Any]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(url)
    page.wait_for_selector("live-map[loaded]", timeout=120_000)
    if url.endswith("full"):
        page.wait_for_function("document.querySelector('live-map').crowded", timeout=120_000)
    page.wait_for_timeout(3_000)
    found: dict[str, Any] = page.evaluate(PAN, PAN_S)
    print(f"  {len(found['frames'])} frames, median {middle(found['frames']):.1f} ms", flush=True)
    page.close()
    return found


def _part(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
