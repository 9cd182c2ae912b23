"""Does `huanlian match` answer with one line, whatever the file?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from marketplace.cli import main
from marketplace.match_answers import THREADS_GIVEN
from matching.clearing import limits as clearing
from matching.routing.search import limits as routing

SMALL = """5 10 1
0 0 0 0 0 100 0 0 0
1 3 4 5 0 50 2 0 2
2 6 8 -5 0 60 2 1 0
3 -3 4 5 0 50 2 0 4
4 -6 8 -5 0 60 2 3 0
"""


def match(*words: str) -> Result:
    """Run one command."""
    return CliRunner().invoke(main, ["match", *words])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Write a file of two pairs."""
    file = tmp_path / "small.txt"
    file.write_text(SMALL)
    return file


@pytest.mark.parametrize("command", ["route", "plan"])
@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SMALL.replace("5 10 1", "5 0 1"), ":1: capacity: 0 is not above zero"),
        (SMALL.replace("1 3 4 5", "1 nan 4 5"), ":3: x: 'nan' is not finite"),
        (SMALL.replace("2 6 8", "1 6 8"), ":4: id: 1 is on line 3 already"),
        ("", ": file: is empty"),
        ("PNG\x89", "vehicles capacity speed: has 1 figures instead of 3"),
    ],
)
def test_a_bad_file_is_one_line_and_status_two(tmp_path: Path, command: str, text: str, why: str) -> None:
    """A script that plans every night would stop with a stack trace that says nothing about the file."""
    file = tmp_path / "bad.txt"
    file.write_text(text)
    done = match(command, str(file), *([str(file)] if command == "plan" else []))
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert why in done.stderr
    assert str(file) in done.stderr


def test_a_file_that_is_not_there_is_one_line_and_status_two(tmp_path: Path) -> None:
    """A typing mistake would look like a fault of the engine."""
    done = match("route", str(tmp_path / "none.txt"), "--json")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "words",
    [
        ("--seconds", "0"),
        ("--iterations", "0"),
        ("--threads", "0"),
        ("--threads", "100000"),
        ("--plot", "x.pdf"),
        ("--seed", "-1"),
    ],
)
def test_a_wrong_option_is_refused(small: Path, words: tuple[str, str]) -> None:
    """A search without an end, or a picture nobody can draw, would be noticed at its end."""
    assert match("route", str(small), *words).exit_code == 2


@pytest.mark.parametrize(
    ("routes", "code", "told"),
    [
        ([[1, 2], [3, 4]], 0, {"feasible": True, "vehicles": 2, "distance": 40.0}),
        ([[1, 2]], 1, {"feasible": False, "vehicles": 1}),
        ([[2, 1], [3, 4]], 1, {"feasible": False}),
    ],
)
def test_given_routes_are_judged(
    small: Path, routes: list[list[int]], code: int, told: dict[str, object]
) -> None:
    """Routes from another system would be driven without anybody knowing what they break."""
    answer = small.with_suffix(".json")
    answer.write_text(json.dumps({"routes": routes}))
    done = match("plan", str(small), str(answer), "--json")
    assert (done.exit_code, done.stdout.count("\n")) == (code, 1)
    found = json.loads(done.stdout)
    assert {name: found[name] for name in told} == told
    plain = match("plan", str(small), str(answer))
    assert plain.exit_code == code
    assert "slack" in plain.stdout


@pytest.mark.parametrize("text", ["{", "{}", '{"routes": 5}', '{"routes": [[9]]}', '{"routes": [["x"]]}'])
def test_bad_routes_are_one_line_and_status_two(small: Path, text: str) -> None:
    """A truncated answer would end in a stack trace."""
    answer = small.with_suffix(".json")
    answer.write_text(text)
    done = match("plan", str(small), str(answer))
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "text",
    [
        '{"routes": [[1.7, 2]]}',
        '{"routes": [[true, 2]]}',
        '{"routes": ["12"]}',
        '{"routes": [[Infinity]]}',
        "[" * 100_000,
    ],
)
def test_routes_that_are_no_node_numbers_are_refused_and_never_guessed(small: Path, text: str) -> None:
    """A plan would be judged that nobody handed in, or the shell would show a stack trace."""
    routes = small.with_name("routes.json")
    routes.write_text(text)
    done = match("plan", str(small), str(routes), "--json")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"{routes}: routes: " in done.stderr


@pytest.mark.parametrize("command", ["route", "clear"])
@pytest.mark.parametrize("given", ["nan", "inf"])
def test_no_number_is_no_time(small: Path, command: str, given: str) -> None:
    """A script that works a time out wrongly would get a stack trace."""
    done = match(command, str(small), "--seconds", given)
    assert done.exit_code == 2
    assert f"{given} is not a number of seconds" in done.stderr


def test_as_many_threads_are_taken_as_the_engine_allows() -> None:
    """A number would be let in that the search refuses with a stack trace."""
    assert THREADS_GIVEN.max == routing.MOST_THREADS == clearing.MOST_THREADS
    for limits in (routing.Limits, clearing.Limits):
        assert limits(threads=routing.MOST_THREADS)
        with pytest.raises(ValueError, match="threads: 257"):
            limits(threads=routing.MOST_THREADS + 1)


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        (("clear", "{}", "--out", "{}"), "small.html"),
        (("route", "{}", "--plot", "{}"), "small.html"),
        (("plan", "{}", "{}", "--plot", "{}"), "small.html"),
    ],
)
def test_what_is_read_is_not_written_over(small: Path, words: tuple[str, ...], lost: str) -> None:
    """A slip of the hand would replace the only copy of a market by its answer."""
    file = small.rename(small.with_name(lost))
    before = file.read_bytes()
    done = match(*(word.format(file) for word in words))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"{file}: is the file that is read\n"
    assert file.read_bytes() == before


@pytest.mark.parametrize(("command", "option"), [("route", "--plot"), ("clear", "--out")])
def test_where_the_answer_cannot_go_is_told_before_the_search(
    small: Path, tmp_path: Path, command: str, option: str
) -> None:
    """An hour of search would be lost, or `/dev/null` replaced by a file."""
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "pipe.html").symlink_to("/dev/null")
    for name, why in (("none/x.html", "No such"), ("folder.html", "directory"), ("pipe.html", "regular")):
        done = match(command, str(small), "--seconds", "100", option, str(tmp_path / name))
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert name in done.stderr
        assert why in done.stderr
