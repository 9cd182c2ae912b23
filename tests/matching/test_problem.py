"""Are facts that cannot be true turned away with the field that is wrong?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from matching import BadProblem, Carrier, Limits, Point, Window, fleet
from matching.problem import Defect
from tests.matching.builders import AT, lot, market, taker, vehicle

HERE = Point(30.5, 114.3)


@pytest.mark.parametrize(
    ("make", "defect"),
    [
        (lambda: lot(kg=0), Defect.NOT_POSITIVE),
        (lambda: lot(kg=-5), Defect.NOT_POSITIVE),
        (lambda: lot(min_kg=-1), Defect.NEGATIVE),
        (lambda: lot(min_kg=10_001), Defect.ABOVE_LOT),
        (lambda: lot(price_expectation=Decimal("NaN")), Defect.NOT_FINITE),
        (lambda: lot(point=Point(114.3, 30.5)), Defect.COORDINATES),
        (lambda: lot(point=Point(float("nan"), 30.5)), Defect.COORDINATES),
        (lambda: taker(codes={"SW17": -1}), Defect.NEGATIVE),
        (lambda: taker(total_kg=-1), Defect.NEGATIVE),
        (lambda: taker(price=Decimal("Infinity")), Defect.NOT_FINITE),
        (lambda: taker(licence_slack=Decimal("1.1")), Defect.NOT_A_SHARE),
        (lambda: taker(credit=Decimal("NaN")), Defect.NOT_FINITE),
        (lambda: vehicle(capacity_kg=0), Defect.NOT_POSITIVE),
        (lambda: vehicle(freight=Decimal(-1)), Defect.NEGATIVE),
        (lambda: vehicle(fixed=Decimal("NaN")), Defect.NOT_FINITE),
        (lambda: Window(AT, AT), Defect.WINDOW_ORDER),
        (lambda: Window(AT.replace(tzinfo=None), AT), Defect.NAIVE_TIME),
        (lambda: market([lot(), lot()]), Defect.DUPLICATE_ID),
        (lambda: market(takers=[taker(), taker()]), Defect.DUPLICATE_ID),
        (lambda: market(vehicles=[vehicle(), vehicle()]), Defect.DUPLICATE_ID),
        (lambda: replace(market(), at=AT.replace(tzinfo=None)), Defect.NAIVE_TIME),
        (lambda: market().taker("nobody"), Defect.UNKNOWN_ID),
    ],
)
def test_an_impossible_fact_is_turned_away(make: Callable[[], object], defect: Defect) -> None:
    """Otherwise a slip in the data would become a wrong match instead of a clear message."""
    with pytest.raises(BadProblem) as caught:
        make()
    assert caught.value.defect is defect
    assert caught.value.field_name in str(caught.value)


def test_limits_without_any_effort_are_turned_away() -> None:
    """Otherwise a solver would be asked to answer without looking."""
    with pytest.raises(ValueError, match="work"):
        Limits(work=0)


def test_carriers_bring_their_vehicles() -> None:
    """Otherwise a carrier's lorries would not be in the market."""
    assert fleet([Carrier("C1", (vehicle("a"),)), Carrier("C2", (vehicle("b"),))]) == (
        vehicle("a"),
        vehicle("b"),
    )


def test_importing_the_package_loads_no_solver() -> None:
    """Otherwise every command and page would wait for solvers it does not use."""
    code = "import sys, matching; print({'ortools', 'sklearn', 'pyproj', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
