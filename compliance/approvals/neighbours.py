"""Do two provinces border on each other, so that disposal across their border is nearby (M17)?

令23 art. 3 names neighbouring provinces and those that work together; which work together is settled between
them and not known here, so a load to any other is warned of and never stopped.
"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import RuleBroken
from compliance.rulebook.rules import broken

_BORDERS = {
    "11": "12 13",
    "12": "11 13 37",
    "13": "11 12 14 15 21 37 41",
    "14": "13 15 41 61",
    "15": "13 14 21 22 23 61 62 64",
    "21": "13 15 22",
    "22": "15 21 23",
    "23": "15 22",
    "31": "32 33",
    "32": "31 33 34 37",
    "33": "31 32 34 35 36",
    "34": "32 33 36 37 41 42",
    "35": "33 36 44",
    "36": "33 34 35 42 43 44",
    "37": "12 13 32 34 41",
    "41": "13 14 34 37 42 61",
    "42": "34 36 41 43 50 61",
    "43": "36 42 44 45 50 52",
    "44": "35 36 43 45 46 81 82",
    "45": "43 44 52 53",
    "46": "44",
    "50": "42 43 51 52 61",
    "51": "50 52 53 54 61 62 63",
    "52": "43 45 50 51 53",
    "53": "45 51 52 54",
    "54": "51 53 63 65",
    "61": "14 15 41 42 50 51 62 64",
    "62": "15 51 61 63 64 65",
    "63": "51 54 62 65",
    "64": "15 61 62",
    "65": "54 62 63",
    "81": "44",
    "82": "44",
}
"""By the first two digits of a division: the provinces on the same border, or across the nearest strait."""


def are_near(origin: str, destination: str) -> bool:
    """Tell whether two provinces are one, or neighbours."""
    return origin == destination or destination in _BORDERS.get(origin, "").split()


def far_disposal(code: str, origin: str, destination: str, on: date) -> list[RuleBroken]:
    """Return of what is warned where waste is disposed of neither in its province nor in a neighbour's."""
    if are_near(origin, destination):
        return []
    told = {"code": code, "origin": origin, "destination": destination}
    return [broken("M17.far_disposal", on, field="receiver", **told)]
