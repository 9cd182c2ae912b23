"""How does a test get real OSRM and Valhalla servers on loopback, over the made-up town?"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from marketplace.ports import free_port
from tests.marketplace.roads.network import write_extract
from tools.roads import FOLDER

PATIENCE_S = 30
OSRM, VALHALLA = FOLDER / "osrm", FOLDER / "valhalla"
DATA = "made-up town 1"


@contextmanager
def osrm(folder: Path, *, without: str = "", more: tuple[str, ...] = ()) -> Iterator[str]:
    """Extract the town for cars, contract it and serve it; yield the address."""
    folder.mkdir()
    write_extract(folder / "town.osm.pbf", without=without)
    profile = OSRM / "share" / "profiles" / "car.lua"
    _run(folder, OSRM / "bin" / "osrm-extract", "-t", "1", "-p", profile, "-d", DATA, "town.osm.pbf")
    _run(folder, OSRM / "bin" / "osrm-contract", "-t", "1", "town.osrm")
    port = free_port()
    command = [OSRM / "bin" / "osrm-routed", "-i", "127.0.0.1", "-p", port, "-t", "1", *more, "town.osrm"]
    with _served(folder, command, f"http://127.0.0.1:{port}", "/nearest/v1/driving/114,30") as address:
        yield address


@contextmanager
def valhalla(folder: Path) -> Iterator[str]:
    """Build the town's tiles and serve them; yield the address."""
    folder.mkdir()
    write_extract(folder / "town.osm.pbf")
    port = free_port()
    made = subprocess.run(
        [sys.executable, VALHALLA / "valhalla_build_config.py", "--mjolnir-tile-dir", folder / "tiles"],
        capture_output=True,
        check=True,
    )
    settings = json.loads(made.stdout)
    settings["httpd"]["service"]["listen"] = f"tcp://127.0.0.1:{port}"
    settings["httpd"]["service"] |= {"drain_seconds": 0, "shutdown_seconds": 0}
    settings["mjolnir"]["concurrency"] = 1
    (folder / "valhalla.json").write_text(json.dumps(settings))
    _run(folder, VALHALLA / "bin" / "valhalla_build_tiles", "-c", "valhalla.json", "town.osm.pbf")
    command = [VALHALLA / "bin" / "valhalla_service", "valhalla.json", 1]
    with _served(folder, command, f"http://127.0.0.1:{port}", "/status") as address:
        yield address


def _run(folder: Path, *command: object) -> None:
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@contextmanager
def _served(folder: Path, command: list[object], address: str, probe: str) -> Iterator[str]:
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(list(map(str, command)), cwd=folder, stdout=log, stderr=log)
        try:
            _await(process, address + probe, folder / "server.log")
            yield address
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"{url} did not come up: {log.read_text(errors='replace')[-2000:]}")
