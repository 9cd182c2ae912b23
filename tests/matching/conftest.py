"""What the tests of the matching package share."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Let OR-Tools be imported where warnings are errors.

    Its SWIG wrappers define classes without `__module__`, which Python 3.12 and later deprecate; nothing in
    this project can change that.
    """
    config.addinivalue_line(
        "filterwarnings", "ignore:builtin type .* has no __module__ attribute:DeprecationWarning"
    )
