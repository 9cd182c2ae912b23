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
    PACKAGING = "packaging"
    PACKAGES = "packages"
    DG_CLASS = "dg_class"
    UN_NUMBER = "un_number"
    MANAGEMENT_PLAN = "management_plan"
    PERMIT = "permit"
    LICENCE = "licence"
    REMARKS = "remarks"
    FORM = "form"
    MAIN = "main"
    HARMFUL = "harmful"
    EMERGENCY = "emergency"
    PROCESS = "process"
    PROJECT = "project"
    PLAN_NUMBER = "plan_number"
    PERMIT_NUMBER = "permit_number"
    CONDITION = "condition"
    VEHICLE = "vehicle"
    AGE = "age"
    GRADE = "grade"
    ORE = "ore"
    POINT = "point"
    SORTED = "sorted"


STATED = frozenset(
    {
        *(Field.PACKAGING, Field.PACKAGES, Field.DG_CLASS, Field.UN_NUMBER, Field.MANAGEMENT_PLAN),
        *(Field.PERMIT, Field.LICENCE, Field.REMARKS),
    }
)
"""What stands in a manifest's statement under its own name."""
FACTS = frozenset(
    {
        *(Field.FORM, Field.MAIN, Field.HARMFUL, Field.EMERGENCY, Field.PROCESS, Field.PROJECT),
        *(Field.PLAN_NUMBER, Field.PERMIT_NUMBER, Field.CONDITION, Field.VEHICLE, Field.AGE, Field.GRADE),
        *(Field.ORE, Field.POINT, Field.SORTED),
    }
)
"""What stands there among the facts that the waste's family asks, by the key of the fact."""
MASSES = frozenset({Field.PLANNED_KG, Field.LOADED_KG, Field.ACCEPTED_KG})


@dataclass(frozen=True, slots=True)
class Seal:
    """By which acts a field is sealed (any of them), and whose signatures cover it."""

    by: frozenset[Act]
    covers: frozenset[Party]


_ISSUED, _LOADED = frozenset({Act.ISSUE}), frozenset({Act.LOAD, Act.BACK_ENTER})
_TAKEN = frozenset({Act.ACCEPT, Act.ACCEPT_PART})
_STATED = frozenset({Act.ISSUE, Act.GO_ON_PAPER})
_ALL = frozenset(Party)
_MOVER_CARRIER = frozenset({Party.MOVER, Party.CARRIER})
_MOVER_RECEIVER = frozenset({Party.MOVER, Party.RECEIVER})

SEALS: Mapping[Field, Seal] = {
    Field.CODE: Seal(_ISSUED, _ALL),
    Field.MODE: Seal(_ISSUED, _MOVER_RECEIVER),
    Field.PLANNED_KG: Seal(_ISSUED, _MOVER_CARRIER),
    Field.PLATE: Seal(_LOADED, _MOVER_CARRIER),
    Field.LOADED_KG: Seal(_LOADED, _ALL),
    Field.ACCEPTED_KG: Seal(_TAKEN, _MOVER_RECEIVER),
    Field.NATIONAL_NUMBER: Seal(_ISSUED, frozenset({Party.MOVER})),
    Field.PERMIT: Seal(_STATED, _MOVER_CARRIER),
    Field.LICENCE: Seal(_STATED, _MOVER_RECEIVER),
    **{field: Seal(_STATED, _ALL) for field in (STATED | FACTS) - {Field.PERMIT, Field.LICENCE}},
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
