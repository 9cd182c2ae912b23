"""Does what the how-to documents tell a reader to type still work?"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import msgspec
import pytest
from sqlalchemy import select

from compliance.record.database import open_database, reading
from devices.agent.config_file import GatewayFile, ScaleAgentFile, read_file
from devices.codecs.terminals import Terminal
from marketplace.accounts.tables import Account
from marketplace.broker_accounts import account
from marketplace.cli import main as cli
from marketplace.edge.api.commands import NewCommand
from marketplace.edge.api.devices import NewDevice, NewLine
from marketplace.edge.api.vehicles import VehicleWanted
from marketplace.instance import DOWN, UP, broker_users
from marketplace.settings import Settings
from tests.docs.pages import HOW_TO, blocks
from tracking.fleet.tables import Device

ROOT = HOW_TO.parents[1]
SOME_ID = "0198f6a0-0000-7000-8000-000000000001"
USCC = "91420100MA0000000Y"
"""Right in form and check character, and invented."""


def run(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program of the documents as its own process, in the working copy."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_independent_check_finds_a_changed_row(sqlite_template: Path, tmp_path: Path) -> None:
    """An auditor who trusts the small program instead of ours would be told that a changed record holds."""
    record = tmp_path / "record.db"
    shutil.copy(sqlite_template, record)
    [program] = blocks("verify-the-record.md", "python")
    _register(record)
    assert _checked(program, record).returncode == 0
    with sqlite3.connect(record) as connection:
        guards = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger'"
        )
        for (name,) in guards.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE ledger SET data = replace(data, '7', '8') WHERE seq = 2")
    found = _checked(program, record)
    assert found.returncode == 1
    assert "event 2 does not hold" in found.stderr


def _checked(program: str, record: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", program, str(record)], capture_output=True, text=True, check=False
    )


def _register(record: Path) -> None:
    """Put three events with Chinese words and quotation marks on a record's chain."""
    code = (
        "import sys, uuid\n"
        "from compliance.record.clock import system_now\n"
        "from compliance.record.database import open_database, transaction\n"
        "from compliance.record.who import SYSTEM\n"
        "from compliance.record.work import Work\n"
        "for number in range(3):\n"
        "    with transaction(open_database(sys.argv[1])) as session:\n"
        "        work = Work(session, system_now(), SYSTEM)\n"
        "        work.append('LotListed', uuid.uuid4(), code='“废\"油”\\n', kg=7000 + number)\n"
    )
    subprocess.run([sys.executable, "-c", code, f"sqlite:///{record}"], cwd=ROOT, check=True)


def test_the_programs_that_enrol_people_and_devices_run(sqlite_template: Path, tmp_path: Path) -> None:
    """An operator's first hour would end in a traceback."""
    database = tmp_path / "huanlian.db"
    shutil.copy(sqlite_template, database)
    told = {
        "DATABASE_URL": f"sqlite:///{database}",
        "USCC": USCC,
        "NAME": "武汉某运输有限公司",
        "DIVISION": "420100",
        "KIND": "carrier",
        "PERSON": "王一",
        "ROLE": "dispatcher",
        "LOGIN": "wang",
        "PUBLIC_KEY": hashlib.sha256(b"a public key").hexdigest(),
    }
    [first] = blocks("run-in-production.md", "python")
    asked = "import getpass; getpass.getpass = lambda: 'a long enough password'\n"
    [scale] = blocks("connect-a-scale.md", "python")
    for program in (asked + first, scale):
        done = run(program, told)
        assert done.returncode == 0, done.stderr[-2000:]
    with reading(open_database(told["DATABASE_URL"])) as session:
        assert list(session.scalars(select(Account.login))) == ["wang"]


DEVICES = ("connect-a-terminal.md", "connect-a-scale.md")


@pytest.mark.parametrize(
    ("name", "least"),
    [
        (DEVICES[0], {"enrol", "status", "password"}),
        (DEVICES[1], {"enrol", "status"}),
        ("brokers.md", {"acl"}),
    ],
)
def test_the_commands_at_the_devices_are_there(name: str, least: set[str]) -> None:
    """An operator at the gate would type a command or an option that does not exist."""
    text = (HOW_TO / name).read_text("utf-8")
    typed = re.findall(r"^ *(?:\$ )?(huanlian devices [^|\n]*)", text, re.MULTILINE)
    assert least <= {line.split()[2] for line in typed}
    for line in typed:
        words = shlex.split(line.split("huanlian ", 1)[1])
        command: click.Command = cli
        context = click.Context(cli)
        while isinstance(command, click.Group):
            found = command.get_command(context, words.pop(0))
            assert found is not None, line
            command = found
        known = {name for option in command.params for name in option.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_the_files_of_the_agents_are_read_as_they_stand(tmp_path: Path) -> None:
    """A file copied from the document would be refused by its first line."""
    for name, shape in zip(DEVICES, (GatewayFile, ScaleAgentFile), strict=True):
        [text] = blocks(name, "toml")
        file = tmp_path / "agent.toml"
        file.write_text(text, "utf-8")
        read = read_file(file, shape)
        assert read.folder.startswith("/var/lib/huanlian/")
        if isinstance(read, GatewayFile):
            assert read == GatewayFile(read.folder, read.terminals), "the defaults are other ones"
    [terminals] = blocks("connect-a-terminal.md", "json")
    assert msgspec.json.decode(terminals, type=dict[str, list[Terminal]])["terminals"][0].device == "veh-1"


TAKEN = {
    "vehicles": VehicleWanted,
    "devices": NewDevice,
    "devices/veh-1/gateway": NewLine,
    "devices/veh-1/commands": NewCommand,
}


@pytest.mark.parametrize("name", DEVICES)
def test_what_is_posted_to_enter_a_device_is_taken(name: str) -> None:
    """The first step would be answered with an error that the document does not know."""
    typed = "".join(blocks(name, "sh"))
    for place in ("SITE", "VEHICLE"):
        typed = typed.replace(f"'\"${place}\"'", SOME_ID)
    posted = re.findall(r"/api/v1/(\S+)\" -d '(\{.*?\})'$", typed, re.MULTILINE)
    assert posted
    for address, body in posted:
        assert msgspec.json.decode(body, type=TAKEN[address])


def test_what_is_entered_in_emqx_is_what_mosquitto_is_given() -> None:
    """An operator of EMQX would let a device speak for another, or leave a gateway without a voice."""
    rules: dict[tuple[str, str], set[str]] = {}
    for who, act, topics in re.findall(
        r'^ *\{allow, (?:\{username, "(.*?)"\}|all), (\w+), \[(.*)\]\}\.$',
        (HOW_TO / "brokers.md").read_text("utf-8"),
        re.MULTILINE,
    ):
        rules[who, act] = set(re.findall(r'"(.*?)"', topics))
    server = broker_users(Settings(mqtt_url="mqtt://server:word@127.0.0.1:1883"))["server"]
    gateway = account(Device(id="gateway-1", tenant="carrier-1", kind="gateway"), "")
    assert rules == {
        ("server", "publish"): set(server.publish),
        ("server", "subscribe"): set(server.subscribe),
        ("gateway-1", "publish"): set(gateway.publish),
        ("gateway-1", "subscribe"): set(gateway.subscribe),
        ("", "publish"): {f"v1/+/${{username}}/{kind}" for kind in UP},
        ("", "subscribe"): {f"v1/+/${{username}}/{kind}" for kind in DOWN},
    }
