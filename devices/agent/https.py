"""Where is the server that this agent was enrolled at, and how is it spoken to over HTTPS?"""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, build_opener

import msgspec

from devices.agent.identity import write_private

SERVER = "server.json"
LARGEST = 64 * 1024
_NEARBY = {"localhost", "127.0.0.1", "::1"}


class ServerPlace(msgspec.Struct, frozen=True):
    """The server's address, and the certificate of its authority (PEM) where that is no public one."""

    url: str
    ca: str = ""


class _NoRedirect(HTTPRedirectHandler):
    """A code or a password goes to the server that the operator has named, and to no other."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Follow nothing."""


def is_private(server: str) -> bool:
    """Tell whether nobody on the way hears what is said to this address."""
    at = urlsplit(server)
    return at.scheme == "https" or (at.scheme == "http" and at.hostname in _NEARBY)


def opener(authority: str) -> OpenerDirector:
    """Return what opens addresses, trusting this authority or, where none is named, the public ones."""
    context = ssl.create_default_context(cadata=authority or None)
    return build_opener(_NoRedirect, HTTPSHandler(context=context))


def problem_of(refused: HTTPError) -> tuple[str, str]:
    """Return the code and the words of a problem document, or the status where there is none."""
    with refused:
        try:
            problem = json.loads(refused.read(LARGEST))
        except (ValueError, OSError):
            problem = {}
    if not isinstance(problem, dict):
        problem = {}
    words = problem.get("detail") or problem.get("title") or refused.reason
    return str(problem.get("code") or ""), str(words)


def write_server(folder: Path, place: ServerPlace) -> None:
    """Keep where the server is."""
    write_private(folder / SERVER, msgspec.json.encode(place))


def read_server(folder: Path) -> ServerPlace | None:
    """Read where the server is; None for an agent that was enrolled before this was kept."""
    try:
        return msgspec.json.decode((folder / SERVER).read_bytes(), type=ServerPlace)
    except (OSError, msgspec.MsgspecError, ValueError):
        return None
