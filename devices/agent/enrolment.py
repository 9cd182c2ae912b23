"""How does a new agent get its identity from the server with a one-time code?"""

from __future__ import annotations

import uuid
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request

from devices.agent.https import LARGEST, ServerPlace, is_private, opener, problem_of, write_server
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


class EnrolmentRefused(Exception):
    """The server did not enrol the device, or was not reached; the text says why and what to do."""


def enrol(server: str, code: str, folder: Path, *, ca_file: str | None = None) -> EnrolmentAnswer:
    """Make the key if there is none, ask the server, keep what it answers; raise `EnrolmentRefused`."""
    if not is_private(server):
        raise EnrolmentRefused(f"{server}: https:// is needed, for the answer holds a password")
    authority = Path(ca_file).read_text("ascii") if ca_file else ""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        asked = make_request(code, load_or_create_key(folder / KEY), FIRMWARE)
    except FrameRefused as refused:
        raise EnrolmentRefused(f"The code cannot be right: {refused.detail}") from None
    answer = _post(f"{server.rstrip('/')}{ENROL_PATH}", encode_request(asked), authority)
    try:
        found = decode_answer(answer)
    except FrameRefused as refused:
        raise EnrolmentRefused(f"{server} answered something else: {refused}") from None
    write_identity(folder, found)
    write_server(folder, ServerPlace(server.rstrip("/"), authority))
    return found


def _post(url: str, body: bytes, authority: str) -> bytes:
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    asked = Request(url, body, headers)  # noqa: S310 -- checked
    try:
        with opener(authority).open(asked, timeout=_WAIT_S) as response:
            return bytes(response.read(LARGEST))
    except HTTPError as refused:
        raise EnrolmentRefused(f"The server refused ({refused.code}): {problem_of(refused)[1]}") from None
    except (URLError, HTTPException, OSError) as problem:
        reason = problem.reason if isinstance(problem, URLError) else problem
        raise EnrolmentRefused(f"{url} was not reached: {reason}") from None
