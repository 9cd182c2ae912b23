"""Which documents does a role ask for, who decides on them, and what may become of one?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from compliance.record.errors import N_
from compliance.registry.rules import LicenceKind, OrganisationKind


class Subject(StrEnum):
    """Whom or what a document is about."""

    ORGANISATION = "organisation"
    PERSON = "person"
    VEHICLE = "vehicle"


class DocumentKind(StrEnum):
    """Which paper it is."""

    BUSINESS_LICENCE = "business_licence"
    EMISSION_PERMIT = "emission_permit"
    MANAGEMENT_PLAN = "management_plan"
    EMERGENCY_PLAN = "emergency_plan"
    COMPREHENSIVE_LICENCE = "comprehensive_licence"
    COLLECTION_LICENCE = "collection_licence"
    CONTRACTOR_PROOF = "contractor_proof"
    LIABILITY_INSURANCE = "liability_insurance"
    ROAD_PERMIT = "road_permit"
    DANGEROUS_GOODS_PERMIT = "dangerous_goods_permit"
    DRIVER_CERTIFICATE = "driver_certificate"
    ESCORT_CERTIFICATE = "escort_certificate"
    VEHICLE_CERTIFICATE = "vehicle_certificate"
    VEHICLE_INSURANCE = "vehicle_insurance"


class State(StrEnum):
    """Where a document stands."""

    SUBMITTED = "submitted"
    CHECKED = "checked"
    """One of the two reviewers that it needs has accepted it."""
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class Act(StrEnum):
    """What moves a document."""

    CHECK = "check"
    ACCEPT = "accept"
    RETURN = "return"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.SUBMITTED, Act.CHECK): State.CHECKED,
    (State.SUBMITTED, Act.ACCEPT): State.ACCEPTED,
    (State.SUBMITTED, Act.RETURN): State.RETURNED,
    (State.SUBMITTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.CHECKED, Act.ACCEPT): State.ACCEPTED,
    (State.CHECKED, Act.RETURN): State.RETURNED,
    (State.CHECKED, Act.WITHDRAW): State.WITHDRAWN,
    (State.ACCEPTED, Act.REVOKE): State.REVOKED,
}
OPEN = frozenset({State.SUBMITTED, State.CHECKED})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of document as data.

    `rule` is what asks for it; `becomes` the licence that the gates read once it is accepted; `eyes` how
    many different reviewers must accept it; `dated` whether it ends on a day.
    """

    kind: DocumentKind
    subject: Subject
    words: str
    rule: str
    becomes: LicenceKind | None = None
    eyes: int = 1
    dated: bool = True


_COMPANY, _PERSON, _VEHICLE = Subject.ORGANISATION, Subject.PERSON, Subject.VEHICLE
_K = DocumentKind
SHEETS: Mapping[DocumentKind, Sheet] = {
    sheet.kind: sheet
    for sheet in (
        Sheet(_K.BUSINESS_LICENCE, _COMPANY, N_("Business licence"), "A1", dated=False),
        Sheet(_K.EMISSION_PERMIT, _COMPANY, N_("Emission permit or registration"), "A1"),
        Sheet(_K.MANAGEMENT_PLAN, _COMPANY, N_("Filed management plan for hazardous waste"), "M5"),
        Sheet(_K.EMERGENCY_PLAN, _COMPANY, N_("Filed emergency plan"), "M18"),
        Sheet(
            _K.COMPREHENSIVE_LICENCE,
            _COMPANY,
            N_("Hazardous-waste licence (comprehensive)"),
            "L1",
            LicenceKind.COMPREHENSIVE,
            eyes=2,
        ),
        Sheet(
            _K.COLLECTION_LICENCE,
            _COMPANY,
            N_("Hazardous-waste licence (collection only)"),
            "L2",
            LicenceKind.COLLECTION,
            eyes=2,
        ),
        Sheet(
            _K.CONTRACTOR_PROOF,
            _COMPANY,
            N_("Proof of status and ability for other solid waste"),
            "L13",
            LicenceKind.CONTRACTOR,
        ),
        Sheet(_K.LIABILITY_INSURANCE, _COMPANY, N_("Pollution liability insurance"), "L14"),
        Sheet(_K.ROAD_PERMIT, _COMPANY, N_("Road transport permit"), "L9", LicenceKind.ROAD),
        Sheet(
            _K.DANGEROUS_GOODS_PERMIT,
            _COMPANY,
            N_("Road transport permit for dangerous goods"),
            "L9",
            LicenceKind.DANGEROUS_GOODS,
        ),
        Sheet(_K.DRIVER_CERTIFICATE, _PERSON, N_("Driver's dangerous-goods certificate"), "L9"),
        Sheet(_K.ESCORT_CERTIFICATE, _PERSON, N_("Escort's certificate"), "L9"),
        Sheet(_K.VEHICLE_CERTIFICATE, _VEHICLE, N_("Vehicle's transport certificate"), "L9"),
        Sheet(_K.VEHICLE_INSURANCE, _VEHICLE, N_("Vehicle's insurance"), "L9"),
    )
}
"""Every paper of the checklists; the words are texts of the translation catalogue."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of a checklist: any of these papers serves.

    `needed` says whether it must be there before the party may act; what is not needed by everybody has
    `only_for` beside it, in words.
    """

    any_of: tuple[DocumentKind, ...]
    needed: bool = True
    only_for: str = ""


_HAZARDOUS = N_("for hazardous waste")
CHECKLISTS: Mapping[OrganisationKind, tuple[Requirement, ...]] = {
    OrganisationKind.PRODUCER: (
        Requirement((_K.BUSINESS_LICENCE,)),
        Requirement((_K.EMISSION_PERMIT,), needed=False),
        Requirement((_K.MANAGEMENT_PLAN,), needed=False, only_for=_HAZARDOUS),
        Requirement((_K.EMERGENCY_PLAN,), needed=False, only_for=_HAZARDOUS),
    ),
    OrganisationKind.PROCESSOR: (
        Requirement((_K.BUSINESS_LICENCE,)),
        Requirement((_K.COMPREHENSIVE_LICENCE, _K.COLLECTION_LICENCE, _K.CONTRACTOR_PROOF)),
        Requirement((_K.EMERGENCY_PLAN,)),
        Requirement((_K.LIABILITY_INSURANCE,), needed=False, only_for=_HAZARDOUS),
    ),
    OrganisationKind.CARRIER: (
        Requirement((_K.BUSINESS_LICENCE,)),
        Requirement((_K.DANGEROUS_GOODS_PERMIT, _K.ROAD_PERMIT)),
        Requirement((_K.EMERGENCY_PLAN,), needed=False, only_for=_HAZARDOUS),
        Requirement((_K.LIABILITY_INSURANCE,), needed=False, only_for=_HAZARDOUS),
    ),
}
"""What an organisation shows before it is approved for a kind of business."""

_INSURED = frozenset({_K.COMPREHENSIVE_LICENCE, _K.COLLECTION_LICENCE, _K.DANGEROUS_GOODS_PERMIT})
"""Whoever collects, moves, uses or disposes of hazardous waste must be insured (L14)."""
_OF_OTHERS: Mapping[Subject, tuple[Requirement, ...]] = {
    Subject.PERSON: (
        Requirement((_K.DRIVER_CERTIFICATE,), needed=False, only_for=N_("for drivers of dangerous goods")),
        Requirement((_K.ESCORT_CERTIFICATE,), needed=False, only_for=N_("for escorts of dangerous goods")),
    ),
    Subject.VEHICLE: (
        Requirement((_K.VEHICLE_CERTIFICATE,)),
        Requirement((_K.VEHICLE_INSURANCE,), needed=False),
    ),
}


@dataclass(frozen=True, slots=True)
class Held:
    """One document as the checklist looks at it."""

    id: UUID
    kind: DocumentKind
    state: State
    valid_to: date | None


class Standing(StrEnum):
    """What a line of a checklist says on a day."""

    MISSING = "missing"
    RETURNED = "returned"
    WAITING = "submitted"
    ENDED = "expired"
    GOOD = "accepted"


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement with what the party has shown for it."""

    requirement: Requirement
    standing: Standing
    document: Held | None


_BETTER = (Standing.MISSING, Standing.RETURNED, Standing.ENDED, Standing.WAITING, Standing.GOOD)


def checklist(kind: OrganisationKind, documents: Collection[Held], on: date) -> tuple[Line, ...]:
    """Return what an organisation must show for a kind of business, and what it has shown.

    Insurance is asked of everybody whose papers speak of hazardous waste (L14).
    """
    wanted = CHECKLISTS.get(kind, ())
    shown = {one.kind for one in documents if one.state in OPEN | {State.ACCEPTED}}
    if kind is not OrganisationKind.PRODUCER and shown & _INSURED:
        wanted = tuple(
            Requirement(one.any_of, needed=True, only_for=one.only_for)
            if one.any_of == (DocumentKind.LIABILITY_INSURANCE,)
            else one
            for one in wanted
        )
    return tuple(_line(one, documents, on) for one in wanted)


def checklist_of(subject: Subject, documents: Collection[Held], on: date) -> tuple[Line, ...]:
    """Return what a person or a vehicle must show, and what was shown."""
    return tuple(_line(one, documents, on) for one in _OF_OTHERS.get(subject, ()))


def is_complete(lines: Iterable[Line]) -> bool:
    """Tell whether nothing that is needed is lacking."""
    return all(line.standing is Standing.GOOD for line in lines if line.requirement.needed)


def _line(requirement: Requirement, documents: Collection[Held], on: date) -> Line:
    serving = [(_standing(one, on), one) for one in documents if one.kind in requirement.any_of]
    known = [(standing, one) for standing, one in serving if standing is not None]
    if not known:
        return Line(requirement, Standing.MISSING, None)
    standing, best = max(known, key=lambda pair: (_BETTER.index(pair[0]), pair[1].valid_to or date.max))
    return Line(requirement, standing, best)


def _standing(one: Held, on: date) -> Standing | None:
    if one.state in OPEN:
        return Standing.WAITING
    if one.state is State.RETURNED:
        return Standing.RETURNED
    if one.state is not State.ACCEPTED:
        return None
    return Standing.ENDED if one.valid_to is not None and one.valid_to < on else Standing.GOOD


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where the state does not allow it."""
    return NEXT.get((state, act))


def act_of_acceptance(state: State, sheet: Sheet) -> Act:
    """Return what a reviewer's yes means: the first of two pairs of eyes only checks."""
    return Act.CHECK if sheet.eyes > 1 and state is State.SUBMITTED else Act.ACCEPT
