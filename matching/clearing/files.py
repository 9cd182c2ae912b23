"""What market does a file of arrays hold, and how is its clearing written to one?"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from matching.clearing.clearing import Clearing
from matching.clearing.market import BadMarket, Lots, Market, Pairs, Resources, Takers
from matching.npz import SPOILT, NoArrays, opened

NAMES = {
    "pairs.lot": "i",
    "pairs.taker": "j",
    "pairs.resource": "r",
    "pairs.km": "d",
    "pairs.worth": "w",
    "lots.tonnes": "q",
    "lots.whole": "whole",
    "lots.least": "min_batch",
    "resources.taker": "r_proc",
    "resources.code": "r_code",
    "resources.tonnes": "cap",
    "takers.tonnes": "total",
}
"""Which array of a file is which field of a market."""


class BadFile(ValueError):
    """A file that holds no market: one line that names the file, the array, the index and why."""


def read_market(path: Path) -> Market:
    """Read a market from an `.npz` file.

    Its arrays: i, j, r, d, w of pairs; q, whole, min_batch of lots; r_proc, r_code, cap of resources; total
    of takers. Others are left alone. Nothing pickled is ever loaded. Raises `BadFile`.
    """
    found = _arrays(path)
    whole = found["whole"]
    if whole.dtype.kind in "iu" and whole.ndim == 1:
        if not np.isin(whole, (0, 1)).all():
            raise BadFile(f"{path}: whole[{int(np.argmin(np.isin(whole, (0, 1))))}]: neither 0 nor 1")
        found["whole"] = whole.astype(np.bool_)
    try:
        market = Market(
            Pairs(found["i"], found["j"], found["r"], found["d"], found["w"]),
            Lots(found["q"], found["whole"], found["min_batch"]),
            Resources(found["r_proc"], found["r_code"], found["cap"]),
            Takers(found["total"]),
        )
    except BadMarket as bad:
        name = {"pairs": "i and r", "resources": "r_proc and r_code"}.get(bad.field, "")
        name = name or NAMES[bad.field]
        place = name if bad.index < 0 else f"{name}[{bad.index}]"
        raise BadFile(f"{path}: {place}: {bad.why}") from None
    idle = market.pairs.worth <= 0
    if idle.any():
        raise BadFile(f"{path}: w[{int(np.argmax(idle))}]: not above zero")
    return market


def _arrays(path: Path) -> dict[str, Any]:
    """Read the arrays of a market; their values are judged by the market."""
    found: dict[str, Any] = {}
    name = next(iter(NAMES.values()))
    try:
        with path.open("rb") as raw, opened(raw) as file:
            for name in NAMES.values():
                if name not in file.files:
                    raise BadFile(f"{path}: {name}: no such array")
                found[name] = file[name]
    except BadFile:
        raise
    except NoArrays as other:
        raise BadFile(f"{path}: {other}") from None
    except OSError as wrong:
        raise BadFile(f"{path}: {wrong.strerror or wrong}") from None
    except (ValueError, MemoryError, *SPOILT) as wrong:
        why = str(wrong).splitlines()[0] if str(wrong) else type(wrong).__name__
        raise BadFile(f"{path}: {name}: cannot be read: {why}") from None
    return found


def write_clearing(clearing: Clearing, path: Path) -> None:
    """Write a clearing to an `.npz` file, which is then there whole or not at all. Raises `OSError`.

    `x`: tonnes per pair. Dual prices in CNY per tonne: `lot_price` per lot, `ask` and `bid` per resource,
    `taker_ask` and `taker_bid` per taker.
    """
    prices = clearing.prices
    half = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with half.open("xb") as file:
            np.savez_compressed(
                file,
                x=clearing.tonnes,
                lot_price=prices.lot,
                ask=prices.resource_ask,
                bid=prices.resource_bid,
                taker_ask=prices.taker_ask,
                taker_bid=prices.taker_bid,
            )
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
