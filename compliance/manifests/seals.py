"""Which field of a manifest is sealed by whose signature, and who has to approve that it changes (M16)?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from compliance.manifests.rules import Act, Party


class Field(StrEnum):
    """What a correction may change."""

    CODE = "code"
    MODE = "mode"
    PLANNED_KG = "planned_kg"
    PLATE = "plate"
    LOADED_KG = "loaded_kg"
    ACCEPTED_KG = "accepted_kg"
    NATIONAL_NUMBER = "national_number"


MASSES = frozenset({Field.PLANNED_KG, Field.LOADED_KG, Field.ACCEPTED_KG})


@dataclass(frozen=True, slots=True)
class Seal:
    """By which acts a field is sealed (any of them), and whose signatures cover it."""

    by: frozenset[Act]
    covers: frozenset[Party]


_ISSUED, _LOADED = frozenset({Act.ISSUE}), frozenset({Act.LOAD, Act.BACK_ENTER})
_TAKEN = frozenset({Act.ACCEPT, Act.ACCEPT_PART})
_ALL = frozenset(Party)

SEALS: Mapping[Field, Seal] = {
    Field.CODE: Seal(_ISSUED, _ALL),
    Field.MODE: Seal(_ISSUED, frozenset({Party.MOVER, Party.RECEIVER})),
    Field.PLANNED_KG: Seal(_ISSUED, frozenset({Party.MOVER, Party.CARRIER})),
    Field.PLATE: Seal(_LOADED, frozenset({Party.MOVER, Party.CARRIER})),
    Field.LOADED_KG: Seal(_LOADED, _ALL),
    Field.ACCEPTED_KG: Seal(_TAKEN, frozenset({Party.MOVER, Party.RECEIVER})),
    Field.NATIONAL_NUMBER: Seal(_ISSUED, frozenset({Party.MOVER})),
}


def sealed(field: Field, signed: Collection[Act]) -> bool:
    """Tell whether a field is sealed once these acts are signed."""
    return bool(SEALS[field].by.intersection(signed))


def affected(fields: Collection[Field], signed: Collection[Act]) -> frozenset[Party]:
    """Return whose signatures cover any of these fields."""
    return frozenset(party for field in fields if sealed(field, signed) for party in SEALS[field].covers)


class RevisionState(StrEnum):
    """Where a proposed correction stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Answer(StrEnum):
    """What ends a correction."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


NEXT: Mapping[tuple[RevisionState, Answer], RevisionState] = {
    (RevisionState.PROPOSED, Answer.APPROVE): RevisionState.APPROVED,
    (RevisionState.PROPOSED, Answer.REJECT): RevisionState.REJECTED,
    (RevisionState.PROPOSED, Answer.WITHDRAW): RevisionState.WITHDRAWN,
}
"""One rejection ends it; it is approved by the last affected party that had not answered."""
