"""Do the programs of the how-to on road distances run as they stand?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.roads.choice import addresses
from marketplace.settings import read_settings
from matching.distances import Trouble

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "how-to" / "distances.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_each_program_runs(number: int) -> None:
    """A reader would copy a program that fails."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAMS[number]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_each_setting_is_read() -> None:
    """An operator would copy a setting that is refused."""
    lines = re.findall(r"`ROADS=(\w+) ROADS_URL=(\S+)`", TEXT)
    assert {name for name, _ in lines} == {"osrm", "valhalla", "file"}
    for name, url in lines:
        assert read_settings({"ROADS": name, "ROADS_URL": url}).roads_url == url
        assert addresses(url) if name != "file" else True


def test_each_trouble_is_told() -> None:
    """An operator would find a word in the log that no document explains."""
    assert set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) == {one.value for one in Trouble}
