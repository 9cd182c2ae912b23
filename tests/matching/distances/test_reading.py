"""Does a file of distances come in whole, or is it refused in one clear line?"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from matching.distances import UNREACHABLE, BadMatrix, Point, read_matrix

HEAD = "from_lat,from_lon,to_lat,to_lon,metres,seconds\n"
THERE, BACK = "30,114,30.1,114.1,15000,900\n", "30.1,114.1,30,114,,\n"
A, B = Point(30, 114), Point(30.1, 114.1)


def arrays() -> dict[str, np.ndarray]:
    """Return a good file's arrays."""
    return {
        "points": np.array([[30, 114], [30.1, 114.1]]),
        "metres": np.array([[0, 15000.4], [np.nan, 0]]),
        "seconds": np.array([[0, 900.0], [np.nan, 0]]),
    }


def test_a_csv_is_read(tmp_path: Path) -> None:
    """Otherwise a spreadsheet of measured roads could not be used."""
    path = tmp_path / "roads.csv"
    path.write_text("\ufeff" + HEAD + THERE + BACK, encoding="utf-8")
    table = read_matrix(path)
    assert table.legs([A, B, A], [B, A, A]).metres.tolist() == [15000, UNREACHABLE, 0]
    assert len(table.version) == 12
    path.write_text(HEAD + THERE + BACK.replace(",,", ",1,1"))
    assert read_matrix(path).version != table.version


def test_an_npz_is_read(tmp_path: Path) -> None:
    """Otherwise a matrix out of another program could not be used."""
    path = tmp_path / "roads.npz"
    np.savez(path, **arrays(), version=np.array("map 7"), profile=np.array("van"))
    table = read_matrix(path)
    assert (table.version, table.profile, table.source) == ("map 7", "van", "file")
    assert table.metres.tolist() == [[0, 15000], [UNREACHABLE, 0]]
    assert read_matrix(path, profile="lorry").profile == "lorry"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "line 1: the columns"),
        ("lat,lon\n", "line 1: the columns"),
        (HEAD + "30,114,30.1\n", "line 2: 3 fields"),
        (HEAD + THERE.replace("15000", "far"), "line 2: metres='far'"),
        (HEAD + THERE.replace("15000", "-1"), "line 2: metres='-1'"),
        (HEAD + THERE.replace("15000", "nan"), "line 2: metres='nan'"),
        (HEAD + THERE.replace("30,114", "30,214", 1), "line 2: .* latitude and longitude"),
        (HEAD + THERE.replace("30,114", "north,114", 1), "line 2: from_lat='north'"),
        (HEAD + THERE + THERE, "line 3: this pair was there before"),
        (HEAD + THERE, "1 pairs are missing"),
        (HEAD + THERE.replace("900", "") + BACK, "seconds: a pair without a road"),
        (HEAD + '"30,114\n', "roads.csv: "),
    ],
)
def test_a_bad_csv_is_refused_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    """Otherwise whoever made the file would search for the error in a thousand lines."""
    path = tmp_path / "roads.csv"
    path.write_text(text)
    with pytest.raises(BadMatrix, match=why) as refused:
        read_matrix(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"metres": None}, "metres: the array is missing"),
        ({"source": np.array("a very long name of a source")}, "source: longer"),
        ({"metres": np.array([["a", "b"]])}, "metres: numbers are wanted"),
        ({"metres": np.array([[0, np.inf], [1, 0]])}, "metres: a figure is infinite"),
        ({"metres": np.array([[0, -5], [1, 0]])}, "metres: a figure is negative"),
        ({"metres": np.zeros((3, 3))}, "metres: shape"),
        ({"points": np.zeros((2, 3))}, "points: shape"),
        ({"points": np.array([[0, 0], [np.nan, 0]])}, r"points\[1\]"),
        ({"points": np.zeros((6000, 2))}, "points: shape"),
    ],
)
def test_a_bad_npz_is_refused_with_its_array(
    tmp_path: Path, change: dict[str, np.ndarray | None], why: str
) -> None:
    """Otherwise a wrong array would show a stack trace."""
    path = tmp_path / "roads.npz"
    found = {name: array for name, array in (arrays() | change).items() if array is not None}
    np.savez(path, **found)
    with pytest.raises(BadMatrix, match=why):
        read_matrix(path)


@pytest.mark.parametrize("name", ["roads.npz", "roads.txt", "nowhere.csv", "pickled.npz"])
def test_what_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    """Otherwise any file could end the program, or run what is hidden in it."""
    path = tmp_path / name
    if name == "pickled.npz":
        np.savez(path, points=np.array([{}], dtype=object))
    elif "nowhere" not in name:
        path.write_bytes(b"PK\x03\x04 not a table")
    with pytest.raises(BadMatrix, match=name):
        read_matrix(path)


def test_what_is_no_file_of_arrays_is_refused_in_one_line(tmp_path: Path) -> None:
    """Otherwise a copy that was cut off would take down every page that shows a distance."""
    np.savez_compressed(tmp_path / "good.npz", **arrays())
    good = (tmp_path / "good.npz").read_bytes()
    at = good.find(b"metres.npy") + 30
    single = io.BytesIO()
    np.save(single, np.ones(3))
    cases = {
        "nothing": (b"", "no file of arrays"),
        "single": (single.getvalue(), "no file of arrays"),
        "half": (good[: len(good) // 2], "no file of arrays"),
        "text": (b"points", "no file of arrays"),
        "spoilt": (good[:at] + bytes(30) + good[at + 30 :], "spoilt"),
    }
    for name, (content, why) in cases.items():
        path = tmp_path / f"{name}.npz"
        path.write_bytes(content)
        with pytest.raises(BadMatrix, match=why) as refused:
            read_matrix(path)
        assert str(refused.value).startswith(f"{path}: ")
        assert "\n" not in str(refused.value)
