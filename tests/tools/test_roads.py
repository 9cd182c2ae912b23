"""Do real road servers come onto a machine that lacks them, and only as pinned?"""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import parts, roads, system
from tools.parts import PARTS, Part

ROADS = next(part for part in PARTS if part.marker == "road_servers")


def test_servers_that_do_not_start_count_as_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the tests would fail on a machine whose system is too old for the programs."""
    monkeypatch.setattr(roads, "FOLDER", tmp_path)
    assert roads.find_road_servers() is None
    for program in roads.PROGRAMS:
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / program).write_text("#!/bin/sh\nexit 0\n")
        (tmp_path / program).chmod(0o755)
    assert roads.find_road_servers() == str(tmp_path)
    (tmp_path / roads.PROGRAMS[-1]).write_text("#!/bin/sh\nexit 1\n")
    assert roads.find_road_servers() is None


def test_only_pinned_files_are_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Otherwise a changed program would be run unseen."""
    run: list[list[str]] = []

    def remember(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        run.append(list(map(str, command)))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", remember)
    monkeypatch.setattr(roads, "find_road_servers", lambda: None)
    assert roads.main() == 1
    assert "glibc" in capsys.readouterr().err
    assert "--require-hashes" in run[-1]
    assert run[-1][-1] == str(roads.REQUIREMENTS)
    pinned = roads.REQUIREMENTS.read_text(encoding="utf-8")
    assert pinned.count("==") == 2
    assert pinned.count("--hash=sha256:") == 2 * len(roads.PLATFORMS)
    assert parts.install_command(ROADS).endswith("-m tools.roads")


def test_a_part_with_a_command_of_its_own_follows_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise one missing part would keep the others from being installed."""
    monkeypatch.setattr(shutil, "which", lambda name, **_: f"/usr/bin/{name}" if name == "apt-get" else None)
    broker: Part = dataclasses.replace(PARTS[0], find=lambda: None)
    update, install, own = system.plan([ROADS, broker]) or []
    assert update[-2:] == ["update", "-q"]
    assert install[-1] == "mosquitto"
    assert own == roads.install_command()
    monkeypatch.setattr(shutil, "which", lambda name, **_: None)
    assert system.plan([ROADS]) == [own]
    assert system.plan([broker]) is None
