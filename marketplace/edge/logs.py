"""What does a process write down about itself, and what never?"""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

_NEVER = ("password", "token", "authorization", "cookie", "secret", "idempotency")
REDACTED = "[redacted]"


def without_secrets(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank out every value whose name speaks of a secret, at any depth."""
    for name, value in entry.items():
        if any(word in name.lower() for word in _NEVER):
            entry[name] = REDACTED
        elif isinstance(value, dict):
            entry[name] = without_secrets(None, "", dict(value))
    return entry


def configure_logging(level: int = logging.INFO) -> None:
    """Make every process log one JSON object a line, with the moment in UTC and without secrets."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_secrets,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(),
        cache_logger_on_first_use=False,
    )
