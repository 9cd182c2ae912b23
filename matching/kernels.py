"""Where are compiled kernels kept for the next start?"""

from __future__ import annotations

import hashlib
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

config: Any = import_module("numba.core.config")


def cache_folder(package: Path) -> str | None:
    """Choose a folder for a package's kernels, named after its sources; None: nowhere can be written.

    numba looks only at the file of a function, not at what it calls: a changed callee would go unseen.
    """
    sources = b"".join(path.read_bytes() for path in sorted(package.glob("*.py")))
    name = f"kernel-{hashlib.sha256(sources).hexdigest()[:16]}"
    chosen = [Path(config.CACHE_DIR)] if config.CACHE_DIR else []
    for place in [*chosen, package / "__pycache__", Path.home() / ".cache" / "huanlian"]:
        try:
            (place / name).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place / name):
                return str(place / name)
        except OSError:
            continue
    return None
