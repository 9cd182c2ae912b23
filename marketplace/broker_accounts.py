"""Which users does the broker have, and how does it learn of a device that came or was revoked?

What is on record is the truth: every device that has enrolled has an account of its own, held to its own
topics. The instance's own broker follows a users file; for a Mosquitto elsewhere `huanlian devices acl`
writes its two files.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from compliance.record.clock import system_now
from compliance.record.database import reading
from marketplace.broker import BrokerUser, Users, hash_of, own, read_users, write_private, write_users
from marketplace.instance import DOWN, UP, broker_users, users_file
from marketplace.settings import Settings
from tracking.fleet import credentials
from tracking.fleet.passwords import hash_fits
from tracking.fleet.rules import DeviceKind
from tracking.fleet.tables import Device

FOLLOW_S = 1.0
GATEWAY_UP = ("pos", "evt", "res", "state")
"""What a gateway says in its terminals' names; nobody signs a weight for a scale."""
_CONTROL = "$CONTROL/dynamic-security/#"
HEAD = "# Written by `huanlian devices acl`: change the devices, not this file.\n"

log = structlog.get_logger(__name__)


def accounts(session: Session, settings: Settings, at: datetime) -> dict[str, BrokerUser]:
    """Return every user of the broker: the instance's own, and each device that may speak."""
    found = broker_users(settings)
    for device, password_hash in credentials.broker_hashes(session, at):
        found.setdefault(device.id, account(device, password_hash))
    return found


def account(device: Device, password_hash: str) -> BrokerUser:
    """Return a device's account: its own topics, and for a gateway those of its tenant's terminals."""
    is_gateway = device.kind == DeviceKind.GATEWAY.value
    name, up = ("+", list(GATEWAY_UP)) if is_gateway else ("%u", list(UP))
    return BrokerUser(
        password_hash=password_hash,
        publish=[f"v1/{device.tenant}/{name}/{kind}" for kind in up],
        subscribe=[f"v1/{device.tenant}/{name}/{kind}" for kind in DOWN],
    )


def password_lines(users: Users) -> str:
    """Return Mosquitto's password file."""
    return "".join(f"{name}:{hash_of(user)}\n" for name, user in sorted(users.items()))


def right_lines(users: Users) -> str:
    """Return Mosquitto's rights: patterns for devices, which never change, and a section for each other."""
    ordinary = {f"v1/+/%u/{kind}" for kind in (*UP, *DOWN)}
    lines = [HEAD]
    for name, user in sorted(users.items()):
        if all("/%u/" in pattern for pattern in (*user.publish, *user.subscribe)):
            continue
        lines.append(f"user {name}\n")
        lines += [f"topic write {own(pattern, name)}\n" for pattern in user.publish]
        lines += [f"topic read {own(pattern, name)}\n" for pattern in user.subscribe]
        lines.append("\n")
    lines += [f"pattern {'read' if p.endswith(DOWN) else 'write'} {p}\n" for p in sorted(ordinary)]
    return "".join(lines)


def dynamic_security(users: Users, server: str) -> str:
    """Return the file of Mosquitto's dynamic security plugin (2.0): a client and a role for each user.

    Passwords stay hashes, which the plugin's control topic would not take. The server's user may command the
    plugin: without anybody who may, a revoked device would stay until the broker starts again.
    """
    clients, roles = [], []
    for name, user in sorted(users.items()):
        _, _, rounds, salt, key = hash_of(user).split("$")
        clients.append(
            {
                "username": name,
                "roles": [{"rolename": name}],
                "password": key,
                "salt": salt,
                "iterations": int(rounds),
            }
        )
        topics = [("publishClientSend", own(pattern, name)) for pattern in user.publish]
        topics += [("subscribePattern", own(pattern, name)) for pattern in user.subscribe]
        if name == server:
            topics += [("publishClientSend", _CONTROL), ("subscribePattern", _CONTROL)]
        acls = [{"acltype": kind, "topic": topic, "allow": True} for kind, topic in topics]
        roles.append({"rolename": name, "acls": acls})
    refused = {"publishClientSend": False, "subscribe": False}
    access = {**refused, "publishClientReceive": True, "unsubscribe": True}
    whole = {"defaultACLAccess": access, "clients": clients, "groups": [], "roles": roles}
    return json.dumps(whole, indent=1) + "\n"


def write_files(folder: Path, users: Users) -> bool:
    """Write `passwords` and `rights`, each in one step and only where it differs; tell whether one did.

    Passwords that are kept in clear are hashed anew only when the file is: the same users, the same bytes.
    """
    rights, passwords = folder / "rights", folder / "passwords"
    changed = _differs(rights, right_lines(users))
    if changed:
        write_private(rights, right_lines(users))
    if not _fits(passwords, users):
        write_private(passwords, password_lines(users))
        changed = True
    return changed


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_text("utf-8") != text


def _fits(path: Path, users: Users) -> bool:
    """Tell whether a password file has these users with their passwords."""
    if not path.exists():
        return False
    lines = path.read_text("utf-8").splitlines()
    held = dict(line.split(":", 1) for line in lines if ":" in line)
    return held.keys() == users.keys() and all(
        user.password_hash == held[name]
        if user.password_hash
        else user.password is not None and hash_fits(held[name], user.password)
        for name, user in users.items()
    )


def tell_broker(pid_file: Path) -> None:
    """Let a running Mosquitto read its files anew; clients without an account are cut off.

    One that does not run reads them when it starts.
    """
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int(pid_file.read_text("ascii").strip()), signal.SIGHUP)


def sync_users_file(engine: Engine, settings: Settings) -> bool:
    """Bring the own broker's users file up to what is on record; tell whether it changed."""
    with reading(engine) as session:
        wanted = accounts(session, settings, system_now())
    path = users_file(settings)
    if path.exists() and read_users(path) == wanted:
        return False
    write_users(path, wanted)
    return True


def follow(act: Callable[[], object], stop: threading.Event, every_s: float = FOLLOW_S) -> None:
    """Do it again and again until told to stop; a database that is away is asked again."""
    while not stop.is_set():
        try:
            act()
        except (SQLAlchemyError, OSError) as failure:
            log.warning("broker.accounts_not_brought_up_to_date", reason=str(failure))
        stop.wait(every_s)
