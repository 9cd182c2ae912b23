"""Do the documents that need a running instance still lead a reader to the end?"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from compliance.manifests.tables import Manifest
from compliance.record.database import open_database, reading
from marketplace.accounts.tables import Account
from marketplace.demo.private import private_instance
from marketplace.settings import Settings
from marketplace.settlements.tables import Settlement
from tests.docs.pages import blocks, with_curl
from tests.factories.rooms import application
from tests.factories.site import PASSWORD, Site
from tests.factories.trade import open_market
from tests.support.serving import served


def bash(script: str, tmp_path: Path, **told: str) -> str:
    """Run a script as a reader's shell does, and return what it prints."""
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{script}"],
        env=os.environ | {"PATH": with_curl(tmp_path / "bin")} | told,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.timeout(400)
def test_the_loop_closes_with_the_commands_of_the_document(tmp_path: Path) -> None:
    """A programmer who copies the commands one after the other would be left with a load half-way."""
    script = "\n".join(blocks("the-loop-with-curl.md", "bash"))
    with private_instance(speed=300) as instance:
        told = bash(script, tmp_path, BASE=instance.url)
        with reading(open_database(instance.database_url)) as session:
            begun = [state for state in session.scalars(select(Manifest.state)) if state != "draft"]
            assert begun == ["closed"]  # the world begins with drafts for the dispatcher to plan
            assert list(session.scalars(select(Settlement.state))) == ["paid"]
    assert '"holds":true' in told
    assert '"rule":"P5.mass"' in told


@pytest.mark.timeout(400)
def test_a_terminal_is_entered_told_and_cut_off_by_the_lines_of_the_document(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    """A carrier who copies the lines one after the other would be refused at the third."""
    site = Site(open_market(sqlite_engine))
    site.visitor("carrier")
    with reading(sqlite_engine) as session:
        login = session.scalars(select(Account.login)).one()
    sign_in = blocks("install-an-agent.md", "sh")[-1].replace("LOGIN", login).replace("PASSWORD", PASSWORD)
    vehicle, devices, line, text, revoke = blocks("connect-a-terminal.md", "sh")
    enrolled = tmp_path / "own"
    (tmp_path / "gateway.toml").write_text('folder = "own"\n', "utf-8")
    pick = "python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])'"
    agent = f"{shlex.quote(sys.executable)} -m marketplace devices"
    enrol = f'{agent} enrol "$CODE" --server "$SERVER" --folder {enrolled}'
    gateway, terminal = devices.split("\ncurl ")
    settings = Settings(demo=False, var=tmp_path / "var")
    app = application(settings, sqlite_engine, site.market.now, wall=lambda: site.market.at)
    with served(app) as address:
        sign_in = sign_in.replace("https://huanlian.example", address)
        told = bash(
            f"{sign_in}VEHICLE=$({vehicle.strip()} | {pick} id)\nCODE=$({gateway.strip()} | {pick} code)\n"
            f"curl {terminal}{enrol}\n{line}{text}{agent} password {tmp_path}/gateway.toml\n{revoke}",
            tmp_path,
        )
    assert '"config_version":1' in told
    assert '"kind":"text","args":{"text":"请回电调度"},"state":"' in told
    assert "gateway-1 has a new password" in told
    assert '"status":"revoked"' in told
