"""Do the tools around the product find what is there, and say what to do where it is not?"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import assets, basemap, doctor, environment, parts, system
from tools.parts import PARTS, Part

ROOT = Path(__file__).resolve().parents[2]
TOPOLOGY: dict[str, object] = {
    "transform": {"scale": [1, 1], "translate": [100, 30]},
    "arcs": [[[0, 0], [0, 1], [1, 0]], [[1, 1], [0, -1], [-1, 0]], [[0, 0], [0, 1]], [[0, 0], [1, 0]]],
}


def absent(part: Part) -> Part:
    """Return a part as a machine without it sees it."""
    return dataclasses.replace(part, find=lambda: None)


def test_topojson_arcs_are_undone() -> None:
    """The base map would be a scribble: every arc is stored as steps on a grid."""
    arcs = basemap.decode_arcs(TOPOLOGY)
    assert arcs[0] == [(100, 30), (100, 31), (101, 31)]


def test_a_border_is_an_arc_that_two_states_share() -> None:
    """Coasts would be drawn as borders, or a border inside what the map shows as one."""
    countries: list[dict[str, object]] = [
        {"id": "156", "arcs": [[0, 1]]},
        {"id": "344", "arcs": [[~1, 2]]},
        {"id": "496", "arcs": [[[~0, 3]]]},
    ]
    assert basemap.shared_arcs(countries) == {0}


def test_make_alone_lists_its_targets() -> None:
    """A newcomer who types `make` would not learn what there is to type."""
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("env", "run", "test", "doctor", "system", "bench", "clean"):
        assert f"\n  {target} " in said


def test_without_python_make_says_what_to_install() -> None:
    """A machine with an old Python would show a syntax error instead of the way out."""
    command = ["make", "doctor", "PYTHON="]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "No Python 3.11 or newer was found" in done.stderr


def test_a_python_is_found() -> None:
    """The environment would be built with whatever `python3` is, however old."""
    script = ROOT / "tools" / "find-python.sh"
    found = subprocess.run(["sh", script], capture_output=True, text=True, check=True).stdout.strip()
    question = "import sys; sys.exit(sys.version_info < (3, 11))"
    assert subprocess.run([found, "-c", question], check=False).returncode == 0


def test_the_doctor_names_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever lacks a part would have to search for the package's name."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(doctor, "PARTS", tuple(map(absent, PARTS)))
    assert doctor.main() == 0
    said = capsys.readouterr().out
    assert "apt-get install -y mosquitto" in said
    assert "apt-get install -y postgresql postgresql-postgis" in said


def test_on_a_mac_brew_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Mac's user would be told to run apt."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert parts.install_command(PARTS[0]) == "brew install mosquitto"


def test_system_installs_nothing_unasked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that was only looked at would change the machine."""

    def never(*_: object, **__: object) -> subprocess.CompletedProcess[bytes]:
        pytest.fail("something was run")

    monkeypatch.delenv("YES", raising=False)
    monkeypatch.setattr(system, "PARTS", (absent(PARTS[0]),))
    monkeypatch.setattr(system, "plan", lambda missing: [["apt-get", "install", missing[0].apt[0]]])
    monkeypatch.setattr(system, "agreed", lambda: False)
    monkeypatch.setattr(subprocess, "run", never)
    assert system.main() == 1
    assert "Nothing was installed" in capsys.readouterr().out


def test_an_old_npm_gives_way_to_node_from_pypi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An npm that cannot read the lock file would install other versions than those pinned."""
    for name, text in {"npm": "#!/bin/sh\necho 6.14.4\n", "node": "#!/bin/sh\n"}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert assets.find_npm() is None
    (tmp_path / "npm").write_text("#!/bin/sh\necho 10.9.0\n")
    assert assets.find_npm() == [str(tmp_path / "npm")]


@pytest.mark.parametrize(
    ("log", "way_out"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES: hash", "wrong mirror"),
        ("ERROR: No matching distribution found for numpy", "another Python"),
        ("NewConnectionError: Failed to establish a new connection", "check the network"),
        ("OSError: No space left on device", "disk is full"),
    ],
)
def test_a_failed_installation_says_the_way_out(log: str, way_out: str) -> None:
    """A newcomer would be left with pip's traceback."""
    assert way_out in environment.explain(log)
