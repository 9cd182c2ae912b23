"""How do processes tell what they do, as JSON lines without secrets?"""

from __future__ import annotations

import logging

import structlog

HIDDEN = frozenset({"password", "token", "authorization", "cookie", "secret"})


def configure() -> None:
    """Send every process's own words and its libraries' warnings to standard output as JSON lines."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            _hide,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


def _hide(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name in HIDDEN.intersection(event):
        event[name] = "***"
    return event
