"""Does `huanlian devices commission` lead an installer from bytes to a file, and back after an error?"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from devices.codecs.scales import PROTOCOLS, yaohua
from devices.weighbridge.commissioning import Refusal
from devices.weighbridge.scale_file import read_scale_file, scale_line
from marketplace.cli import main
from marketplace.commission_words import WHY


def commission(*words: object, stdin: str | bytes = "") -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["devices", "commission", *map(str, words)], input=stdin)


@pytest.fixture
def loads(tmp_path: Path) -> Path:
    """Return what a line with one decimal, which it does not state, sends of three loads."""
    path = tmp_path / "loads.bin"
    shown = (0, 456_800, 0, 123_460)
    path.write_bytes(b"".join(yaohua.encode_continuous(digits) * 5 for digits in shown))
    return path


def test_two_loads_give_a_site_file_that_the_agent_reads(loads: Path, tmp_path: Path) -> None:
    """The settings must reach the agent as they were learned."""
    written = tmp_path / "scale.toml"
    words = ("--shows", "45680.0", "--shows", "12346.0", "--unit", "kg", "--division", 50)
    done = commission(loads, *words, "--write", written, "--url", "socket://192.0.2.7:4001")
    assert done.exit_code == 0, done.output
    assert "yaohua_xk3190_continuous" in done.output
    line = scale_line(read_scale_file(written))
    assert (line.protocol, line.settings.decimals, line.settings.unit) == (
        "yaohua_xk3190_continuous",
        1,
        "kg",
    )
    assert (line.url, line.rule.division_kg) == ("socket://192.0.2.7:4001", 50)
    again = commission(loads, *words, "--write", written)
    assert (again.exit_code, "--force" in again.output) == (2, True)
    assert commission(loads, *words, "--write", written, "--force").exit_code == 0


def test_the_bytes_may_come_from_standard_input(loads: Path) -> None:
    """A capture on another machine is piped in."""
    words = ("-", "--shows", "45680 kg", "--shows", "12346 kg", "--json")
    done = commission(*words, stdin=loads.read_bytes())
    assert json.loads(done.stdout)["reading"] == {
        "protocol": "yaohua_xk3190_continuous",
        "check": "xor",
        "decimals": 1,
        "sign": 1,
        "unit": "kg",
    }


def test_one_capture_for_each_load(tmp_path: Path) -> None:
    """An installer may have one file a load, and must not mix them up."""
    for name, digits in (("a", 100), ("b", 200)):
        (tmp_path / name).write_bytes(yaohua.encode_continuous(digits) * 5)
    files = (tmp_path / "a", tmp_path / "b")
    assert commission(*files, "--shows", "100 kg", "--shows", "200 kg").exit_code == 0
    assert commission(*files, "--shows", "200 kg", "--shows", "100 kg").exit_code == 1
    assert commission(*files, "--shows", "200 kg").exit_code == 2


def test_several_readings_that_fit_are_listed_and_nothing_is_written(tmp_path: Path) -> None:
    """Settings that only may be right are wrong settings."""
    path, written = tmp_path / "loads.bin", tmp_path / "scale.json"
    path.write_bytes(b"".join(yaohua.encode_continuous(digits) * 5 for digits in (4500, 450, 45)))
    done = commission(path, "--shows", "450 kg", "--shows", "45 kg", "--write", written)
    assert done.exit_code == 1
    assert "decimals as sent" in done.output
    assert "decimals 1" in done.output
    assert not written.exists()
    zero = commission(path, "--shows", "0", "--shows", "0")
    assert zero.exit_code == 1


def test_an_installer_is_led_and_may_go_back(loads: Path, tmp_path: Path) -> None:
    """A mistyped number must cost one answer, not the whole morning."""
    written = tmp_path / "scale.json"
    answers = ["b", "a lot", "", "45680 kg", "99 kg", "b", "12346 kg", "n", "12346 kg", "y"]
    done = commission(loads, "--write", written, stdin="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    for word in (
        "nothing to take back",
        "'a lot' is no number",
        "Taken back: 99 kg",
        "12346.0 kg",
        "Written",
    ):
        assert word in done.output
    assert [one.shown for one in read_scale_file(written).observed] == ["45680 kg", "12346 kg"]
    assert "It names no port yet" in done.output


class Line:
    """A live line whose weight is another each time it is listened to."""

    name, live = "COM3", True

    def __init__(self, *weights: int) -> None:
        self._weights = iter(weights)

    def listen(self, seconds: float, request: bytes = b"") -> bytes:
        """Return what came while the next weight stood on the scale."""
        return yaohua.encode_continuous(next(self._weights)) * 5

    def close(self) -> None:
        """Let it go."""


def test_a_live_line_is_heard_anew_for_each_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The truck changes while the installer types; a number must meet the bytes of its own moment."""
    line = Line(0, 0, 100, 999, 200, 200)
    monkeypatch.setattr("devices.weighbridge.capture.open_source", lambda *_: line)
    path = tmp_path / "scale.toml"
    answers = ["", "100 kg", "300 kg", "b", "200 kg", "y"]
    done = commission("COM3", "--write", path, stdin="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert "The line now says 200 kg." in done.output
    written = read_scale_file(path)
    assert (written.url, [one.shown for one in written.observed]) == ("COM3", ["100 kg", "200 kg"])


def test_an_installer_may_give_up(loads: Path, tmp_path: Path) -> None:
    """Nothing must be half written."""
    written = tmp_path / "scale.toml"
    done = commission(loads, "--write", written, stdin="45680 kg\nq\n")
    assert (done.exit_code, written.exists()) == (1, False)


def test_a_serial_server_is_asked_and_heard(tmp_path: Path) -> None:
    """Serial servers are the rule, and an indicator in command mode says nothing unasked."""
    row, written = PROTOCOLS["yaohua_xk3190_command"], tmp_path / "scale.toml"
    answer = {"command": "B", "direction": "indicator->host"}

    def serve() -> None:
        line, _ = server.accept()
        with line:
            for weight in (45_680, 12_340):
                for _ in range(4):
                    if line.recv(6):
                        line.sendall(row.encode({**answer, "gross": weight}))
            while line.recv(100):
                pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        serving = Thread(target=serve)
        serving.start()
        source = f"127.0.0.1:{server.getsockname()[1]}"
        words = ("--protocol", row.name, "--ask", "A", "--seconds", 2, "--write", written)
        done = commission(source, *words, "--shows", "45680 kg", "--shows", "12340 kg")
        serving.join()
    assert done.exit_code == 0, done.output
    line = scale_line(read_scale_file(written))
    assert (line.url, line.ask, line.protocol) == (f"socket://{source}", "A", row.name)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("missing.bin", "--shows", "1"), "missing.bin: No such file"),
        (("LOADS", "--shows", "12,5"), "--shows: '12,5'"),
        (("LOADS", "--shows", "1", "--protocol", "yaohua"), "protocol: yaohua, not one of"),
        (("LOADS", "--shows", "1", "--ask", "A"), "--ask needs one --protocol"),
        (("LOADS", "--shows", "1", "--ask", "A", "--protocol", "st_gs_text"), "--ask needs one --protocol"),
        (("LOADS", "--json"), "--shows is needed"),
        (("-",), "--shows is needed"),
        (("LOADS", "--shows", "45680 kg", "--shows", "12346 kg", "--write", "x.ini"), "x.ini: ends in none"),
    ],
)
def test_a_wrong_word_is_said_in_one_line(loads: Path, words: tuple[str, ...], told: str) -> None:
    """A stack trace on a ladder helps nobody."""
    done = commission(*[str(loads) if word == "LOADS" else word for word in words])
    assert done.exit_code == 2
    assert told in done.output
    assert "Traceback" not in done.output


def test_every_refusal_has_a_way_out() -> None:
    """A code without a sentence leaves the installer alone with it."""
    assert set(WHY) == set(Refusal)
