"""What is shown of a lot's profile, and of a plant's phosphogypsum, in the reader's language?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from compliance.collection import queries as collection
from compliance.manifests import statements
from compliance.manifests.rules import UNLOADED, State, Stated
from compliance.manifests.tables import Manifest
from compliance.profiles import gypsum, queries
from compliance.profiles.rules import SPECS, Profile, missing, profile_of
from compliance.profiles.service import HOLDERS
from compliance.record.errors import DomainError
from compliance.record.work import Work
from marketplace import collected
from marketplace.edge.problems import Reason, reason_of
from marketplace.lots.tables import Lot
from marketplace.web.translation import Language, translate


class FactView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a profile wants to know."""

    key: str
    words: str
    needed: bool
    choices: dict[str, str]
    value: str


class LotProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A lot's profile with what is told of it, what is missing, and which documents go with a load."""

    profile: Profile
    words: str
    facts: list[FactView]
    documents: list[str]
    missing: list[Reason]


class MadeUp(msgspec.Struct, frozen=True, kw_only=True):
    """What of a lot hand-ins account for (grams, from how many points, from when to when), and the rest."""

    count: int
    grams: int
    points: int
    first: datetime | None
    last: datetime | None
    waits: bool
    """Whether more of its code waits at its site."""
    is_open: bool
    """Whether what it is made up of, or could be of what waits, may still change."""
    warnings: list[Reason]


class PlantView(msgspec.Struct, frozen=True, kw_only=True):
    """One plant's year of phosphogypsum, kilograms; `plant` is the facility in the ledger."""

    plant: str
    made_kg: int
    used_kg: int
    harmless_kg: int
    fresh_kg: int
    piled_kg: int
    off_pile_kg: int
    pile_kg: int
    open_kg: int
    may_make_kg: int
    used_percent: float | None
    target_percent: int | None
    remarks: list[Reason]


def plants(work: Work, unit: UUID, year: int, language: Language) -> list[PlantView]:
    """Return a unit's phosphogypsum of a year, plant by plant, with what is to be said of it."""
    found = []
    for plant, one in queries.gypsum(work.session, unit, year).items():
        share = one.used_percent
        found.append(
            PlantView(
                plant=plant,
                made_kg=one.made_kg,
                used_kg=one.used_kg,
                harmless_kg=one.harmless_kg,
                fresh_kg=one.fresh_kg,
                piled_kg=one.piled_kg,
                off_pile_kg=one.off_pile_kg,
                pile_kg=one.pile_kg,
                open_kg=one.open_kg,
                may_make_kg=one.may_make_kg,
                used_percent=None if share is None else round(float(share), 1),
                target_percent=gypsum.target_percent(year),
                remarks=[reason_of(remark, language) for remark in gypsum.remarks(one, year, work.today)],
            )
        )
    return found


def lot_profile(work: Work, lot_id: UUID, code: str, language: Language) -> LotProfile:
    """Return a lot's profile in a language; the caller has made sure that the lot may be seen."""
    spec = SPECS[profile_of(code)]
    facts = queries.facts(work.session, lot_id)
    return LotProfile(
        profile=spec.profile,
        words=translate(language, spec.words),
        facts=[
            FactView(
                key=fact.key,
                words=translate(language, fact.words),
                needed=fact.needed,
                choices={key: translate(language, words) for key, words in (fact.choices or {}).items()},
                value=facts.get(fact.key, ""),
            )
            for fact in spec.facts
        ],
        documents=[translate(language, one) for one in spec.documents],
        missing=[fact_missing(one, language) for one in missing(spec.profile, facts, work.today)],
    )


def made_up(work: Work, row: Lot, language: Language) -> MadeUp:
    """Return what a lot is made up of; the caller has made sure that it may be seen."""
    held, waits = collection.held_and_waits(work.session, row.id, row.organisation_id, row.site_id, row.code)
    return MadeUp(
        count=held.count,
        grams=held.grams,
        points=held.points,
        first=held.first,
        last=held.last,
        waits=waits,
        is_open=bool(held.count or waits) and collected.is_open(work.session, row),
        warnings=[reason_of(one, language) for one in collected.faults(work, row, held)],
    )


def fact_missing(one: DomainError, language: Language) -> Reason:
    """Say what is missing, the fact's own name in the reader's language too."""
    one.values["name"] = translate(language, str(one.values["name"]))
    return reason_of(one, language)


class ManifestProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What a load's family of waste asks and was told, and the batteries on board."""

    profile: Profile
    words: str
    facts: list[tuple[str, str]]
    batteries: list[str]
    stated: Stated
    frozen_at: datetime | None
    added: bool
    """What is stated was filled in after the manifest had been signed."""
    may_load: bool
    """Whether this person may say now which batteries travel."""


def of_manifest(work: Work, row: Manifest, language: Language) -> ManifestProfile:
    """Return a manifest's profile; the caller has made sure that the manifest may be seen."""
    spec = SPECS[profile_of(row.code)]
    known, stated = statements.row_of(work, row.id), statements.stated(work, row)
    facts = [
        (translate(language, fact.words), translate(language, (fact.choices or {}).get(said, said)))
        for fact in spec.facts
        if (said := stated.facts.get(fact.key, ""))
    ]
    own = row.mover_id == work.who.organisation_id and work.who.has(*HOLDERS)
    return ManifestProfile(
        profile=spec.profile,
        words=translate(language, spec.words),
        facts=facts,
        batteries=[one.code for one in queries.travelling(work.session, row.id)],
        stated=stated,
        frozen_at=known.frozen_at if known is not None else None,
        added=known is not None and known.added,
        may_load=own and spec.profile is Profile.BATTERY and State(row.state) in UNLOADED,
    )
