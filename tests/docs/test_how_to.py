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

from compliance.manifests.tables import Manifest
from compliance.record.database import open_database, reading
from devices.agent.config_file import GatewayFile, ScaleAgentFile, read_file
from devices.codecs.terminals import Terminal
from marketplace.accounts.tables import Account
from marketplace.cli import main as cli
from marketplace.demo.private import private_instance
from marketplace.edge.api.devices import NewDevice, NewLine
from marketplace.edge.api.vehicles import VehicleWanted
from marketplace.settlements.tables import Settlement

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
ROOT = HOW_TO.parents[1]
SOME_ID = "0198f6a0-0000-7000-8000-000000000001"
USCC = "91420100MA0000000Y"
"""Right in form and check character, and invented."""


def blocks(name: str, language: str) -> list[str]:
    """Return the blocks of code of one document in one language, in order."""
    text = (HOW_TO / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def with_curl(folder: Path) -> str:
    """Return a PATH with our `python3`, and with a stand-in for `curl` where the machine has none."""
    folder.mkdir()
    (folder / "python3").symlink_to(sys.executable)
    if shutil.which("curl") is None:
        stand_in = folder / "curl"
        stand_in.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("curl.py")}" "$@"\n'
        )
        stand_in.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


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


@pytest.mark.timeout(400)
def test_the_loop_closes_with_the_commands_of_the_document(tmp_path: Path) -> None:
    """A programmer who copies the commands one after the other would be left with a load half-way."""
    script = "\n".join(blocks("the-loop-with-curl.md", "bash"))
    with private_instance(speed=300) as instance:
        done = subprocess.run(
            ["bash", "-c", script],
            env=os.environ | {"BASE": instance.url, "PATH": with_curl(tmp_path / "bin")},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        with reading(open_database(instance.database_url)) as session:
            begun = [state for state in session.scalars(select(Manifest.state)) if state != "draft"]
            assert begun == ["closed"]  # the world begins with drafts for the dispatcher to plan
            assert list(session.scalars(select(Settlement.state))) == ["paid"]
    assert '"holds":true' in done.stdout
    assert '"rule":"P5.mass"' in done.stdout


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


@pytest.mark.parametrize("name", DEVICES)
def test_the_commands_at_the_devices_are_there(name: str) -> None:
    """An operator at the gate would type a command or an option that does not exist."""
    typed = [line for block in blocks(name, "console") for line in block.splitlines() if "huanlian" in line]
    assert {"enrol", "status"} <= {line.split("huanlian devices ")[1].split()[0] for line in typed}
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


TAKEN = {"vehicles": VehicleWanted, "devices": NewDevice, "devices/veh-1/gateway": NewLine}


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
