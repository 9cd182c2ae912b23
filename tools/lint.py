"""Is the code in form: style, formatting, the floors of the house, templates?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
TEMPLATES = ROOT / "marketplace" / "web" / "templates"


def main() -> int:
    """Run each check and print the verdicts; 1 if any failed."""
    checks = {
        "ruff check": ["ruff", "check", "--quiet", "."],
        "ruff format": ["ruff", "format", "--check", "--quiet", "."],
        "import floors": ["lint-imports"],
    }
    if TEMPLATES.is_dir():
        checks["templates: lint"] = ["djlint", str(TEMPLATES), "--lint", "--quiet"]
        checks["templates: form"] = ["djlint", str(TEMPLATES), "--check", "--quiet"]
    failed = [name for name, argv in checks.items() if not passes(name, argv)]
    if failed:
        print(f"Not in form: {', '.join(failed)}. `make format` repairs what a program can.", file=sys.stderr)
    return 1 if failed else 0


def passes(name: str, argv: list[str]) -> bool:
    """Run one check; show what it said only if it failed."""
    done = subprocess.run(
        [str(BIN / argv[0]), *argv[1:]], capture_output=True, text=True, check=False, cwd=ROOT
    )
    print(f"{'ok    ' if done.returncode == 0 else 'FAILED'}  {name}", flush=True)
    if done.returncode != 0:
        print(done.stdout + done.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
