"""How large is a container's label, what is its 37-digit code, and what is a file of a bundle called?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from compliance.record.errors import DomainError, RuleBroken
from compliance.rulebook.rules import broken

CODE_LENGTH = 37
LAST_SERIAL = 999
LARGEST_LITRES = 100_000
MOST_LABELS = 200
"""So many labels one file holds."""


@dataclass(frozen=True, slots=True)
class LabelSize:
    """One size of label: its side and the least height of its signs in millimetres; on how many sides."""

    side_mm: int
    sign_mm: int
    faces: int = 1


SMALL, MIDDLE, LARGE = LabelSize(100, 3), LabelSize(150, 5), LabelSize(200, 6)
BOTH_SIDES = LabelSize(200, 6, faces=2)


def label_size(litres: int) -> LabelSize:
    """Return the size for a container's volume (G6, HJ 1276-2022).

    Up to 50 litres 100 mm, up to 450 litres 150 mm, from 450 litres 200 mm, above that on two sides. At
    450 litres exactly both texts can be read; the larger label satisfies both.
    """
    if litres <= 50:
        return SMALL
    if litres < 450:
        return MIDDLE
    return LARGE if litres == 450 else BOTH_SIDES


def digital_code(unit: str, waste: str, on: date, serial: int) -> str:
    """Return the digital code of one container: unit 18, waste 8, day 8, serial 3 (G7, HJ 1276-2022).

    `unit` is a Unified Social Credit Code, `waste` a code of hazardous waste with or without dashes.
    Raises `ValueError` for anything of another length.
    """
    code = f"{unit}{waste.replace('-', '')}{on.isoformat().replace('-', '')}{serial:03d}"
    if len(unit) != 18 or len(waste.replace("-", "")) != 8 or len(code) != CODE_LENGTH:
        raise ValueError(f"no digital code can be made of {unit!r}, {waste!r}, {serial}")
    return code


def label_differs(read: str, unit: str, waste: str, on: date) -> list[RuleBroken]:
    """Return where a digital code read off a container is not that of a load (M6): unit, waste, day.

    `read` is as scanned, blanks and dashes allowed; nothing is wrong where nothing was read. The day on a
    label lies in the past: it is when the container was filled.
    """
    code = read.replace(" ", "").replace("-", "").upper()
    if not code:
        return []
    stated = f"{unit}{waste.replace('-', '')}"
    dated = re.fullmatch(r"\d{11}", code[26:]) is not None and code[26:34] <= f"{on:%Y%m%d}"
    if code[:26] == stated and dated:
        return []
    found = {"said": spaced(code[:CODE_LENGTH]), "stated": spaced(stated)}
    return [broken("M6.label_differs", on, field="label", **found)]


def label_not_read(read: str, waste: str, on: date) -> list[RuleBroken]:
    """Return whether nobody read a label before loading hazardous waste (M6): it warns, the load may go."""
    return [] if read.strip() else [broken("M6.label_not_read", on, field="label", code=waste)]


def spaced(code: str) -> str:
    """Write a digital code in its four segments."""
    return " ".join(filter(None, (code[:18], code[18:26], code[26:34], code[34:])))


def label_faults(*, litres: int, kg: int, first: int, count: int, on: date) -> list[DomainError]:
    """Return everything that is wrong with labels that are asked for, field by field (G6, G7)."""
    faults: list[DomainError] = []
    if not 0 < litres <= LARGEST_LITRES:
        faults.append(broken("G6.volume", on, field="litres", litres=litres, largest=LARGEST_LITRES))
    if kg <= 0:
        faults.append(broken("G5.weight", on, field="kg", kg=kg))
    if first < 1 or count < 1 or first + count - 1 > LAST_SERIAL or count > MOST_LABELS:
        faults.append(broken("G7.serial", on, field="serial", first=first, count=count))
    return faults


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each file of a bundle by its name."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
