"""Can a plan be looked at: every stop on the map, every hour on the clock, nothing fetched from outside?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from matching.distances import Point
from matching.routing.draw import draw, page
from matching.routing.evaluate import evaluate
from matching.routing.model import Cleaning, HoursRule, Place, Segregation
from matching.routing.scene import Doing, Scene, scene, ticks
from tests.matching.routing.small import LENGTH, day, load, lorry, span


def drawn() -> Scene:
    """Draw a day with a wait, a break and a cleaning."""
    loads = [
        load("A<b>", 1, 3, waste="acid", ready=span(200, 900), service_s=50.0),
        load("B", 4, 2, waste="oil"),
    ]
    rules = Segregation(not_after=frozenset({("acid", "oil")}), cleanings=(Cleaning(5, 200.0),))
    places = tuple(Place(f"p{n}", Point(30.0 + n / 10, 114.0)) for n in range(LENGTH))
    problem = day(
        loads, [lorry(), lorry("idle")], segregation=rules, hours=HoursRule(250.0, 60.0), places=places
    )
    plan = evaluate(problem, ((0, 1, 2, 3), ()))
    return scene(problem, plan, "a day", start=datetime(2026, 11, 20, 8, tzinfo=UTC))


def test_everything_that_happens_is_drawn() -> None:
    """A dispatcher would look for a lot that is on the plan and not on the picture."""
    found = drawn()
    assert [dot.act.value for dot in found.dots] == ["pickup", "delivery", "cleaning", "pickup", "delivery"]
    assert {bar.doing for bar in found.bars} == set(Doing)
    assert found.rows == ("V · 4 stops",)
    bars = sorted(found.bars, key=lambda bar: bar.start)
    assert all(one.end == pytest.approx(two.start) for one, two in pairwise(bars))
    assert len(found.lines[0].points) == len(found.dots) + 2


def test_the_page_stands_alone_and_escapes_names() -> None:
    """A lot's name could carry a script into somebody's browser, or the picture need a network."""
    text = page(drawn())
    assert "A&lt;b&gt;" in text
    assert "<b>" not in text
    assert re.search(r"(https?:|src=|@import|<script)", text) is None
    assert text.count("<circle") == 4
    assert text.count("<polygon") == 1
    assert ">08:00<" in text


def test_a_picture_and_a_page_are_written(tmp_path: Path) -> None:
    """`--plot` would leave an empty file."""
    for name in ("day.png", "day.html"):
        draw(drawn(), tmp_path / name)
        assert (tmp_path / name).stat().st_size > 2000
    assert (tmp_path / "day.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"ends in \.png or \.html"):
        draw(drawn(), tmp_path / "day.pdf")


def test_a_place_without_a_point_is_left_off_the_map() -> None:
    """One missing coordinate would spoil the whole picture."""
    problem = day([load("A", 1, 3)])
    mapless = scene(problem, evaluate(problem, ((0, 1),)), "no map")
    assert (mapless.dots, len(mapless.bars)) == ((), 3)
    assert "nan" not in page(mapless)


def test_an_empty_plan_is_an_empty_picture(tmp_path: Path) -> None:
    """A Sunday could not be drawn."""
    problem = day([])
    nothing = scene(problem, evaluate(problem, ()), "Sunday", [(0.0, float(n)) for n in range(LENGTH)])
    for name in ("none.png", "none.html"):
        draw(nothing, tmp_path / name)


@pytest.mark.parametrize(
    ("first", "last"), [(0.0, 1.0), (0.0, 230.0), (-500.0, 9000.0), (0.0, 86400.0), (5.0, 5.0)]
)
def test_an_axis_has_a_few_round_marks(first: float, last: float) -> None:
    """The clock under a plan would be black with figures, or bare."""
    marks = ticks(first, last)
    assert len(marks) <= 10
    assert all(first <= mark <= last for mark in marks)


def test_without_a_start_the_clock_shows_plain_figures() -> None:
    """A benchmark's time units would be shown as hours of a day."""
    assert replace(drawn(), start=None).clock(1234.0) == "1,234"
