"""Who had to be drawn? A program of the standard library alone, which the product itself draws by.

    python again.py DRAW.json [ANCHORS.jsonl]

DRAW.json is a draw as `GET /api/v1/visits/draws/{id}` gives it; ANCHORS.jsonl is the file of the published
daily anchors, best a copy from outside. It says who had to be drawn and who had to go there, and exits 1
where the draw says otherwise. A draw by a typed seed names no anchor, and is told so.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

FORM = 2
"""The rule by which seeds are made now; draws of the first one keep theirs."""
POPULATION = ("purpose", "kind", "division", "period", "earlier")


def seed_of(draw: Mapping[str, Any]) -> str:
    """Return the seed of a draw: SHA-256 of the digest of the anchor before it and what is drawn from.

    That is purpose, kind, division and quarter, and how often exactly these were drawn from before: no other
    draw moves it. In the first form it was the draw's own number.
    """
    names = POPULATION if draw.get("form", 1) == FORM else ("number",)
    text = "/".join(str(draw[name]) for name in ("anchor_digest", *names))
    return hashlib.sha256(text.encode()).hexdigest()


def rank(seed: str, one: str) -> str:
    """Return the number by which a seed ranks an id, as hexadecimal."""
    return hashlib.sha256(f"{seed}:{one}".encode()).hexdigest()


def drawn(seed: str, pool: Iterable[str], count: int) -> list[str]:
    """Return the `count` ids of a pool that rank first; its order does not matter."""
    ranked = sorted(set(pool), key=lambda one: (rank(seed, one), one))
    return ranked[: max(0, count)]


def assigned(seed: str, visits: Sequence[str], inspectors: Sequence[str]) -> dict[str, str]:
    """Return which inspector goes where, drawn too (双随机): the load is even to within one visit."""
    order = drawn(f"{seed}/inspectors", inspectors, len(set(inspectors)))
    return {one: order[place % len(order)] for place, one in enumerate(visits)} if order else {}


def pool_hash(pool: Iterable[str]) -> str:
    """Return the hash of a pool: it fixes who could have been drawn."""
    return hashlib.sha256("\n".join(sorted(set(pool))).encode()).hexdigest()


def _passed_over(draw: Mapping[str, Any], anchor: Mapping[str, Any]) -> bool:
    """Tell whether an anchor was there when a draw was made that rests on an earlier one."""
    if anchor["day"] <= draw["anchor_day"] or not ("at" in draw and "at" in anchor):
        return False
    drawn_at, there_at = (datetime.fromisoformat(one["at"].replace("Z", "+00:00")) for one in (draw, anchor))
    return there_at < drawn_at


def faults(draw: Mapping[str, Any], anchors: Iterable[Mapping[str, Any]] | None = None) -> list[str]:
    """Say what does not hold of a draw; `anchors` are those that were published, where there is a copy."""
    found = []
    if not draw["anchor_digest"]:
        found.append("the seed was typed by hand: it comes from no anchor")
    elif seed_of(draw) != draw["seed"]:
        found.append("the seed is not that of the anchor and of what is drawn from")
    if anchors is not None and draw["anchor_digest"]:
        days = {one["day"]: one["digest"] for one in anchors}
        if days.get(draw["anchor_day"]) != draw["anchor_digest"]:
            found.append("the anchor is not the one that was published for its day")
        if any(_passed_over(draw, one) for one in anchors):
            found.append("a later anchor was published before the draw and was passed over")
    if pool_hash(draw["pool"]) != draw["pool_hash"]:
        found.append("the pool is not the one that was hashed")
    chosen = drawn(draw["seed"], draw["pool"], draw["count"])
    if [one["organisation_id"] for one in draw["drawn"]] != chosen:
        found.append("other parties were drawn than the seed says")
    going = assigned(draw["seed"], chosen, draw["inspectors"])
    if draw["inspectors"] and any(
        going.get(one["organisation_id"]) != one["inspector_id"] for one in draw["drawn"]
    ):
        found.append("other inspectors were drawn than the seed says")
    return found


def main(arguments: Sequence[str]) -> int:
    """Draw again and say what came of it."""
    if not 1 <= len(arguments) <= 2:
        sys.stdout.write(f"{__doc__}\n")
        return 2
    draw = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    anchors = None
    if len(arguments) == 2:
        anchors = [json.loads(line) for line in Path(arguments[1]).read_text(encoding="utf-8").splitlines()]
    found = faults(draw, anchors)
    chosen = drawn(draw["seed"], draw["pool"], draw["count"])
    going = assigned(draw["seed"], chosen, draw["inspectors"])
    for one in chosen:
        sys.stdout.write(f"{one} <- {going.get(one, 'nobody')}\n")
    for fault in found:
        sys.stdout.write(f"NOT SO: {fault}\n")
    sys.stdout.write("DOES NOT HOLD 核验未通过\n" if found else "HOLDS 核验通过\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
