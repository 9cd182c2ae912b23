"""Which companies have something in common, what exactly, and what goes between them?

Most of what is shared is harmless: one accountant's telephone, one office tower. It is shown with the
evidence and what was traded, for whoever then asks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from compliance.oversight.rules import Found, Load, Sign

_PHONE = re.compile(r"(?<!\d)(1\d{10}|0\d{2,3}-?\d{7,8})(?!\d)")
SHORTEST_ADDRESS = 6


class Tie(StrEnum):
    """What two companies may have in common."""

    TELEPHONE = "telephone"
    ADDRESS = "address"
    REPRESENTATIVE = "representative"
    BENEFICIARY = "beneficiary"
    BANK_ACCOUNT = "bank_account"
    VEHICLE = "vehicle"
    """A vehicle that moved loads for both of two carriers."""


@dataclass(frozen=True, slots=True)
class Company:
    """What of an organisation may tie it to another; empty where it is not known.

    `facts` are kind, key by which they are compared, and what may be shown of it.
    """

    id: UUID
    contact: str = ""
    addresses: Sequence[str] = ()
    facts: Sequence[tuple[Tie, str, str]] = ()


Flows = Mapping[tuple[UUID, UUID], int]
"""Kilograms accepted from one company by another."""


@dataclass(frozen=True, slots=True)
class Group:
    """Companies that hang together by ties, and the flows among them; kilograms."""

    members: tuple[UUID, ...]
    ties: Sequence[tuple[UUID, UUID, Mapping[str, str]]]
    flows: Flows = field(default_factory=dict)

    @property
    def goes_round(self) -> bool:
        """Tell whether waste that leaves one of them can come back to it among them."""
        onward: dict[UUID, set[UUID]] = defaultdict(set)
        for source, target in self.flows:
            onward[source].add(target)
        return any(start in _reached(onward, start) for start in self.members)


def _reached(onward: Mapping[UUID, set[UUID]], start: UUID) -> set[UUID]:
    seen: set[UUID] = set()
    ahead = list(onward.get(start, ()))
    while ahead:
        one = ahead.pop()
        if one not in seen:
            seen.add(one)
            ahead += onward.get(one, ())
    return seen


def linked(companies: Iterable[Company], flows: Flows, plates: Mapping[str, set[UUID]]) -> list[Found]:
    """Say which companies have something in common, and what went either way between them.

    `plates` names the carriers for which each vehicle moved loads.
    """
    shared: dict[tuple[Tie, str], tuple[str, set[UUID]]] = {}
    for one in companies:
        for how, key, shown in _ties(one):
            shared.setdefault((how, key), (shown, set()))[1].add(one.id)
    for plate, carriers in plates.items():
        shared[Tie.VEHICLE, plate] = (plate, set(carriers))
    pairs: dict[tuple[UUID, UUID], dict[str, str]] = defaultdict(dict)
    for (how, _), (shown, members) in shared.items():
        ordered = sorted(members, key=lambda key: key.int)
        for place, first in enumerate(ordered):
            for second in ordered[place + 1 :]:
                before = pairs[first, second].get(how.value)
                pairs[first, second][how.value] = f"{before}, {shown}" if before else shown
    return [
        Found(
            Sign.LINKED,
            pair,
            (),
            {"ties": ties, "there_kg": flows.get(pair, 0), "back_kg": flows.get((pair[1], pair[0]), 0)},
        )
        for pair, ties in pairs.items()
    ]


def _ties(one: Company) -> Iterable[tuple[Tie, str, str]]:
    for number in _PHONE.findall(one.contact):
        plain = number.replace("-", "")
        yield Tie.TELEPHONE, plain, plain
    for address in one.addresses:
        plain = "".join(address.split())
        if len(plain) >= SHORTEST_ADDRESS:
            yield Tie.ADDRESS, plain, plain
    yield from one.facts


def groups(found: Iterable[Found], flows: Flows) -> list[Group]:
    """Return the companies that hang together, the largest group first."""
    ties = [
        (one.subjects[0], one.subjects[1], one.figures["ties"]) for one in found if one.sign is Sign.LINKED
    ]
    onward: dict[UUID, set[UUID]] = defaultdict(set)
    for first, second, _ in ties:
        onward[first].add(second)
        onward[second].add(first)
    made, done = [], set[UUID]()
    for start in sorted(onward, key=lambda key: key.int):
        if start in done:
            continue
        members = _reached(onward, start) | {start}
        done |= members
        own = [(a, b, dict(said)) for a, b, said in ties if a in members and isinstance(said, Mapping)]
        inside = {way: kg for way, kg in flows.items() if set(way) <= members and way[0] != way[1]}
        made.append(Group(tuple(sorted(members, key=lambda key: key.int)), own, inside))
    return sorted(made, key=lambda one: -len(one.members))


def flows_of(loads: Iterable[Load]) -> dict[tuple[UUID, UUID], int]:
    """Return what each company accepted from each other one, kilograms."""
    found: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for one in loads:
        if one.accepted_kg and not one.cancelled:
            found[one.mover, one.receiver] += one.accepted_kg
    return dict(found)
