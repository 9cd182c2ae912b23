"""How does a machine with only Python, pip and make get `.venv/` filled? Standard library only."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
TAIL_LINES = 25


class SetupFailed(Exception):
    """A step of the set-up failed; the text says which one and the way out."""


def main() -> int:
    """Create `.venv/` if needed and install the named requirements files and the project into it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("requirements", nargs="+", help="names in requirements/, without .txt")
    names = parser.parse_args().requirements
    try:
        ensure_venv()
        install_requirements(ROOT / "requirements" / "build.txt")
        for name in names:
            install_requirements(ROOT / "requirements" / f"{name}.txt", "--no-compile")
        install_project()
        compile_packages()
    except SetupFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    return 0


def ensure_venv() -> None:
    """Make `.venv/` with pip in it, also where the system's Python has no ensurepip."""
    if VENV_PYTHON.exists() and _runs([str(VENV_PYTHON), "-m", "pip", "--version"]):
        return
    print(f"Creating .venv with {sys.executable} (Python {sys.version.split()[0]})", flush=True)
    made = _runs([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if made and _runs([str(VENV_PYTHON), "-m", "pip", "--version"]):
        return
    if _runs([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)]) and _lend_pip():
        return
    if _runs([sys.executable, "-m", "virtualenv", "--clear", str(VENV)]):
        return
    raise SetupFailed(
        f"{sys.executable} can make no virtual environment here. One of these is the way out:\n"
        "  Debian, Ubuntu:  sudo apt install python3-venv\n"
        "  without sudo:    python3 -m pip install --user --break-system-packages virtualenv\n"
        "  another Python:  make env PYTHON=/path/to/python3.12\n"
        "and then `make env` again."
    )


def _lend_pip() -> bool:
    """Let the system's pip install pip into `.venv/`."""
    return _runs([sys.executable, "-m", "pip", "--python", str(VENV_PYTHON), "install", "-q", "pip"])


def _runs(argv: list[str]) -> bool:
    return subprocess.run(argv, capture_output=True, check=False, cwd=ROOT).returncode == 0


def install_requirements(path: Path, *flags: str) -> None:
    """Install one compiled requirements file, telling how far it is."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line[:1].isalnum() and "==" in line]
    argv = ["install", "--no-deps", "--require-hashes", "--no-input", *flags, "-r", str(path)]
    _pip(argv, f"Installing {len(pins)} pinned packages from requirements/{path.name}", len(pins))


def install_project() -> None:
    """Install the project itself editable, so that `.venv/bin/huanlian` runs this working copy."""
    argv = ["install", "--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    _pip(argv, "Installing the project into .venv (editable)", 1)


def compile_packages() -> None:
    """Compile what was installed, on all cores; a package's own tests are not worth the time.

    pip would do it on one core and for every file. What does not compile is not Python of this version.
    """
    print("Compiling the packages", flush=True)
    folders = map(str, VENV.glob("lib/python*/site-packages"))
    argv = [str(VENV_PYTHON), "-m", "compileall", "-q", "-j", "0", "-x", "/tests?/", *folders]
    subprocess.run(argv, capture_output=True, check=False, cwd=ROOT)


def _pip(arguments: list[str], title: str, expected: int) -> None:
    argv = [str(VENV_PYTHON), "-m", "pip", *arguments, "--disable-pip-version-check", "--progress-bar", "off"]
    print(title, flush=True)
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    progress = Progress(expected)
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    ) as process:
        for line in process.stdout or ():
            tail.append(line.rstrip())
            progress.see(line)
    progress.end()
    if process.returncode != 0:
        raise SetupFailed(explain("\n".join(tail)))


def explain(log: str) -> str:
    """Return what pip said last, with the way out where it is known."""
    ways = {
        "hash": "A downloaded file differs from its pinned hash: check `pip config list` for a wrong mirror.",
        "No matching distribution": "The package index has no file for this Python or system: check"
        " `pip config list`, or try another Python with `make env PYTHON=python3.12`.",
        "onnection": "The package index was not reached: check the network and `pip config list`.",
        "No space left": "The disk is full: free some space.",
    }
    found = [way for sign, way in ways.items() if sign in log]
    return f"{log}\n\nThe set-up stopped. {found[0] if found else 'The lines above are what pip said last.'}"


class Progress:
    """Shows on one line (or every few seconds in a log file) how many packages pip has taken up."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.seen = 0
        self.started = self.told = time.monotonic()
        self.terminal = sys.stdout.isatty()

    def see(self, line: str) -> None:
        """Take one line of pip's output."""
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            self.seen += 1
        if line.startswith("Installing collected"):
            self._say("unpacking …", force=True)
        elif self.seen:
            self._say(f"{min(self.seen, self.expected)} of {self.expected} found", force=False)

    def _say(self, text: str, *, force: bool) -> None:
        now = time.monotonic()
        if self.terminal:
            print(f"\r  {text:<40}", end="", flush=True)
        elif force or now - self.told > 10:
            print(f"  {text}", flush=True)
            self.told = now

    def end(self) -> None:
        """Say how long it took."""
        start = "\r" if self.terminal else ""
        print(f"{start}  done in {time.monotonic() - self.started:.0f} s{'':<30}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
