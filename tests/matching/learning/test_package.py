"""Does the package stay light until something is learned?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from matching.learning.card import brier, log_loss, pinball, reliability
from matching.learning.conformal import Offsets, conformal


def test_nothing_heavy_is_loaded_before_something_is_learned() -> None:
    """Every page and command would wait for scikit-learn, whether or not it asks a model anything."""
    code = (
        "import sys, matching; from matching.learning import prices, times, acceptance, anomalies;"
        "sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("level", "worst"), [(0.1, 0.1), (0.9, 0.9)])
def test_conformal_offsets_are_on_the_safe_side(level: float, worst: float) -> None:
    """Bands from few deals would hold less than they promise."""
    random = np.random.default_rng(0)
    shares = []
    for _ in range(400):
        seen, later = random.standard_t(3, 60), random.standard_t(3, 60)
        shares.append(float((later <= conformal(seen, level)).mean()))
    assert (np.mean(shares) <= worst + 0.01) if level < 0.5 else (np.mean(shares) >= worst - 0.01)


def test_a_large_group_has_offsets_of_its_own_and_a_small_one_those_of_all() -> None:
    """A handful of rare rows would set a band of its own, or a common kind share that of quite others."""
    group = np.repeat([0, 1, 2], [500, 100, 10])
    offsets = Offsets((10.0 * group)[:, None], (0.5,), group)
    assert offsets.at(np.array([0, 1, 2, 9])).ravel().tolist() == [0.0, 10.0, 0.0, 0.0]


def test_scores_are_those_of_the_books() -> None:
    """A card would praise a model by a wrong sum."""
    actual, told = np.array([1.0, 3.0]), np.array([[2.0], [2.0]])
    assert pinball(actual, told, (0.9,)) == pytest.approx((0.1 + 0.9) / 2)
    happened, chance = np.array([1.0, 0.0]), np.array([0.8, 0.4])
    assert brier(happened, chance) == pytest.approx((0.04 + 0.16) / 2)
    assert log_loss(happened, chance) == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    even = np.tile([0.0, 1.0], 500)
    assert reliability(even, np.full(1_000, 0.5)) == pytest.approx(0.0)
    assert reliability(even, np.full(1_000, 0.7)) == pytest.approx(0.2)


def test_the_example_of_the_document_runs() -> None:
    """A programmer who copies it would be left with an error and no band."""
    root = Path(__file__).resolve().parents[3]
    text = (root / "docs" / "how-to" / "learning.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Basis.QUARTER_OF_CODE" in done.stdout
