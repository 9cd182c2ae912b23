"""By how much must told quantiles be moved so that they hold what they promise?

Split conformal prediction (Lei et al. 2018; for quantile regression Romano et al. 2019): order statistics of
what was missed on later rows that the model has not seen, a set for each group that is large enough
(Mondrian).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from matching.learning.history import Floats, Integers

LEAST_OF_GROUP = 60


class Offsets:
    """What to add to told quantiles; smaller groups than `LEAST_OF_GROUP` take the pooled offsets."""

    def __init__(self, missed: Floats, levels: Sequence[float], group: Integers) -> None:
        """Learn from `missed` = actual - told, a column a level, and the group of each row."""
        self._pooled = _each(missed, levels)
        self._own = {
            int(one): _each(missed[group == one], levels)
            for one, size in zip(*np.unique(group, return_counts=True), strict=True)
            if size >= LEAST_OF_GROUP
        }

    def at(self, group: Integers) -> Floats:
        """Return the offsets of rows by their group, a column a level."""
        found = [self._own.get(int(one), self._pooled) for one in group]
        return np.array(found).reshape(len(group), len(self._pooled))


def conformal(missed: Floats, level: float) -> float:
    """Return the quantile of n misses for the next one, on the safe side: the (n + 1)th may be anywhere."""
    if level == 0.5:
        return float(np.median(missed))
    n = len(missed)
    rank = math.floor(level * (n + 1)) if level < 0.5 else math.ceil(level * (n + 1))
    return float(np.sort(missed)[min(max(rank, 1), n) - 1])


def _each(missed: Floats, levels: Sequence[float]) -> Floats:
    return np.array([conformal(column, level) for column, level in zip(missed.T, levels, strict=True)])
