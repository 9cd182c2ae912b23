"""Must Python search for garbage in what it has only just imported and collected? No: not while it does so,
and never again in what then stays to the end."""

from __future__ import annotations

import gc

import pytest


def pytest_configure() -> None:
    """Look for no cycles while some thousand modules and tests come in: there are none to be had."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Look again from here on, at what the tests make."""
    gc.collect()
    gc.freeze()
    gc.enable()
