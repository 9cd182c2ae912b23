"""Is a history that no honest market can have refused, by field and row?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from matching.learning.acceptance import Offers
from matching.learning.anomalies import Driven, Weighed
from matching.learning.card import in_time
from matching.learning.history import BadHistory, Deals, Unfit, family
from matching.learning.times import Times


def deals(**changed: object) -> Deals:
    """Return three sound deals with some columns changed."""
    sound: dict[str, object] = {
        "code": np.array(["900-214-08"] * 3),
        "region": np.array(["420100"] * 3),
        "day": np.array([1, 2, 2]),
        "kg": np.array([1_000.0, 20_000.0, 5_000.0]),
        "price": np.array([-300.0, 0.0, 12.5]),
        "composition": {"moisture_percent": np.array([np.nan, 20.0, 100.0])},
    }
    return Deals(**{**sound, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "unfit", "row"),
    [
        ({"price": np.array([1.0, np.nan, 2.0])}, Unfit.NOT_FINITE, 1),
        ({"price": np.array([1.0, 2.0, -np.inf])}, Unfit.NOT_FINITE, 2),
        ({"kg": np.array([0.0, 1.0, 1.0])}, Unfit.NOT_POSITIVE, 0),
        ({"kg": np.array([1.0, -5.0, 1.0])}, Unfit.NOT_POSITIVE, 1),
        ({"kg": np.array([1.0, 1.0, np.nan])}, Unfit.NOT_FINITE, 2),
        ({"kg": np.array([1.0, 1.0])}, Unfit.LENGTH, None),
        ({"day": np.array([1, 3, 2])}, Unfit.ORDER, 2),
        ({"code": np.array(["a", "", "b"])}, Unfit.EMPTY, 1),
        ({"region": np.array(["", "a", "b"])}, Unfit.EMPTY, 0),
        ({"composition": {"moisture_percent": np.array([1.0, -1.0, 2.0])}}, Unfit.NEGATIVE, 1),
        ({"composition": {"moisture_percent": np.array([1.0, 2.0, 101.0])}}, Unfit.TOO_LARGE, 2),
        ({"composition": {"moisture_percent": np.array([np.inf, 2.0, 3.0])}}, Unfit.NOT_FINITE, 0),
        ({"composition": {"gold_percent": np.array([1.0, 2.0, 3.0])}}, Unfit.UNKNOWN_CONSTITUENT, None),
    ],
)
def test_a_deal_that_cannot_be_is_refused(changed: dict[str, object], unfit: Unfit, row: int | None) -> None:
    """A typing error in one deal would quietly bend every band that a producer is shown."""
    with pytest.raises(BadHistory) as refused:
        deals(**changed)
    assert (refused.value.unfit, refused.value.row) == (unfit, row)
    assert str(unfit) in str(refused.value)


def test_not_measured_is_no_error() -> None:
    """Most producers measure nothing: their deals would be lost to everybody's bands."""
    assert len(deals()) == 3


@pytest.mark.parametrize("broken", [np.nan, -1.0])
@pytest.mark.parametrize(
    "make",
    [
        lambda x: Times(*names(2), days(2), days(2), ones(2), ones(2), np.array([1.0, x])),
        lambda x: Weighed(*names(2), days(2), *[ones(2)] * 3, np.array([1.0, x])),
        lambda x: Driven(*names(2), days(2), ones(2), ones(2), np.array([1.0, x])),
        lambda x: Offers(
            days(2), *names(1), days(2), days(2), ones(2), ones(2), np.array([1.0, x]), ones(2), ones(2) > 0
        ),
    ],
)
def test_other_rows_that_cannot_be_are_refused_too(make: Callable[[float], object], broken: float) -> None:
    """A clock or a scale that went wrong would teach the models its error."""
    with pytest.raises(BadHistory) as refused:
        make(broken)
    assert refused.value.row == 1


def names(columns: int) -> list[np.ndarray[tuple[int], np.dtype[np.str_]]]:
    """Return columns of two names."""
    return [np.array(["a", "b"])] * columns


def days(n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return n equal days, lots or ranks."""
    return np.ones(n, dtype=np.int64)


def ones(n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return n ones."""
    return np.ones(n)


def test_time_is_never_torn_nor_turned() -> None:
    """A model judged on days that it had learned from would look better to us than it is to a producer."""
    day = np.repeat(np.arange(100), 7)
    parts = in_time(day, 500)
    assert day[parts.learn].max() < day[parts.calibrate].min()
    assert day[parts.calibrate].max() < day[parts.test].min()
    assert sum(map(len, (parts.learn, parts.calibrate, parts.test))) == len(day)


@pytest.mark.parametrize("day", [np.arange(499), np.zeros(900, dtype=np.int64)])
def test_too_little_time_makes_no_model(day: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    """A market of one busy day would be told its own prices back as if they had been foreseen."""
    with pytest.raises(BadHistory) as refused:
        in_time(day, 500)
    assert refused.value.unfit is Unfit.TOO_FEW


def test_codes_fall_into_the_families_of_the_catalogues() -> None:
    """A rare code would be given the band of quite another waste."""
    assert family("900-214-08") == "08"
    assert family("900-005-S17") == "S17"
