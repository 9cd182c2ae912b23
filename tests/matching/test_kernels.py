"""Are compiled kernels kept where they can be, found again, and never used after their sources changed?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from matching import kernels

SOLVE = """
import json
from matching.prepare import TASKS
for task in TASKS.values():
    task()
from numba.core.dispatcher import Dispatcher
from matching.clearing import exchange, labels, mend, search
from matching.routing.search import acts
modules = exchange, labels, mend, search, acts
found = {one for module in modules for one in vars(module).values() if isinstance(one, Dispatcher)}
print(json.dumps([len(found), sum(sum(one.stats.cache_misses.values()) for one in found)]))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Make a package with one kernel, what it imports, and a module that has nothing to do with it."""
    folder = tmp_path / "search"
    folder.mkdir()
    (folder / "hot.py").write_text("from matching.kernels import entry\nfrom a.search.numbers import N\n")
    (folder / "numbers.py").write_text("N = 1\n")
    (folder / "apart.py").write_text("M = 1\n")
    return folder


@pytest.fixture(autouse=True)
def _nothing_known() -> None:
    kernels.cache_folder.cache_clear()


def test_kernels_go_where_they_are_asked_to(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server whose code is not writable would compile at every start."""
    monkeypatch.setattr(kernels.config, "CACHE_DIR", str(tmp_path / "asked"))
    found = kernels.cache_folder(package)
    assert found is not None
    assert found.parent == tmp_path / "asked"


def test_the_folder_changes_with_what_a_kernel_is_made_of_and_with_nothing_else(package: Path) -> None:
    """After an update the old kernel would go on answering, or every update would compile all anew."""
    first = kernels.cache_folder(package)
    (package / "apart.py").write_text("M = 2\n")
    kernels.cache_folder.cache_clear()
    assert kernels.cache_folder(package) == first
    (package / "numbers.py").write_text("N = 2\n")
    kernels.cache_folder.cache_clear()
    assert kernels.cache_folder(package) != first


def test_where_nothing_can_be_written_kernels_live_as_long_as_the_process(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hardened service, which may write nowhere, would not start at all."""
    (package / "__pycache__").write_text("no folder")
    monkeypatch.setattr(kernels.config, "CACHE_DIR", "/proc/nowhere")
    monkeypatch.setattr(Path, "home", lambda: Path("/proc/nowhere"))
    found = kernels.cache_folder(package)
    assert found is not None
    assert found.parent.name.startswith("huanlian-")


def test_a_folder_takes_over_the_kernels_of_one_that_cannot_be_written(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user of one installation would compile what is already there."""
    ahead = kernels.cache_folder(package)
    assert ahead is not None
    (ahead / "hot.nbi").write_text("compiled")
    monkeypatch.setattr(kernels.config, "CACHE_DIR", str(tmp_path / "mine"))
    kernels.cache_folder.cache_clear()
    found = kernels.cache_folder(package)
    assert found is not None
    assert found.parent == tmp_path / "mine"
    assert (found / "hot.nbi").read_text() == "compiled"


def test_solves_find_everything_compiled_that_was_compiled_once() -> None:
    """The first solve after `make env` would compile after all."""
    asked = [sys.executable, "-c", SOLVE]
    run = [subprocess.run(asked, check=True, capture_output=True, text=True) for _ in range(2)]
    kernels_seen, compiled_anew = json.loads(run[1].stdout)
    assert kernels_seen >= 5
    assert compiled_anew == 0
