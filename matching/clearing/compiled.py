"""How is a kernel compiled: once, to the machine's code, kept on disk for the next start?"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")
CONFIG: Any = numba.config
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


def _folder() -> str:
    """Choose the folder of compiled kernels, named after their sources; empty: none can be written.

    numba looks only at the file of a function, not at what it calls: a changed callee would go unseen.
    """
    here = Path(__file__).parent
    sources = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    name = f"kernel-{hashlib.sha256(sources).hexdigest()[:16]}"
    chosen = [Path(CONFIG.CACHE_DIR)] if CONFIG.CACHE_DIR else []
    for place in [*chosen, here / "__pycache__", Path.home() / ".cache" / "huanlian"]:
        try:
            (place / name).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place / name):
                return str(place / name)
        except OSError:
            continue
    return ""


FOLDER = _folder()


def entry(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that Python calls, when it first does; it allocates nothing, threads go on."""
    before = CONFIG.CACHE_DIR
    CONFIG.CACHE_DIR = FOLDER
    try:
        ready = numba.njit(cache=bool(FOLDER), **OPTIONS)(kernel)
    finally:
        CONFIG.CACHE_DIR = before
    return cast("Callable[P, R]", ready)


def compiled(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that only compiled functions call."""
    return cast("Callable[P, R]", numba.njit(**OPTIONS)(kernel))
