"""How long does an instance take from the command to its greeting, the first time and again?"""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.children import ROOT, python
from benchmarks.lines import Line, middle
from marketplace.ports import free_port

AGAIN = 3
TARGET_S = 5.0
GREETING = "is running: http"


def measure() -> Iterator[Line]:
    """Yield the first start, which seeds the demonstration world, and the median of the later ones."""
    with TemporaryDirectory(prefix="huanlian-bench-") as var:
        seconds, cpu = started(Path(var))
        yield Line("first start of an instance", seconds, "s", note=_cost(cpu))
        later = [started(Path(var)) for _ in range(AGAIN)]
        cost = _cost(middle([cpu for _, cpu in later]))
        yield Line(
            "second start of an instance", middle([s for s, _ in later]), "s", None, TARGET_S, note=cost
        )


def _cost(cpu: float) -> str:
    return f"{cpu:.1f} s of processor time in all its processes"


def started(var: Path) -> tuple[float, float]:
    """Start an instance on `var` and end it.

    Return the seconds until it greeted and the web answered, and the processor's seconds it spent by its end.
    """
    port = free_port()
    env = os.environ | {"HUANLIAN_VAR": str(var), "PORT": str(port), "MQTT_PORT": str(free_port())}
    start, spent = time.perf_counter(), _spent()
    process = subprocess.Popen(
        python("marketplace", "run"), env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        if not any(GREETING in line for line in process.stdout):
            raise SystemExit("the instance ended before it greeted")
        httpx.get(f"http://127.0.0.1:{port}/sign-in").raise_for_status()
        seconds = time.perf_counter() - start
    finally:
        process.terminate()
        process.communicate(timeout=60)
    return seconds, _spent() - spent


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
