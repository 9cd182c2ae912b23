"""How does a new agent get its identity from the server with a one-time code, and later a new password?"""

from __future__ import annotations

import ssl
import uuid
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request

import msgspec

from devices.agent.https import (
    LARGEST,
    SERVER,
    ServerPlace,
    is_private,
    opener,
    problem_of,
    read_server,
    write_server,
)
from devices.agent.identity import KEY, read_identity, write_identity
from devices.codecs import FrameRefused
from devices.codecs.enrolment_json import (
    ENROL_PATH,
    OWN_PASSWORD_PATH,
    OWN_PATH,
    EnrolmentAnswer,
    OwnPassword,
    decode_answer,
    encode_request,
    make_request,
)
from devices.transports.presence import FIRMWARE
from devices.weighbridge.keys import load_or_create_key

_WAIT_S = 30.0
_UNTRUSTED = ". Where its authority is your own, name that one's certificate by `enrol --ca FILE`"


class EnrolmentRefused(Exception):
    """The server did not enrol the device, or was not reached; the text says why and what to do."""


def enrol(server: str, code: str, folder: Path, *, ca_file: str | None = None) -> EnrolmentAnswer:
    """Make the key if there is none, ask the server, keep what it answers; raise `EnrolmentRefused`."""
    if not is_private(server):
        raise EnrolmentRefused(f"{server}: https:// is needed, for the answer holds a password")
    place = ServerPlace(server.rstrip("/"), _authority(ca_file))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        asked = make_request(code, load_or_create_key(folder / KEY), FIRMWARE)
    except FrameRefused as refused:
        raise EnrolmentRefused(f"The code cannot be right: {refused.detail}") from None
    answer = _ask(place, ENROL_PATH, encode_request(asked))
    try:
        found = decode_answer(answer)
    except FrameRefused as refused:
        raise EnrolmentRefused(f"{server} answered something else: {refused}") from None
    write_identity(folder, found)
    write_server(folder, place)
    return found


def renew_password(folder: Path, given: str = "") -> EnrolmentAnswer:
    """Ask the server for a new password, or take the one `given` on its page, and keep it once the server
    has seen it; raise `EnrolmentRefused`. After any failure it may be done again.
    """
    who, place = read_identity(folder), read_server(folder)
    if place is None:
        raise EnrolmentRefused(
            f"{folder / SERVER} is not there, as an earlier release left it: enrol again with a new code"
        )
    fresh = given or _given_out(place, who.password)
    _ask(place, OWN_PATH, None, fresh)
    found = msgspec.structs.replace(who, password=fresh)
    write_identity(folder, found)
    return found


def _given_out(place: ServerPlace, password: str) -> str:
    """Ask the server for a new password by the present one."""
    answer = _ask(place, OWN_PASSWORD_PATH, b"", password)
    try:
        return msgspec.json.decode(answer, type=OwnPassword).password
    except msgspec.MsgspecError as odd:
        raise EnrolmentRefused(f"{place.url} answered something else: {odd}") from None


def _authority(ca_file: str | None) -> str:
    """Read the certificate of the server's authority; none where a public one is trusted."""
    if not ca_file:
        return ""
    try:
        authority = Path(ca_file).read_text("ascii")
        opener(authority)
    except OSError as problem:
        raise EnrolmentRefused(f"{ca_file}: {problem.strerror or problem}") from None
    except ValueError as problem:
        raise EnrolmentRefused(f"{ca_file} is no certificate in PEM form: {problem}") from None
    return authority


def _ask(place: ServerPlace, path: str, body: bytes | None, password: str = "") -> bytes:
    """Post a body, or get where there is none, and return the answer."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    if password:
        headers["Authorization"] = f"Bearer {password}"
    url = f"{place.url}{path}"
    asked = Request(url, body, headers)  # noqa: S310 -- checked
    try:
        with opener(place.ca).open(asked, timeout=_WAIT_S) as response:
            return bytes(response.read(LARGEST))
    except HTTPError as refused:
        raise EnrolmentRefused(f"The server refused ({refused.code}): {problem_of(refused)[1]}") from None
    except (URLError, HTTPException, OSError) as problem:
        reason = problem.reason if isinstance(problem, URLError) else problem
        hint = _UNTRUSTED if isinstance(reason, ssl.SSLCertVerificationError) else ""
        raise EnrolmentRefused(f"{url} was not reached: {reason}{hint}") from None
