"""Can an agent's password be changed at the gate, and is it left with what it has when that fails?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from devices.agent.enrolment import EnrolmentRefused, renew_password
from devices.agent.https import ServerPlace, write_server
from devices.agent.identity import read_identity, write_identity
from devices.codecs.enrolment_json import EnrolmentAnswer
from tests.devices.agent.bench import served

OLD, ASKED, SHOWN = "hd_old", "hd_asked", "hd_shown-on-the-page"
WHO = EnrolmentAnswer("scale-1", "t1", "scale", 1, "mqtts://broker:8883", OLD, 5)


class Desk(BaseHTTPRequestHandler):
    """A server that knows three passwords, and gives one of them to whoever has the old one."""

    def do_POST(self) -> None:
        self.answer(self.path == "/api/v1/device/password" and self.bearer == OLD, {"password": ASKED})

    def do_GET(self) -> None:
        self.answer(self.path == "/api/v1/device" and self.bearer in {ASKED, SHOWN}, {})

    @property
    def bearer(self) -> str:
        return self.headers["Authorization"].removeprefix("Bearer ")

    def answer(self, good: bool, told: dict[str, str]) -> None:
        self.send_response(200 if good else 401)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An enrolled agent's folder, and its server."""
    with served(Desk) as url:
        write_identity(tmp_path, WHO)
        write_server(tmp_path, ServerPlace(url))
        yield tmp_path


def test_a_password_is_renewed_by_the_one_before_or_by_the_page(folder: Path) -> None:
    """Whoever rotated a password on the page had to write the agent's secret file by hand."""
    assert renew_password(folder).password == ASKED
    assert renew_password(folder, SHOWN).device == "scale-1"
    assert read_identity(folder).password == SHOWN


def test_an_agent_keeps_its_password_when_the_new_one_is_none(folder: Path, tmp_path: Path) -> None:
    """A slip of the pen at the gate would take the scale off the line."""
    with pytest.raises(EnrolmentRefused, match="401"):
        renew_password(folder, "hd_mistyped")
    assert read_identity(folder).password == OLD
    (folder / "server.json").unlink()
    with pytest.raises(EnrolmentRefused, match="enrol again"):
        renew_password(folder)
