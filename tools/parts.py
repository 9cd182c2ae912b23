"""Which optional parts of the system can be here, how is each found, and which command brings it?

Standard library only: this runs before `.venv/` exists.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools import roads

SYSTEM_FOLDERS = os.pathsep.join(["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/opt/homebrew/bin"])
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSERS = ("/Applications/Chromium.app/Contents/MacOS/Chromium",)


CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
)
"""A browser that draws the map without a graphics card and asks nobody outside."""


@dataclass(frozen=True, slots=True)
class Part:
    """One optional part: what it is for, how to find it, its packages for apt and brew.

    `marker` is the test suite that needs it; `wanted` says whether `make system` brings it; `command` is
    given where the part comes by a command of its own instead of a package manager.
    """

    name: str
    use: str
    find: Callable[[], str | None]
    apt: tuple[str, ...]
    brew: tuple[str, ...]
    marker: str = ""
    wanted: bool = True
    command: Callable[[], list[str]] | None = None


def find_mosquitto() -> str | None:
    """Return the path of the Mosquitto broker, or None."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=SYSTEM_FOLDERS)


def find_postgis() -> str | None:
    """Return the folder of a PostgreSQL server's programs that has PostGIS beside it, or None."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders += [*sorted(Path("/opt/homebrew/opt").glob("postgresql*/bin"), reverse=True)]
    for folder in folders:
        if (folder / "initdb").exists() and _has_postgis(folder):
            return str(folder)
    return None


def _has_postgis(folder: Path) -> bool:
    version = folder.parent.name
    shares = [Path("/usr/share/postgresql") / version, folder.parent / "share" / "postgresql"]
    shares += [*Path("/opt/homebrew/share").glob("postgresql*"), folder.parent / "share"]
    return any((share / "extension" / "postgis.control").exists() for share in shares)


def find_chromium() -> str | None:
    """Return the path of a Chromium that tests may start (CHROMIUM names one), or None."""
    named = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else []
    found = [shutil.which(name) for name in [*named, *BROWSERS]]
    return next((path for path in [*found, *MAC_BROWSERS] if path and Path(path).exists()), None)


def find_npm() -> str | None:
    """Return the path of the machine's own npm, or None."""
    return shutil.which("npm") if shutil.which("node") else None


def find_chinese_font() -> str | None:
    """Return the name of a font with Chinese letters, or None."""
    if sys.platform == "darwin":
        return "PingFang SC"
    if shutil.which("fc-list") is None:
        return None
    said = subprocess.run(
        ["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return said.splitlines()[0].split(",")[0] if said else None


PARTS = (
    Part(
        "Mosquitto",
        "the broker in place of the embedded one",
        find_mosquitto,
        ("mosquitto",),
        ("mosquitto",),
        "mosquitto",
    ),
    Part(
        "PostgreSQL + PostGIS",
        "the production database",
        find_postgis,
        ("postgresql", "postgresql-postgis"),
        ("postgresql@17", "postgis"),
        "postgis",
    ),
    Part(
        "Chromium",
        "tests in a real browser, pictures",
        find_chromium,
        ("chromium",),
        ("--cask chromium",),
        "browser",
    ),
    Part(
        "Chinese font",
        "legible pictures of the pages",
        find_chinese_font,
        ("fonts-noto-cjk", "fontconfig"),
        (),
    ),
    Part(
        "Road servers",
        "OSRM and Valhalla, for tests of road distances",
        roads.find_road_servers,
        (),
        (),
        "road_servers",
        command=roads.install_command,
    ),
    Part("Node.js with npm", "else taken from PyPI", find_npm, ("nodejs", "npm"), ("node",), wanted=False),
)


def apt_packages(part: Part) -> tuple[str, ...]:
    """Return the part's packages as Debian or Ubuntu calls them; Ubuntu's Chromium has another name."""
    release = Path("/etc/os-release")
    ubuntu = release.exists() and "\nID=ubuntu" in "\n" + release.read_text(encoding="utf-8")
    return tuple("chromium-browser" if ubuntu and name == "chromium" else name for name in part.apt)


def install_command(part: Part) -> str:
    """Return the command that brings a part on this machine."""
    if part.command:
        return shlex.join(part.command())
    if sys.platform == "darwin":
        return f"brew install {' '.join(part.brew)}" if part.brew else "(comes with macOS)"
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get install -y {' '.join(apt_packages(part))}"
