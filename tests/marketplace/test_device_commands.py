"""Do `huanlian devices decode` and `encode` work in a pipe, whatever comes?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from marketplace.cli import main

HEARTBEAT = "7e000200000123456789017fff0a7e"


def devices(*words: str, stdin: str | bytes = "") -> Result:
    """Run one command."""
    return CliRunner().invoke(main, ["devices", *words], input=stdin)


def test_lines_in_objects_out() -> None:
    """An operator who pastes a frame from a log must see what it says."""
    done = devices("decode", "--protocol", "jt808", stdin=f"{HEARTBEAT}\nnonsense\n")
    sound, refused = map(json.loads, done.stdout.splitlines())
    assert done.exit_code == 0
    assert (sound["msg_id"], sound["serial"], sound["phone_bcd"]) == ("0x0002", 32767, "012345678901")
    assert set(refused) == {"error", "detail"}


def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path: Path) -> None:
    """`decode … | head -1` would end a script that stops at the first failure."""
    log = tmp_path / "log.hex"
    log.write_text(f"{HEARTBEAT}\n" * 5_000)
    words = [sys.executable, "-m", "marketplace", "devices", "decode", "--protocol", "jt808", str(log)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert json.loads(running.stdout.readline())["msg_id"] == "0x0002"
        running.stdout.close()
        assert (running.wait(60), running.stderr.read()) == (0, b"")


def test_a_stream_is_read_as_bytes() -> None:
    """A capture of the line is no text."""
    done = devices("decode", "--protocol", "jt808", "--stream", stdin=bytes.fromhex(HEARTBEAT) * 3)
    assert [json.loads(line)["msg_id"] for line in done.stdout.splitlines()] == ["0x0002"] * 3


def test_objects_in_frames_out() -> None:
    """A text for a driver's screen is written once and read back as it was meant."""
    order = {"msg_id": "0x8300", "phone": "013800000001", "serial": 7, "text_flag": 1, "text": "前方施工"}
    frame = devices("encode", "--protocol", "jt808", stdin=json.dumps(order)).stdout
    again = json.loads(devices("decode", "--protocol", "jt808", stdin=frame).stdout)
    assert {key: again[key] for key in order} == order


@pytest.mark.parametrize("words", [("--set", "x"), ("--set", "zone=9"), ("--set", "model=none")])
def test_a_wrong_setting_is_said_in_one_line(words: tuple[str, ...]) -> None:
    """A stack trace tells an installer nothing."""
    done = devices("decode", "--protocol", "jt808", *words)
    assert done.exit_code == 2
    assert "Invalid value for --set" in done.output
