"""How are boosted trees grown so that they give the same answer everywhere and stay monotone where they must?

Both kinds are scikit-learn's `HistGradientBoostingRegressor`. `Centre` has squared error on winsorised
targets, which keeps monotone constraints exactly; the quantile loss of `Quantiles` does not, because the
leaves' values are set anew after a tree has grown, so that it serves where no direction is promised. Offsets
around one centre cannot cross; told quantiles are sorted (Chernozhukov et al. 2010).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from matching.learning.conformal import Offsets
from matching.learning.history import Floats, Integers

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor

WINSOR = 3.0
"""Targets come in units of their own spread; what lies further out is a typing error or a rarity."""


class Centre:
    """A monotone centre with conformal quantiles; the first `categorical` columns hold small integers."""

    def __init__(
        self,
        learn: tuple[Floats, Floats],
        calibrate: tuple[Floats, Floats, Integers],
        levels: Sequence[float],
        monotone: Sequence[int],
        categorical: int,
        seed: int,
    ) -> None:
        """Fit to (features, targets), set the quantiles from later (features, targets, groups)."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        features, target = learn
        self._told = telling(features)
        self._levels = len(levels)
        trees = HistGradientBoostingRegressor(
            max_iter=150,
            learning_rate=0.06,
            max_leaf_nodes=12,
            min_samples_leaf=15,
            l2_regularization=1.0,
            categorical_features=categories(self._told, categorical),
            monotonic_cst=[monotone[one] for one in self._told],
            early_stopping=False,
            random_state=seed,
        )
        self._trees = grown(trees, features[:, self._told], np.clip(target, -WINSOR, WINSOR))
        later, actual, group = calibrate
        missed = actual[:, None] - self._centre(later)
        self._offsets = Offsets(missed, levels, group)

    def quantiles(self, features: Floats, group: Integers) -> Floats:
        """Return the quantiles of each row, a column a level, never crossing."""
        return self._centre(features) + self._offsets.at(group)

    def _centre(self, features: Floats) -> Floats:
        told = predicted(self._trees, features[:, self._told])
        return np.repeat(told[:, None], self._levels, axis=1)


class Quantiles:
    """Quantile regression, conformalised; the first `categorical` columns hold small integers."""

    def __init__(
        self,
        learn: tuple[Floats, Floats],
        calibrate: tuple[Floats, Floats, Integers],
        levels: Sequence[float],
        categorical: int,
        seed: int,
        trees: int = 60,
        leaves: int = 6,
        least: int = 40,
    ) -> None:
        """Fit to (features, targets), set them right by later (features, targets, groups).

        `trees` a level, each with so many `leaves` of at `least` so many rows.
        """
        from sklearn.ensemble import HistGradientBoostingRegressor

        features, target = learn
        self._told = telling(features)
        self._trees = [
            grown(
                HistGradientBoostingRegressor(
                    loss="quantile",
                    quantile=level,
                    max_iter=trees,
                    learning_rate=0.06,
                    max_leaf_nodes=leaves,
                    min_samples_leaf=least,
                    categorical_features=categories(self._told, categorical),
                    early_stopping=False,
                    random_state=seed,
                ),
                features[:, self._told],
                target,
            )
            for level in levels
        ]
        later, actual, group = calibrate
        self._offsets = Offsets(actual[:, None] - self._plain(later), levels, group)

    def quantiles(self, features: Floats, group: Integers) -> Floats:
        """Return the quantiles of each row, a column a level, never crossing."""
        told: Floats = np.sort(self._plain(features) + self._offsets.at(group), axis=1)
        return told

    def _plain(self, features: Floats) -> Floats:
        return np.column_stack([predicted(one, features[:, self._told]) for one in self._trees])


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep scikit-learn to one thread: sums agree on every machine, and fits this small are quicker so."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        yield


def grown(
    trees: HistGradientBoostingRegressor, features: Floats, target: Floats
) -> HistGradientBoostingRegressor:
    """Return trees that are fitted."""
    with one_thread():
        return trees.fit(features, target)


def predicted(trees: HistGradientBoostingRegressor, features: Floats) -> Floats:
    """Return what trees say of rows."""
    with one_thread():
        told: Floats = trees.predict(features)
    return told


def telling(features: Floats) -> Integers:
    """Return the columns that take two values or more: others were never measured, or never change."""
    spans = [column[np.isfinite(column)] for column in features.T]
    return np.array([place for place, one in enumerate(spans) if len(one) and one.min() < one.max()])


def categories(told: Integers, categorical: int) -> list[int]:
    """Return which of the columns that are kept hold categories."""
    return [place for place, one in enumerate(told) if one < categorical]
