"""On which machine, under which load and with which versions was this measured?"""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib import metadata

from benchmarks.durable import program
from tools.parts import find_chromium, find_mosquitto

LIBRARIES = ("litestar", "granian", "sqlalchemy", "psycopg", "msgspec", "paho-mqtt", "ortools", "playwright")


def facts() -> dict[str, str]:
    """Return what a reader has to know about the machine."""
    found = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load": load(),
    }
    found |= {name: metadata.version(name) for name in LIBRARIES}
    for name, path in (("mosquitto", find_mosquitto()), ("postgresql", program("postgres"))):
        found[name] = "missing" if path is None else _version(path, "-h" if name == "mosquitto" else "-V")
    browser = find_chromium()
    found["chromium"] = "missing" if browser is None else _version(browser, "--version")
    return found


def load() -> str:
    """Return the load of the machine over 1, 5 and 15 minutes."""
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def _version(path: str, flag: str) -> str:
    said = subprocess.run([path, flag], capture_output=True, text=True, check=False).stdout.strip()
    return said.splitlines()[0] if said else "unknown"
