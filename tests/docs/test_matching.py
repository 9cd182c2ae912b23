"""Do the programs and commands of the matching engine's document run as they stand?"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "how-to" / "matching.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def blocks(text: str, language: str) -> list[str]:
    """List the blocks of code in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("section", [name for name, text in SECTIONS.items() if blocks(text, "python")])
def test_the_programs_of_each_section_run_one_after_the_other(section: str) -> None:
    """Somebody who copies a program to learn the library would begin with a stack trace."""
    code = "\n".join(blocks(SECTIONS[section], "python"))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip()


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Lay a folder out as the document supposes: the instances, and a market of two lots."""
    (tmp_path / "benchmarks").symlink_to(ROOT / "benchmarks")
    np.savez(
        tmp_path / "market.npz",
        i=np.array([0, 0, 1]),
        j=np.array([0, 1, 0]),
        r=np.array([0, 1, 0]),
        d=np.array([30.0, 80.0, 12.0]),
        w=np.array([140.0, 90.0, 120.0]),
        q=np.array([20.0, 12.0]),
        whole=np.array([True, False]),
        min_batch=np.array([20.0, 3.0]),
        r_proc=np.array([0, 1]),
        r_code=np.array([7, 7]),
        cap=np.array([25.0, 30.0]),
        total=np.array([25.0, 30.0]),
    )
    return tmp_path


@pytest.mark.parametrize("command", [line for block in blocks(TEXT, "sh") for line in block.splitlines()])
def test_every_command_of_the_document_runs(desk: Path, command: str) -> None:
    """Somebody who copies a command would be told that there is none of that name."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    words = ["sh", "-c", command]
    done = subprocess.run(words, cwd=desk, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
