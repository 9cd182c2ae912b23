"""Are benchmark files read exactly, and bad ones refused with file, line, field and why?"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from matching.routing.evaluate import evaluate
from matching.routing.instances import BadInstance, parse_instance, read_instance
from matching.routing.model import Goal

GOOD = """3 10 1
0 0 0 0 0 100 0 0 0
1 3 4 5 0 50 2 0 2
2 6 8 -5 0 60 2 1 0
"""

SARTORI = """NAME: tiny-n5-1
LOCATION: Wuhan
COMMENT: by hand
TYPE: PDPTW
SIZE: 3
DISTRIBUTION: random
DEPOT: central
ROUTE-TIME: 240
TIME-WINDOW: 60
CAPACITY: 10
NODES
0 30.5 114.3 0 0 240 0 0 0
1 30.6 114.4 5 0 100 2 0 2
2 30.7 114.2 -5 0 200 2 1 0
EDGES
0 7 9
8 0 4
9 5 0
EOF
"""


def refused(text: str) -> BadInstance:
    """Read a bad text."""
    with pytest.raises(BadInstance) as caught:
        parse_instance(text, "day.txt")
    message = str(caught.value)
    assert message.startswith("day.txt")
    assert "\n" not in message
    return caught.value


def test_li_lim_is_read_exactly() -> None:
    """Every comparison with the literature would start from another problem."""
    instance = parse_instance(GOOD, "day.txt", Goal.VEHICLES)
    problem = instance.problem
    assert (len(problem.vehicles), problem.vehicles[0].compartments[0].capacities) == (1, (10.0,))
    assert (problem.goal, instance.ids) == (Goal.VEHICLES, (1, 2))
    plan = evaluate(problem, instance.tours([[1, 2]]))
    assert (plan.feasible, plan.metres) == (True, 20.0)
    assert instance.named(plan.nodes) == [[1, 2]]


def test_sartori_buriol_is_read_exactly() -> None:
    """Real road times would be mirrored or mixed up."""
    instance = parse_instance(SARTORI, "day.txt")
    assert (instance.name, len(instance.problem.vehicles)) == ("tiny-n5-1", 1)
    plan = evaluate(instance.problem, instance.tours([[1, 2]]))
    assert (plan.metres, [stop.begin for stop in plan.tours[0].stops]) == (20.0, [7.0, 13.0])
    assert parse_instance(SARTORI.replace("EOF\n", ""), "day.txt").ids == (1, 2)
    assert parse_instance(SARTORI.replace("SIZE: 3", "SIZE: 2"), "day.txt").ids == (1, 2)


@pytest.mark.parametrize("ends", ["\r\n", "\n\n", "  \n"])
def test_line_ends_and_blanks_do_not_matter(ends: str) -> None:
    """A file that went through another system could not be read any more."""
    assert parse_instance(GOOD.replace("\n", ends), "day.txt").ids == (1, 2)


def test_the_mark_that_editors_put_before_a_text_is_no_part_of_it(tmp_path: Path) -> None:
    """A file that was saved on Windows would be refused for a sign that nobody sees."""
    file = tmp_path / "day.txt"
    file.write_text(GOOD, encoding="utf-8-sig")
    assert read_instance(file).ids == (1, 2)


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "why"),
    [
        ("3 10 1", "3", 1, "vehicles capacity speed", "1 figures"),
        ("3 10 1", "three 10 1", 1, "vehicles", "'three' is not a number"),
        ("3 10 1", "2.5 10 1", 1, "vehicles", "not a whole number"),
        ("3 10 1", "0 10 1", 1, "vehicles", "not above zero"),
        ("3 10 1", "3 0 1", 1, "capacity", "not above zero"),
        ("3 10 1", "3 -4 1", 1, "capacity", "not above zero"),
        ("3 10 1", "3 nan 1", 1, "capacity", "not finite"),
        ("3 10 1", "3 inf 1", 1, "capacity", "not finite"),
        ("3 10 1", "3 1_0 1", 1, "capacity", "not a number"),
        ("3 10 1", "3 １0 1", 1, "capacity", "not a number"),
        ("1 3 4 5", "1 3e200 4 5", 3, "x", "larger than"),
        ("1 3 4 5 0 50 2 0 2", "1 3 4 5 0 50 2 0", 3, "row", "8 figures instead of 9"),
        ("1 3 4 5 0 50 2 0 2", "1 3 4 5 0 50 2 0 2 9", 3, "row", "10 figures"),
        ("1 3 4 5", "1 nan 4 5", 3, "x", "not finite"),
        ("1 3 4 5", "1 3 x 5", 3, "y", "not a number"),
        ("5 0 50 2 0 2", "5 60 50 2 0 2", 3, "due", "before it starts"),
        ("5 0 50 2 0 2", "5 -1 50 2 0 2", 3, "ready", "negative"),
        ("5 0 50 2 0 2", "5 0 50 -2 0 2", 3, "service", "negative"),
        ("5 0 50 2 0 2", "5 0 50 2 0 1.5", 3, "delivery", "not a whole number"),
        ("5 0 50 2 0 2", "5 0 50 2 0 -2", 3, "delivery", "negative"),
        ("5 0 50 2 0 2", "5 0 50 2 0 7", 3, "delivery", "node 7 is not in the file"),
        ("5 0 50 2 0 2", "5 0 50 2 0 0", 3, "pickup", "neither"),
        ("5 0 50 2 0 2", "5 0 50 2 2 2", 3, "pickup", "both"),
        ("5 0 50 2 0 2", "0 0 50 2 0 2", 3, "demand", "not above zero"),
        ("5 0 50 2 0 2", "4 0 50 2 0 2", 3, "demand", "4 is picked up and 5 delivered"),
        ("5 0 50 2 0 2", "5 0 50 2 0 1", 3, "delivery", "names 0 as its other end"),
        ("2 6 8", "1 6 8", 4, "id", "on line 3 already"),
        ("2 6 8", "-2 6 8", 4, "id", "negative"),
        ("0 0 0 0 0 100 0 0 0", "0 0 0 1 0 100 0 0 0", 2, "id", "not a depot"),
        ("0 0 0 0 0 100 0 0 0\n", "", 2, "id", "not a depot"),
    ],
)
def test_a_bad_li_lim_file_is_refused_in_one_line(
    old: str, new: str, line: int, field: str, why: str
) -> None:
    """A planner would search a thousand lines for the one that is wrong, or plan with it."""
    bad = refused(GOOD.replace(old, new))
    assert (bad.line, bad.field) == (line, field)
    assert why in bad.why


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "why"),
    [
        ("CAPACITY: 10\n", "", 0, "CAPACITY", "missing"),
        ("CAPACITY: 10", "CAPACITY: 0", 10, "CAPACITY", "not above zero"),
        ("CAPACITY: 10", "CAPACITY: much", 10, "CAPACITY", "not a number"),
        ("SIZE: 3", "SIZE: 9", 5, "SIZE", "9 is said and 3 nodes are there"),
        ("COMMENT: by hand", "by hand", 3, "header", "no NAME: value"),
        ("TYPE: PDPTW", "NAME: again", 4, "NAME", "twice"),
        ("EDGES\n", "", 18, "EDGES", "missing"),
        ("8 0 4\n", "", 17, "EDGES", "2 rows for 3 nodes"),
        ("8 0 4", "8 0", 17, "EDGES", "2 figures for 3 nodes"),
        ("8 0 4", "8 0 -4", 17, "EDGES", "negative"),
        ("8 0 4", "8 0 nan", 17, "EDGES", "not finite"),
        ("1 30.6 114.4 5 0 100", "1 30.6 114.4 5 200 100", 13, "due", "before it starts"),
        ("EDGES\n0 7 9\n8 0 4\n9 5 0\nEOF", "EOF\nEDGES\n0 7 9\n8 0 4\n9 5 0", 16, "EDGES", "order"),
    ],
)
def test_a_bad_sartori_file_is_refused_in_one_line(
    old: str, new: str, line: int, field: str, why: str
) -> None:
    """A planner would search a thousand lines for the one that is wrong, or plan with it."""
    bad = refused(SARTORI.replace(old, new))
    assert (bad.line, bad.field) == (line, field)
    assert why in bad.why


@pytest.mark.parametrize("text", ["", "\n \n", "3 10 1\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    """Nothing would be planned, and nobody would know why."""
    assert "empty" in str(refused(text)) or "none" in str(refused(text))


def test_a_depot_alone_is_a_day_without_work() -> None:
    """A quiet Sunday would be an error."""
    instance = parse_instance("3 10 1\n0 0 0 0 0 100 0 0 0\n", "day.txt")
    assert (instance.problem.vehicles, evaluate(instance.problem, ()).metres) == ((), 0.0)


def test_a_million_rows_are_refused_before_they_fill_the_memory() -> None:
    """One wrong upload would take the machine down."""
    rows = "\n".join(f"{n} 1 1 0 0 9 0 0 0" for n in range(1_000_000))
    start = time.process_time()
    bad = refused(f"3 10 1\n{rows}\n")
    assert (bad.field, bad.line) == ("nodes", 5_002)
    assert time.process_time() - start < 10


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    """A picture picked by mistake would end in a stack trace."""
    picture = tmp_path / "day.png"
    picture.write_bytes(b"\x89PNG\xff\xfe")
    for path, why in ((picture, "UTF-8"), (tmp_path / "none.txt", "No such file"), (tmp_path, "directory")):
        with pytest.raises(BadInstance, match=why):
            read_instance(path)


def test_routes_with_strange_nodes_are_refused() -> None:
    """A solution of another file would be judged as one of this."""
    instance = parse_instance(GOOD, "day.txt")
    with pytest.raises(BadInstance, match="unknown node 9"):
        instance.tours([[1, 9]])
    with pytest.raises(BadInstance, match="2 routes for 1 vehicles"):
        instance.tours([[1], [2], [], []])


def test_a_fleet_without_end_is_no_longer_than_the_work() -> None:
    """A file with a billion vehicles would fill the memory."""
    endless = parse_instance(GOOD.replace("3 10 1", "1000000000 10 1"), "day.txt")
    assert len(endless.problem.vehicles) == 1
