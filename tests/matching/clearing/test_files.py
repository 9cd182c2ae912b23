"""Does a file that holds no lawful market end with one line that says where and why?"""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.clearing.instances import generate
from matching.clearing import Limits, Market, clear_market
from matching.clearing.files import NAMES, BadFile, read_market, write_clearing
from tests.matching.clearing.small import tiny

Arrays = dict[str, np.ndarray]


def arrays(market: Market) -> Arrays:
    """Give a market as the arrays of a file."""
    return {
        name: np.array(getattr(getattr(market, field.split(".")[0]), field.split(".")[1]))
        for field, name in NAMES.items()
    }


def changed(name: str, at: int, value: float) -> Callable[[Arrays], None]:
    """Change one entry."""

    def change(found: Arrays) -> None:
        found[name][at] = value

    return change


def dropped(found: Arrays) -> None:
    """Leave one array out."""
    del found["cap"]


def pickled(found: Arrays) -> None:
    """Put in an array of objects."""
    found["q"] = found["q"].astype(object)


def floats(found: Arrays) -> None:
    """Say indices in floats."""
    found["i"] = found["i"].astype(float)


WRONG: list[tuple[Callable[[Arrays], None], str]] = [
    (changed("w", 2, np.nan), "w[2]: not a finite number"),
    (changed("w", 1, -4.0), "w[1]: not above zero"),
    (changed("q", 3, -1.0), "q[3]: negative"),
    (changed("cap", 0, np.inf), "cap[0]: not a finite number"),
    (changed("r", 1, 999), "r[1]: not an index below"),
    (changed("total", 1, -0.5), "total[1]: negative"),
    (dropped, "cap: no such array"),
    (pickled, "q: cannot be read"),
    (floats, "i: is of type float64 in place of int64"),
]


@pytest.mark.parametrize(("spoil", "why"), WRONG)
def test_a_wrong_entry_is_named(tmp_path: Path, spoil: Callable[[Arrays], None], why: str) -> None:
    """An operator would hunt one number through a file of a million."""
    found = arrays(tiny(1, lots=7, takers=4))
    spoil(found)
    path = tmp_path / "market.npz"
    np.savez(path, **found)
    with pytest.raises(BadFile) as refused:
        read_market(path)
    assert str(refused.value).startswith(f"{path}: {why}")
    assert "\n" not in str(refused.value)


def test_what_is_no_file_of_arrays_is_refused(tmp_path: Path) -> None:
    """Reading a stranger's file would run his code, or end in a stack trace."""
    whole = io.BytesIO()
    np.savez_compressed(whole, **arrays(tiny(1)))
    bytes_of = whole.getvalue()
    cases = {
        "nothing": b"",
        "text": b"i,j,w\n1,2,3\n",
        "pickle": pickle.dumps({"i": 1}),
        "half": bytes_of[: len(bytes_of) // 2],
        "spoilt": bytes_of[:80] + bytes(40) + bytes_of[120:],
    }
    single = io.BytesIO()
    np.save(single, np.ones(3))
    cases["single"] = single.getvalue()
    for name, content in cases.items():
        path = tmp_path / f"{name}.npz"
        path.write_bytes(content)
        with pytest.raises(BadFile, match=str(path)) as refused:
            read_market(path)
        assert "pickle" not in str(refused.value).removeprefix(str(path))
    with pytest.raises(BadFile, match="No such file"):
        read_market(tmp_path / "absent.npz")


def test_a_clearing_is_written_with_its_prices(tmp_path: Path) -> None:
    """The tonnes that were agreed on would get lost on their way to the next programme."""
    market = generate(400, 30, 2)
    found = clear_market(market, "whole", Limits(iterations=10))
    write_clearing(found, tmp_path / "answer.npz")
    with np.load(tmp_path / "answer.npz", allow_pickle=False) as answer:
        assert np.array_equal(answer["x"], found.tonnes)
        assert answer["lot_price"].shape == market.lots.tonnes.shape
        assert answer["ask"].shape == answer["bid"].shape == market.resources.tonnes.shape
        assert answer["taker_ask"].shape == market.takers.tonnes.shape
    with pytest.raises(OSError, match="absent"):
        write_clearing(found, tmp_path / "absent" / "answer.npz")


def test_a_file_comes_back_as_the_market_it_was(tmp_path: Path) -> None:
    """A market would change by being written down."""
    market = generate(300, 20, 3)
    found = arrays(market)
    found["whole"] = found["whole"].astype(np.int8)
    np.savez(tmp_path / "market.npz", **found, remark=np.array("left alone"))
    again = read_market(tmp_path / "market.npz")
    assert {name: array.tolist() for name, array in arrays(again).items()} == {
        name: array.tolist() for name, array in arrays(market).items()
    }


def test_a_million_pairs_are_read_and_cleared(tmp_path: Path) -> None:
    """A large region's market would not get through the door."""
    lots, takers = 50_000, 20
    rng = np.random.default_rng(1)
    code = np.zeros(takers, dtype=np.int64)
    found = {
        "i": np.repeat(np.arange(lots), takers),
        "j": np.tile(np.arange(takers), lots),
        "r": np.tile(np.arange(takers), lots),
        "d": np.ones(lots * takers),
        "w": np.tile(rng.integers(1, 300, takers).astype(float), lots),
        "q": np.ones(lots),
        "whole": np.zeros(lots, dtype=np.bool_),
        "min_batch": np.zeros(lots),
        "r_proc": np.arange(takers),
        "r_code": code,
        "cap": np.full(takers, 1_000.0),
        "total": np.full(takers, 2_000.0),
    }
    np.savez(tmp_path / "market.npz", **found)
    market = read_market(tmp_path / "market.npz")
    assert market.sizes == (lots, takers, takers, 1_000_000)
    assert clear_market(market).welfare == pytest.approx(1_000 * found["w"][:takers].sum())


def test_what_is_written_can_be_read_by_whom_the_umask_allows(tmp_path: Path) -> None:
    """A colleague could not open the answer that was put into a shared folder."""
    before = os.umask(0o027)
    try:
        write_clearing(clear_market(tiny(1)), tmp_path / "x.npz")
    finally:
        os.umask(before)
    assert (tmp_path / "x.npz").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["x.npz"]
