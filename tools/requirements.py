"""How are the pinned requirements made? By pip-compile, with hashes, on the oldest Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools import roads

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
OLDEST = (3, 11)
FLAGS = (
    "--quiet",
    "--allow-unsafe",
    "--generate-hashes",
    "--strip-extras",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
)


def main() -> int:
    """Compile dev first (everything), then base and edge within it, then what stands alone."""
    if sys.version_info[:2] != OLDEST:
        print("Pins must hold on Python 3.11: make clean env PYTHON=python3.11, then again.", file=sys.stderr)
        return 1
    within = ["--constraint=dev.txt"]
    for name, more in {"dev": [], "base": within, "edge": within, "build": [], "node": []}.items():
        print(f"Compiling requirements/{name}.txt", flush=True)
        argv = [sys.executable, "-m", "piptools", "compile", *FLAGS, *more]
        argv += [f"--output-file={name}.txt", f"{name}.in"]
        if subprocess.run(argv, check=False, cwd=FOLDER).returncode != 0:
            return 1
    print("Pinning requirements/roads.txt", flush=True)
    return roads.pin()


if __name__ == "__main__":
    sys.exit(main())
