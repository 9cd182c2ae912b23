"""Is the compiled search kept where it can be, and never used after its sources have changed?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SHOW = "from matching.routing.search import jit; print(jit.FOLDER)"


def folder(**environment: str) -> str:
    """Ask a new process where it keeps what it compiles."""
    run = subprocess.run(
        [sys.executable, "-c", SHOW],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    return run.stdout.strip()


def test_compiled_functions_go_where_they_are_asked_to(tmp_path: Path) -> None:
    """A server whose code is not writable would compile at every start."""
    assert Path(folder(NUMBA_CACHE_DIR=str(tmp_path))).parent == tmp_path


def test_a_folder_that_cannot_be_written_is_passed_over() -> None:
    """A server with a read-only folder would not start at all."""
    found = folder(NUMBA_CACHE_DIR="/proc/nowhere")
    assert found == "None" or Path(found).is_dir()
    assert not found.startswith("/proc")


def test_the_folder_is_named_after_the_sources(tmp_path: Path) -> None:
    """After an update the old compiled search would go on giving the old answers."""
    name = Path(folder(NUMBA_CACHE_DIR=str(tmp_path))).name
    assert name.startswith("kernel-")
    assert name == Path(folder(NUMBA_CACHE_DIR=str(tmp_path))).name
