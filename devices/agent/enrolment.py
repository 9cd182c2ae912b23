"""How does a new agent get its identity from the server with a one-time code?"""

from __future__ import annotations

import json
import ssl
import uuid
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from devices.agent.identity import KEY, write_identity
from devices.codecs import FrameRefused
from devices.codecs.enrolment_json import (
    ENROL_PATH,
    EnrolmentAnswer,
    decode_answer,
    encode_request,
    make_request,
)
from devices.transports.presence import FIRMWARE
from devices.weighbridge.keys import load_or_create_key

_WAIT_S = 30.0
_LARGEST = 64 * 1024
_NEARBY = {"localhost", "127.0.0.1", "::1"}


class EnrolmentRefused(Exception):
    """The server did not enrol the device, or was not reached; the text says why and what to do."""


class _NoRedirect(HTTPRedirectHandler):
    """A one-time code goes to the server that the operator has named, and to no other."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Follow nothing."""


def enrol(server: str, code: str, folder: Path, *, ca_file: str | None = None) -> EnrolmentAnswer:
    """Make the key if there is none, ask the server, keep what it answers; raise `EnrolmentRefused`."""
    at = urlsplit(server)
    if at.scheme != "https" and not (at.scheme == "http" and at.hostname in _NEARBY):
        raise EnrolmentRefused(f"{server}: https:// is needed, for the answer holds a password")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        asked = make_request(code, load_or_create_key(folder / KEY), FIRMWARE)
    except FrameRefused as refused:
        raise EnrolmentRefused(f"The code cannot be right: {refused.detail}") from None
    answer = _post(f"{server.rstrip('/')}{ENROL_PATH}", encode_request(asked), ca_file)
    try:
        found = decode_answer(answer)
    except FrameRefused as refused:
        raise EnrolmentRefused(f"{server} answered something else: {refused}") from None
    write_identity(folder, found)
    return found


def _post(url: str, body: bytes, ca_file: str | None) -> bytes:
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    opener = build_opener(_NoRedirect, HTTPSHandler(context=ssl.create_default_context(cafile=ca_file)))
    try:
        with opener.open(Request(url, body, headers), timeout=_WAIT_S) as response:  # noqa: S310 -- checked
            return bytes(response.read(_LARGEST))
    except HTTPError as refused:
        raise EnrolmentRefused(_said(refused)) from None
    except (URLError, HTTPException, OSError) as problem:
        reason = problem.reason if isinstance(problem, URLError) else problem
        raise EnrolmentRefused(f"{url} was not reached: {reason}") from None


def _said(refused: HTTPError) -> str:
    """Return the problem document's own words, or the status."""
    with refused:
        try:
            problem = json.loads(refused.read(_LARGEST))
        except ValueError:
            problem = {}
    words = problem.get("detail") or problem.get("title") if isinstance(problem, dict) else None
    return f"The server refused ({refused.code}): {words or refused.reason}"
