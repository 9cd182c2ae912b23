"""Is there a lawful answer at whatever moment a clearing is stopped?"""

from __future__ import annotations

import pytest

from benchmarks.clearing.instances import generate
from matching.clearing import Limits, Model, Progress, clear_market
from matching.clearing import improve as improving


@pytest.mark.parametrize("model", ["whole", "batch"])
@pytest.mark.parametrize("many", [False, True])
def test_a_clearing_that_is_stopped_at_once_is_lawful_and_near(
    model: Model, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C or a short limit on a large market would be kept waiting, or give nothing."""
    if many:
        monkeypatch.setattr(improving, "MANY_LOTS", 100)
    asked: list[Progress] = []

    def stop(found: Progress) -> bool:
        asked.append(found)
        return len(asked) < 2

    found = clear_market(generate(600, 40, 1), model, Limits(seconds=600), stop)
    assert found.gap_percent < 8
