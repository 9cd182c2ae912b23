"""Which MQTT broker does this instance run, who may connect to it, and which topics are theirs?

One users file serves both brokers: JSON `{user: {"password_hash" or "password", "publish", "subscribe"}}`
with lists of topic patterns in which `%u` is the user's own name. Where `mosquitto` is on the PATH it is
used; else the embedded amqtt broker, which holds the same users to the same topics.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from marketplace.ports import answers
from marketplace.supervisor import Child
from tracking.fleet.passwords import hash_fits, hash_password

HOST = "127.0.0.1"
SYSTEM_FOLDERS = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
NAME = re.compile(r"[\w.@-]{1,64}")
PATTERN = re.compile(r"[^\s\x00]{1,256}")
MAX_PACKET_BYTES = 1_048_576


class BrokerUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One user of the broker: exactly one of the two password fields, and the topics it may use."""

    password_hash: str | None = None
    password: str | None = None
    publish: list[str] = []
    subscribe: list[str] = []


Users = Mapping[str, BrokerUser]


@dataclass(frozen=True, slots=True)
class MosquittoFiles:
    """Where Mosquitto's configuration, passwords and topic rights lie."""

    config: Path
    passwords: Path
    rights: Path


def plan_broker(var: Path, port: int, users_file: Path, *, mosquitto: str | None = None) -> Child:
    """Return the child that runs a broker on 127.0.0.1:port for the users in `users_file`.

    `mosquitto` names the program to use; by default the one on the PATH, and amqtt where there is none
    (pass an empty string for amqtt in any case). The child follows changes of the users file by itself.
    """
    program = find_mosquitto() if mosquitto is None else mosquitto
    module = "marketplace.broker_mosquitto" if program else "marketplace.broker_amqtt"
    argv = [sys.executable, "-m", module, "--users", str(users_file), "--port", str(port)]
    argv += ["--var", str(var / "broker"), *(["--program", program] if program else [])]
    return Child(name="broker", argv=argv, ready=answers(HOST, port), early=True)


def find_mosquitto() -> str | None:
    """Return the path of the Mosquitto broker; Debian keeps it where ordinary users do not look."""
    return shutil.which("mosquitto") or shutil.which(
        "mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
    )


def read_users(path: Path) -> dict[str, BrokerUser]:
    """Read the users file; raise msgspec.ValidationError with the place of what is wrong in it."""
    users = msgspec.json.decode(path.read_bytes(), type=dict[str, BrokerUser])
    for name, user in users.items():
        if not NAME.fullmatch(name):
            raise msgspec.ValidationError(f"{name!r} is no user name: letters, digits and . _ @ - only")
        for pattern in [*user.publish, *user.subscribe]:
            if not PATTERN.fullmatch(pattern):
                raise msgspec.ValidationError(f"{pattern!r} of {name!r} is not a topic pattern")
    return users


def write_users(path: Path, users: Users) -> None:
    """Write the users file in one step, readable by its owner only; a running broker takes it up."""
    write_private(path, json.dumps(msgspec.to_builtins(users), indent=1, sort_keys=True))


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def password_fits(user: BrokerUser, password: str) -> bool:
    """Tell whether a password is this user's, in constant time."""
    if user.password is not None:
        return hmac.compare_digest(user.password.encode(), password.encode())
    if user.password_hash is None:
        return False
    return hash_fits(user.password_hash, password)


def may_publish(name: str, user: BrokerUser, topic: str) -> bool:
    """Tell whether this user may publish to a topic."""
    return any(covers(own(pattern, name), topic) for pattern in user.publish)


def may_subscribe(name: str, user: BrokerUser, wanted: str) -> bool:
    """Tell whether this user may subscribe to a filter (or receive a topic)."""
    return any(covers(own(pattern, name), wanted) for pattern in user.subscribe)


def own(pattern: str, name: str) -> str:
    """Put the user's own name into a topic pattern."""
    return pattern.replace("%u", name)


def covers(pattern: str, wanted: str) -> bool:
    """Tell whether everything that `wanted` (a topic or a filter) matches is matched by `pattern` too."""
    allowed, asked = pattern.split("/"), wanted.split("/")
    for level, part in enumerate(allowed):
        if part == "#":
            return True
        if level >= len(asked) or asked[level] == "#":
            return False
        if part not in ("+", asked[level]):
            return False
    return len(asked) == len(allowed)


def mosquitto_files(folder: Path) -> MosquittoFiles:
    """Name Mosquitto's files in a folder."""
    return MosquittoFiles(folder / "mosquitto.conf", folder / "passwords", folder / "rights")


def write_mosquitto(folder: Path, port: int, users: Users) -> MosquittoFiles:
    """Write Mosquitto's configuration, passwords and topic rights for the users; all private."""
    files = mosquitto_files(folder)
    write_private(
        files.passwords, "".join(f"{name}:{hash_of(user)}\n" for name, user in sorted(users.items()))
    )
    write_private(files.rights, "".join(_rights(name, user) for name, user in sorted(users.items())))
    write_private(files.config, _configuration(folder, port, files))
    return files


def hash_of(user: BrokerUser) -> str:
    """Return the hash of a user's password, made now where it is kept in clear; of nobody's where none is."""
    return user.password_hash or hash_password(user.password or secrets.token_hex())


def _rights(name: str, user: BrokerUser) -> str:
    lines = [f"user {name}"]
    lines += [f"topic write {own(pattern, name)}" for pattern in user.publish]
    lines += [f"topic read {own(pattern, name)}" for pattern in user.subscribe]
    return "\n".join(lines) + "\n\n"


def _configuration(folder: Path, port: int, files: MosquittoFiles) -> str:
    as_root = ["user root"] if os.geteuid() == 0 else []
    lines = [
        *as_root,
        "per_listener_settings false",
        "allow_anonymous false",
        f"password_file {files.passwords}",
        f"acl_file {files.rights}",
        f"listener {port} {HOST}",
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_interval 60",
        "max_inflight_messages 1000",
        "max_queued_messages 100000",
        f"max_packet_size {MAX_PACKET_BYTES}",
        "log_dest stdout",
        "log_type error",
        "log_type warning",
        "log_type notice",
    ]
    return "\n".join(lines) + "\n"
