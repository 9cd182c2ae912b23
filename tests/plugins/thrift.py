"""How do a few workers on as few cores get through some thousand tests without wasting what they have?"""

from __future__ import annotations

import gc
import os
import tempfile

import pytest

from tests.support.postgres import memory

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
"""A thread that waits for another sleeps: the other worker wants its core. OpenMP reads this when loaded."""

if "TMPDIR" not in os.environ and (place := memory()):
    os.environ["TMPDIR"] = tempfile.tempdir = str(place)
    """Nobody needs a test's files after a power cut: a commit on disk takes a hundred times as long."""


def pytest_configure() -> None:
    """Look for no cycles while modules and tests come in: there are none to be had."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Look again from here on, and only at what the tests make: what is there now stays to the end."""
    gc.collect()
    gc.freeze()
    gc.enable()
