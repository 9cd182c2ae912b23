"""How is the web application served?"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from marketplace.settings import Settings, read_settings

if TYPE_CHECKING:
    from litestar import Litestar


def serve(settings: Settings) -> None:
    """Serve the web application with granian until told to stop."""
    from granian.constants import Interfaces
    from granian.server import Server

    Server(
        "marketplace.processes.web:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_access=False,
    ).serve()


def application() -> Litestar:
    """Return the web application of the instance that the environment describes.

    Nothing of what is imported and registered at the start is garbage: it is not searched for any.
    """
    gc.disable()
    from marketplace import instance, logs
    from marketplace.app import create_app

    settings = read_settings()
    logs.configure()
    app = create_app(settings, now=instance.clock_of(settings))
    gc.freeze()
    gc.enable()
    return app
