"""As whom does this agent speak, and with which secrets?

Two files in the agent's folder, for its owner alone: `key`, the Ed25519 key that was made here and leaves
never, and `identity.json`, what the server answered to the enrolment.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from devices.codecs import FrameRefused
from devices.codecs.enrolment_json import EnrolmentAnswer, decode_answer, encode_answer
from devices.transports.mqtt import BrokerLine

KEY, IDENTITY, AUTHORITY, OUTBOX = "key", "identity.json", "broker-ca.pem", "outbox.db"
_OTHERS = 0o077
_PORTS = {"mqtt": 1883, "mqtts": 8883}


class IdentityRefused(ValueError):
    """There is no identity that can be used: which file, and why."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why


def read_identity(folder: Path) -> EnrolmentAnswer:
    """Read who this agent is; raise `IdentityRefused`."""
    path = folder / IDENTITY
    try:
        exposed = is_exposed(path)
        found = decode_answer(path.read_bytes())
    except FileNotFoundError:
        raise IdentityRefused(path, "is not there: run `huanlian devices enrol` first") from None
    except OSError as problem:
        raise IdentityRefused(path, problem.strerror or str(problem)) from None
    except FrameRefused as refused:
        raise IdentityRefused(path, refused.detail) from None
    if exposed:
        raise IdentityRefused(path, "others than its owner may read it: chmod 600")
    return found


def is_exposed(path: Path) -> bool:
    """Tell whether others than its owner may read a file; raise `OSError` where there is none."""
    return bool(path.stat().st_mode & _OTHERS)


def write_identity(folder: Path, answer: EnrolmentAnswer) -> None:
    """Keep who this agent is, for its owner alone; replaces what was there at once."""
    write_private(folder / IDENTITY, encode_answer(answer))
    if answer.ca:
        write_private(folder / AUTHORITY, answer.ca.encode())


def write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, whole or not at all, and on the disk."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def broker_line(folder: Path, who: EnrolmentAnswer) -> BrokerLine:
    """Return the line to the broker that this identity names."""
    at = urlsplit(who.mqtt)
    return BrokerLine(
        at.hostname or "",
        at.port or _PORTS[at.scheme],
        who.device,
        who.password,
        ca_file=str(folder / AUTHORITY) if who.ca else None,
        tls=at.scheme == "mqtts",
    )
