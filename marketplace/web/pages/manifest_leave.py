"""What exceptions and corrections does a manifest's page show, and what may this person say to them?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.datastructures import UploadFile

from compliance.manifests import corrections, evidence, exceptions
from compliance.manifests.evidence import Missing
from compliance.manifests.exceptions import Asked
from compliance.manifests.rules import Act, State, acts_from
from compliance.manifests.seals import FACTS, MASSES, Field, RevisionState
from compliance.manifests.situations import WAYS, Situation
from compliance.manifests.situations import State as Standing
from compliance.manifests.tables import (
    Manifest,
    ManifestException,
    ManifestRevision,
    ManifestRevisionAnswer,
)
from compliance.profiles.rules import SPECS, profile_of
from compliance.qualification import service as qualification
from compliance.qualification.scans import ScanStore
from compliance.record.errors import N_, Invalid
from compliance.record.work import Work
from marketplace import loads
from marketplace.web.pages.typed import kilograms, whole_number

Text = Annotated[str, msgspec.Meta(max_length=400)]


class ExceptionForm(msgspec.Struct):
    """For what leave is asked, as typed, and the file that shows it."""

    case: Text = ""
    reason: Text = ""
    evidence: Text = ""
    missing: Text = ""
    tonnes: Text = ""
    carrier: Text = ""
    plate: Text = ""
    file: UploadFile | None = None


class HandInForm(msgspec.Struct):
    """The photo or scan that was outstanding."""

    file: UploadFile | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What somebody may ask leave for: a situation and one act that it opens now."""

    value: str
    words: str
    act: str


@dataclass(frozen=True, slots=True)
class Leave:
    """One exception, in words, and whether this person decides upon it."""

    row: ManifestException
    words: str
    leads_to: str
    mine: bool
    outstanding: bool
    hands_in: bool
    """Whether this person's house hands in what is outstanding."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a correction's diff; masses are kilograms."""

    words: str
    field: str
    before: str | int | None
    after: str | int | None
    mass: bool


@dataclass(frozen=True, slots=True)
class Revision:
    """One correction with its diff, its answers, and what this person may say to it."""

    row: ManifestRevision
    changes: tuple[Change, ...]
    answers: tuple[ManifestRevisionAnswer, ...]
    may_answer: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything of it, the fields that may be corrected now, and why there may be no photo."""

    leaves: tuple[Leave, ...]
    revisions: tuple[Revision, ...]
    cases: tuple[Case, ...]
    fields: tuple[tuple[str, str], ...]
    missing: tuple[Missing, ...] = tuple(Missing)


def shown(work: Work, row: Manifest) -> Shown:
    """Return a manifest's exceptions and corrections as one person sees them."""
    return Shown(
        leaves=tuple(_leave(work, row, one) for one in exceptions.listed(work.session, row.id)),
        revisions=tuple(_revision(work, row, one) for one in corrections.listed(work.session, row.id)),
        cases=cases(row),
        fields=tuple((field.value, words_of(row, field)) for field in Field if _has(row, field)),
    )


STATED_WORDS: Mapping[Field, str] = {
    Field.PACKAGING: N_("Packaging"),
    Field.PACKAGES: N_("Number of packages"),
    Field.DG_CLASS: N_("Dangerous-goods class"),
    Field.UN_NUMBER: N_("UN number"),
    Field.MANAGEMENT_PLAN: N_("Filing number of the management plan"),
    Field.PERMIT: N_("Carrier's permit"),
    Field.LICENCE: N_("Receiver's licence"),
    Field.REMARKS: N_("Remarks"),
}


def words_of(row: Manifest, field: Field) -> str:
    """Return what a field of a manifest is called: a text of the catalogue, or a code that has a word."""
    facts = {fact.key: fact.words for fact in SPECS[profile_of(row.code)].facts}
    return STATED_WORDS.get(field) or facts.get(field.value, field.value)


def _has(row: Manifest, field: Field) -> bool:
    """Tell whether a manifest has a field: of the facts, those that its waste's family asks."""
    return field not in FACTS or any(fact.key == field for fact in SPECS[profile_of(row.code)].facts)


def cases(row: Manifest) -> tuple[Case, ...]:
    """Return what leave may be asked for now: each situation with the acts that are possible."""
    possible = acts_from(State(row.state))
    return tuple(
        Case(f"{way.situation.value}/{act.value}", way.words, act.value)
        for way in WAYS.values()
        for act in possible
        if act in way.acts
    )


def _leave(work: Work, row: Manifest, found: ManifestException) -> Leave:
    way = WAYS[Situation(found.situation)]
    mine = found.state == Standing.ASKED and exceptions.may_decide(work.who, row, found)
    missing = evidence.is_outstanding(found)
    own = work.who.organisation_id is not None and work.who.organisation_id == found.organisation_id
    return Leave(found, way.words, way.leads_to, mine, missing, missing and own)


def _revision(work: Work, row: Manifest, found: ManifestRevision) -> Revision:
    given = tuple(corrections.answers(work.session, found.id))
    waits = found.state == RevisionState.PROPOSED
    own = work.who.organisation_id
    answered = {one.organisation_id for one in given}
    return Revision(
        found,
        tuple(
            Change(words_of(row, Field(name)), name, before, after, Field(name) in MASSES)
            for name, (before, after) in sorted(found.changes.items())
        ),
        given,
        may_answer=waits and str(own) in found.asked_of and own not in answered,
        may_withdraw=waits and own == found.organisation_id and own is not None,
    )


def ask(work: Work, row: Manifest, form: ExceptionForm, store: ScanStore, within: timedelta) -> None:
    """Ask for an exception as the form says; a photo or paper that comes with it is kept under its hash.

    One that is not there yet is handed in `within` a time.
    """
    situation, _, act = form.case.partition("/")
    try:
        chosen = Situation(situation), Act(act)
    except ValueError:
        raise Invalid(N_("Choose what has happened."), field="case") from None
    missing = Missing(form.missing) if form.missing in set(Missing) else None
    kg = kilograms(form.tonnes, "kg") if form.tonnes.strip() else None
    file = kept(work, store, form.file)
    asked = Asked(
        *(*chosen, form.reason, form.evidence),
        kg=kg,
        file=file,
        missing=missing,
        hand_in_within=within,
        plate=form.plate,
    )
    loads.ask(work, row, asked, form.carrier)


def kept(work: Work, store: ScanStore, upload: UploadFile | None) -> str | None:
    """Keep a file that came with a form and return its SHA-256; None where none was chosen."""
    data = upload.file.read() if upload is not None else b""
    if upload is None or not data:
        return None
    return qualification.keep_scan(work, store, data, upload.filename).sha256


def hand_in(
    work: Work, row: Manifest, exception_id: UUID, upload: UploadFile | None, store: ScanStore
) -> None:
    """Hand in the photo or scan of an exception."""
    file = kept(work, store, upload)
    if file is None:
        raise Invalid(N_("Choose a photo or a scan."), field="file")
    loads.hand_in(work, row, exception_id, file)


def decide(work: Work, row: Manifest, item: str, verdict: str, reason: str) -> None:
    """Grant or deny an exception."""
    found = exceptions.one(work.session, row.id, _id(item))
    exceptions.decide(work, row, found, verdict == "grant", reason)


def propose(work: Work, row: Manifest, field: str, value: str, reason: str) -> None:
    """Propose to correct one field; a mass is typed in tonnes."""
    try:
        chosen = Field(field)
    except ValueError:
        raise Invalid(N_("Choose what is to be corrected."), field="field") from None
    corrections.propose(work, row, {chosen: _meant(chosen, value)}, reason)


def _meant(field: Field, value: str) -> str | int:
    if field is Field.PACKAGES:
        return whole_number(value, field.value)
    return kilograms(value, field.value) if field in MASSES else value.strip()


def answer(work: Work, row: Manifest, item: str, verdict: str, reason: str) -> None:
    """Approve, reject or take back a correction."""
    found = corrections.one(work.session, row.id, _id(item))
    if verdict == "withdraw":
        corrections.withdraw(work, row, found)
    else:
        corrections.answer(work, row, found, verdict == "approve", reason)


def _id(item: str) -> UUID:
    try:
        return UUID(item)
    except ValueError:
        raise Invalid(N_("This is no entry of the manifest."), field="item") from None
