"""How does the agent in a folder fare, running or not?"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from devices.agent.identity import KEY, OUTBOX, IdentityRefused, read_identity
from devices.agent.station import STATUS, is_running
from devices.codecs.weighing_json import public_key_of
from devices.weighbridge.keys import KeyFileExposed, load_or_create_key

Told = dict[str, Any]


def status(folder: Path) -> Told:
    """Return what is known of an agent: identity, whether it runs, its line, its outbox; changes nothing."""
    found: Told = {"folder": str(folder), "running": is_running(folder)}
    try:
        who = read_identity(folder)
        found |= {
            "device": who.device,
            "tenant": who.tenant,
            "kind": who.kind,
            "inc": who.inc,
            "broker": who.mqtt,
            "command_keys": len(who.command_keys),
        }
    except IdentityRefused as refused:
        found["identity"] = str(refused)
    if (folder / KEY).exists():
        try:
            found["public_key"] = public_key_of(load_or_create_key(folder / KEY))
        except (KeyFileExposed, ValueError) as problem:
            found["key"] = f"{type(problem).__name__}: {problem}"
    return found | _last(folder / STATUS) | _stored(folder / OUTBOX)


def _last(path: Path) -> Told:
    """Return what a running agent has noted of itself of late."""
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return {"last": told} if isinstance(told, dict) else {}


def _stored(path: Path) -> Told:
    """Return what stands in an outbox, read beside its agent."""
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            waiting = db.execute("SELECT stream, count(*) FROM record GROUP BY stream").fetchall()
            notes = dict(db.execute("SELECT name, value FROM note WHERE name NOT LIKE 'auth:%'").fetchall())
            open_commands = db.execute("SELECT count(*) FROM command WHERE final = 0").fetchone()[0]
            photos = db.execute("SELECT count(*) FROM photo").fetchone()[0]
            devices = db.execute("SELECT count(*) FROM device").fetchone()[0]
    except sqlite3.Error as problem:
        return {"outbox": f"{path}: {problem}"}
    return {
        "waiting": dict(waiting),
        "photos_waiting": photos,
        "devices": devices,
        "boot": int(notes.get("boot", 0)),
        "configuration": _version(notes.get("cfg:kept", "")),
        "refused_configuration": notes.get("cfg:bad", "").replace("\n", " "),
        "open_commands": open_commands,
        "tickets": {k.removeprefix("ticket:"): int(v) for k, v in notes.items() if k.startswith("ticket:")},
    }


def _version(kept: str) -> int:
    try:
        return int(json.loads(kept)["v"])
    except (ValueError, KeyError, TypeError):
        return 0
