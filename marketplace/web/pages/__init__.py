"""Which pages are there?"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from litestar.types import ControllerRouterHandler

MODULES = (
    "home",
    "producer",
    "deals",
    "settlements",
    "account",
    "oversight",
    "driver",
    "processor",
    "manifests",
)
"""Each module names its own handlers in `ROUTES`."""


def routes() -> list[ControllerRouterHandler]:
    """Return the handlers of every page module."""
    found: list[ControllerRouterHandler] = []
    for name in MODULES:
        if find_spec(f"{__name__}.{name}") is not None:
            module: Sequence[ControllerRouterHandler] = import_module(f"{__name__}.{name}").ROUTES
            found += module
    return found


ROUTES = routes()
