"""What does a manifest state of waste, packages, papers and parties, and from when on is it frozen?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from uuid import UUID

import msgspec

from compliance.catalogue.rules import WasteType
from compliance.ledgers import queries as ledgers
from compliance.manifests import pinning
from compliance.manifests.rules import State, Stated
from compliance.manifests.seals import FACTS, STATED, Field
from compliance.manifests.tables import Manifest, ManifestStatement
from compliance.profiles import queries as profiles
from compliance.profiles.rules import profile_of, wrong
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid, raise_all
from compliance.record.ledger import canonical
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Licence, Mode, judge_carrier
from compliance.registry.tables import Organisation, Site

Value = str | int | None
UN = re.compile(r"^(UN)? ?(\d{4})$", re.IGNORECASE)
DIVISIONS: Mapping[str, int] = {"1": 6, "2": 3, "4": 3, "5": 2, "6": 2}
CLASSES = frozenset(
    {*"123456789", *(f"{main}.{n + 1}" for main, count in DIVISIONS.items() for n in range(count))}
)
"""The classes and divisions of dangerous goods (GB 6944)."""
MOST_PACKAGES = 100_000
LONGEST: Mapping[Field, int] = {Field.REMARKS: 400, Field.PACKAGING: 60, Field.MANAGEMENT_PLAN: 40}


@dataclass(frozen=True, slots=True)
class Packed:
    """What the mover says itself of a load that is not signed yet; None leaves what stands there."""

    packaging: str | None = None
    packages: int | None = None
    dg_class: str | None = None
    un_number: str | None = None


def row_of(work: Work, manifest_id: UUID) -> ManifestStatement | None:
    """Return the stored statement of a manifest; the caller has made sure that it may be seen."""
    return work.session.get(ManifestStatement, manifest_id)


def stated(work: Work, row: Manifest) -> Stated:
    """Return what a manifest states: as frozen, or what would be frozen if it were signed now."""
    known = row_of(work, row.id)
    if known is not None and known.frozen_at is not None:
        return read(known.stated)
    return _gathered(work, row, known)


def read(stored: Mapping[str, object]) -> Stated:
    """Return a stored statement by its names."""
    return msgspec.convert(stored, Stated)


def content(work: Work, row: Manifest) -> dict[str, object]:
    """Return what a manifest states, to the letter in which it is signed."""
    known = row_of(work, row.id)
    if known is not None and known.frozen_at is not None:
        return dict(known.stated)
    return asdict(_gathered(work, row, known))


def dg_class(work: Work, row: Manifest) -> str:
    """Return the class of dangerous goods that the mover states, empty where it leaves that to the waste."""
    known = row_of(work, row.id) if row.hazardous else None
    return str(known.stated.get("dg_class") or "") if known is not None else ""


def digest(work: Work, row: Manifest) -> str:
    """Return the SHA-256 of what a manifest states, in canonical JSON; a terminal's signature names it.

    Without the crew, which the terminal's own signature of the loading puts there.
    """
    shown = {name: told for name, told in content(work, row).items() if name != "crew"}
    return hashlib.sha256(canonical(shown).encode()).hexdigest()


def begin(work: Work, row: Manifest, lot_id: UUID | None, first: Stated, parent: Manifest | None) -> None:
    """Open the statement of a new draft; what is sent on states of its waste what it came with."""
    if parent is not None:
        before = stated(work, parent)
        first = replace(
            first,
            packaging=before.packaging,
            dg_class=before.dg_class,
            un_number=before.un_number,
            remarks=before.remarks,
            facts=before.facts,
        )
    work.session.add(ManifestStatement(manifest_id=row.id, lot_id=lot_id, stated=asdict(first)))


def pack(work: Work, row: Manifest, said: Packed) -> Stated:
    """Say how a load is packed and which dangerous goods it is: the mover's part, until it signs (M4, M6).

    Raises every fault at once; `Conflict` once somebody has signed.
    """
    if work.who.organisation_id != row.mover_id or not work.who.has(Role.PRODUCER):
        raise Forbidden(N_("Only the {party} may do this on the manifest."), values={"party": "mover"})
    known = row_of(work, row.id)
    if State(row.state) is not State.DRAFT or (known is not None and known.frozen_at is not None):
        raise Conflict(
            N_("What a manifest that is {state} states is changed by a correction alone."),
            code="manifest_stated",
            way_out=N_("Propose a correction to those it affects."),
            values={"state": row.state},
        )
    told = {Field(name): value for name, value in asdict(said).items() if value is not None}
    raise_all([one for field, value in told.items() if value for one in _faults(row, field, value)])
    if known is None:
        known = ManifestStatement(manifest_id=row.id, stated=asdict(Stated()))
        work.session.add(known)
    known.stated = asdict(changed(read(known.stated), told))
    row.changed_at = work.now
    work.append("ManifestPacked", row.id, **{field.value: value for field, value in told.items()})
    return stated(work, row)


def freeze(work: Work, row: Manifest) -> None:
    """Freeze what a manifest states, with the first signature on it."""
    known = row_of(work, row.id)
    if known is not None and known.frozen_at is not None:
        return
    whole = asdict(_gathered(work, row, known))
    if known is None:
        known = ManifestStatement(manifest_id=row.id)
        work.session.add(known)
    known.stated, known.frozen_at = whole, work.now


def name_carrier(work: Work, row: Manifest) -> None:
    """State another carrier and its permit on a frozen manifest: it has taken the load, or is to."""
    known = row_of(work, row.id)
    if known is None or known.frozen_at is None:
        return
    house = registry.organisation(work.session, row.carrier_id)
    waste = pinning.waste_of(work.session, row)
    held = registry.licences(work.session, [row.carrier_id], work.today.year).get(row.carrier_id, [])
    carrier = {"name": house.name, "contact": house.contact}
    permit = _permit(held, waste, read(known.stated).dg_class, work.today)
    known.stated = {**known.stated, "carrier": carrier, "permit": permit}


def value(row: Manifest, of: Stated, field: Field) -> Value:
    """Return what stands in a field of a manifest, its own or its statement's."""
    if field in FACTS:
        return of.facts.get(field.value, "")
    found: Value = getattr(of if field in STATED else row, field.value)
    return found


def changed(before: Stated, changes: Mapping[Field, Value]) -> Stated:
    """Return a statement with some of its fields changed; others are left to the caller."""
    own = {field.value: _plain(field, value) for field, value in changes.items() if field in STATED}
    facts = {field.value: str(value) for field, value in changes.items() if field in FACTS}
    return replace(before, **own, facts={**before.facts, **facts})  # type: ignore[arg-type]


def correct(work: Work, row: Manifest, changes: Mapping[Field, Value]) -> None:
    """Put an approved correction into a frozen statement; another waste brings its own category."""
    before = stated(work, row)
    after = changed(before, changes)
    if Field.CODE in changes:
        waste = pinning.waste_of(work.session, row)
        category, hazards, main = _of_waste(waste, after.dg_class if Field.DG_CLASS in changes else "")
        after = replace(after, category=category, hazards=hazards, dg_class=main)
    known = row_of(work, row.id)
    if known is not None and after != before:
        known.stated = asdict(after)


def correction_faults(work: Work, row: Manifest, changes: Mapping[Field, Value]) -> list[DomainError]:
    """Return why a statement cannot say this: no such class, number or count, or no paper of that party."""
    found = [one for field, value in changes.items() for one in _faults(row, field, value)]
    holders = {Field.PERMIT: row.carrier_id, Field.LICENCE: row.receiver_id}
    for field in holders.keys() & changes.keys():
        held = registry.licences(work.session, [holders[field]], work.today.year).get(holders[field], [])
        if changes[field] not in {one.number for one in held}:
            text = N_("No licence with the number {number} is on file for this party.")
            found.append(Invalid(text, field=field.value, values={"number": str(changes[field])[:40]}))
    return found


def _plain(field: Field, value: Value) -> Value:
    if field is Field.UN_NUMBER:
        fits = UN.match(str(value or "").strip())
        return fits[2] if fits else ""
    return value if field is Field.PACKAGES else str(value or "").strip()


def _faults(row: Manifest, field: Field, value: Value) -> list[DomainError]:
    text = str(value if value is not None else "").strip()
    if field is Field.PACKAGES:
        fits = isinstance(value, int) and 0 < value <= MOST_PACKAGES
        wrong_count = N_("Say how many packages there are: a whole number from 1 on.")
        return [] if fits else [Invalid(wrong_count, field=field.value)]
    if field is Field.DG_CLASS and text not in CLASSES:
        wrong_class = N_("{value} is no class or division of dangerous goods.")
        return [Invalid(wrong_class, field=field.value, values={"value": text[:10]})]
    if field is Field.UN_NUMBER and not UN.match(text):
        wrong_number = N_("“{value}” is no UN number: it has four digits.")
        return [Invalid(wrong_number, field=field.value, values={"value": text[:10]})]
    if field in FACTS:
        return wrong(profile_of(row.code), {field.value: text})
    if field in STATED and len(text) > LONGEST.get(field, 60):
        too_long = N_("Must have at most {limit} characters or entries.")
        return [Invalid(too_long, field=field.value, values={"limit": LONGEST.get(field, 60)})]
    return []


def _gathered(work: Work, row: Manifest, known: ManifestStatement | None) -> Stated:
    """Return what the register says today of a manifest that nobody has signed, and what its mover said."""
    session, on = work.session, work.today
    said = read(known.stated) if known is not None and known.stated else Stated()
    waste = pinning.waste_of(session, row)
    held = registry.licences(session, {row.carrier_id, row.receiver_id}, on.year)
    houses = registry.organisations(session, [row.mover_id, row.carrier_id, row.receiver_id])
    ends = registry.sites(session, [row.origin_site_id, row.destination_site_id])
    plan = ledgers.plan(session, row.mover_id, on.year) if row.hazardous else None
    lot_id = known.lot_id if known is not None else None
    category, hazards, main = _of_waste(waste, said.dg_class)
    return replace(
        said,
        category=category,
        hazards=hazards,
        dg_class=main,
        management_plan=plan.number if plan is not None else "",
        permit=_permit(held.get(row.carrier_id, []), waste, main, on),
        licence=licence_number(held.get(row.receiver_id, []), waste, Mode(row.mode), on),
        facts=profiles.facts(session, lot_id) if lot_id is not None else said.facts,
        mover=party_stated(houses[row.mover_id], ends[row.origin_site_id]),
        carrier=party_stated(houses[row.carrier_id]),
        receiver=party_stated(houses[row.receiver_id], ends[row.destination_site_id]),
    )


def _of_waste(waste: WasteType, dg_class: str) -> tuple[str, str, str]:
    """Return category, hazards and class of dangerous goods, the stated one before the derived one."""
    return waste.category, waste.hazards, dg_class or gates.dangerous_class(waste) or ""


def _permit(held: list[Licence], waste: WasteType, dg_class: str, on: date) -> str:
    found = judge_carrier(held, dg_class=gates.dangerous_class(waste, dg_class), on=on).licence
    return found.number if found is not None else ""


def licence_number(held: list[Licence], waste: WasteType | None, mode: Mode, on: date) -> str:
    """Return the number of the licence that comes nearest to covering a waste; empty where none is held."""
    found = gates.judge_receiver(held, waste, mode, 0, on).licence if waste is not None else None
    return found.number if found is not None else ""


def party_stated(house: Organisation, site: Site | None = None) -> dict[str, str]:
    """Return how a party is called, how it is reached, and of mover and receiver which place it is."""
    found = {"name": house.name, "contact": house.contact}
    if site is None:
        return found
    return found | {"place": " · ".join(filter(None, (site.name, site.address)))}
