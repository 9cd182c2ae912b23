"""How is a kernel compiled: once, to the machine's code, kept on disk for the next start?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

from matching.kernels import cache_folder, config

P = ParamSpec("P")
R = TypeVar("R")
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


FOLDER = cache_folder(Path(__file__).parent)


def entry(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that Python calls, when it first does; it allocates nothing, threads go on."""
    before = config.CACHE_DIR
    config.CACHE_DIR = FOLDER or ""
    try:
        ready = numba.njit(cache=FOLDER is not None, **OPTIONS)(kernel)
    finally:
        config.CACHE_DIR = before
    return cast("Callable[P, R]", ready)


def compiled(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that only compiled functions call."""
    return cast("Callable[P, R]", numba.njit(**OPTIONS)(kernel))
