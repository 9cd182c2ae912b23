"""How is a manifest drawn up and signed step by step?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from compliance.catalogue import queries as catalogue
from compliance.catalogue import service as catalogue_service
from compliance.manifests import queries
from compliance.manifests.rules import (
    SIGNER,
    SIGNING_ROLES,
    UNLOADED,
    Act,
    Document,
    Party,
    State,
    next_state,
    number_of,
)
from compliance.manifests.tables import Manifest, ManifestSignature
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, RuleBroken, raise_all
from compliance.record.who import SYSTEM, Role
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Mode
from compliance.rulebook.rules import broken


@dataclass(frozen=True, slots=True)
class NewManifest:
    """Everything that a deal fixes about a load."""

    deal_id: UUID
    mover_id: UUID
    carrier_id: UUID
    receiver_id: UUID
    origin_site_id: UUID
    destination_site_id: UUID
    vehicle_id: UUID
    plate: str
    driver_id: UUID | None
    code: str
    mode: str
    planned_kg: int


@dataclass(frozen=True, slots=True)
class Signing:
    """What comes with an act: where it was done, the mass it states, the reason it gives."""

    lat: float | None = None
    lon: float | None = None
    kg: int | None = None
    reason: str = ""
    faults: tuple[RuleBroken, ...] = ()
    """What the caller found wrong at the same gate, to be told with the rest."""


def draft(work: Work, new: NewManifest) -> Manifest:
    """Draw up the manifest of a deal; a second call for the same deal returns the first one's."""
    existing = queries.by_deal(work.session, new.deal_id)
    if existing is not None:
        return existing
    waste = catalogue_service.require(work, new.code, work.today, "code")
    row = Manifest(
        id=work.new_id(),
        deal_id=new.deal_id,
        number=None,
        state=State.DRAFT.value,
        mover_id=new.mover_id,
        carrier_id=new.carrier_id,
        receiver_id=new.receiver_id,
        origin_site_id=new.origin_site_id,
        destination_site_id=new.destination_site_id,
        vehicle_id=new.vehicle_id,
        plate=new.plate,
        driver_id=new.driver_id,
        code=waste.code,
        edition=waste.edition,
        waste_name=waste.category_name,
        hazardous=waste.kind == gates.HAZARDOUS,
        mode=new.mode,
        planned_kg=new.planned_kg,
        created_at=work.now,
        changed_at=work.now,
    )
    work.session.add(row)
    work.append("ManifestDrafted", row.id, deal=str(new.deal_id), planned_kg=new.planned_kg)
    return row


def act(work: Work, row: Manifest, what: Act, signing: Signing | None = None) -> Manifest:
    """Sign an act on a manifest: right party, right state, every gate of that act, all reasons at once."""
    signing = signing or Signing()
    _require_party(work, row, what)
    target = next_state(State(row.state), what)
    if target is None:
        raise _out_of_turn(row, what)
    raise_all([*_faults(work, row, what, signing), *signing.faults])
    _apply(work, row, what, signing)
    row.state = target.value
    row.changed_at = work.now
    _sign(work, row, what, signing)
    return row


def reasons_against(work: Work, row: Manifest, what: Act, signing: Signing) -> list[DomainError]:
    """Return everything that stands against an act today, whoever asks; empty where it may be signed."""
    out_of_turn = [] if next_state(State(row.state), what) else [_out_of_turn(row, what)]
    return [*out_of_turn, *_faults(work, row, what, signing), *signing.faults]


def _out_of_turn(row: Manifest, what: Act) -> Conflict:
    return Conflict(
        N_("A manifest that is {state} cannot be moved by: {act}."),
        code="manifest_state",
        values={"state": row.state, "act": what.value},
    )


def _require_party(work: Work, row: Manifest, what: Act) -> None:
    party = SIGNER[what]
    holder = {Party.MOVER: row.mover_id, Party.CARRIER: row.carrier_id, Party.RECEIVER: row.receiver_id}
    own = work.who.organisation_id == holder[party] and work.who.has(*SIGNING_ROLES[party])
    if not own and work.who != SYSTEM:
        raise Forbidden(N_("Only the {party} may do this on the manifest."), values={"party": party.value})


def _faults(work: Work, row: Manifest, what: Act, signing: Signing) -> list[RuleBroken]:
    if what is Act.ISSUE:
        return _issue_faults(work, row)
    if what is Act.LOAD:
        return _loading_faults(work, row)
    if what in {Act.ACCEPT, Act.ACCEPT_PART}:
        return _acceptance_faults(work, row, signing)
    return []


def _issue_faults(work: Work, row: Manifest) -> list[RuleBroken]:
    """Check both other parties again on the day of issue (M4): L1, L3, L9, L13, X1.

    The mass was booked with the deal (L4) and is not asked for twice.
    """
    session = work.session
    waste = catalogue_service.require(work, row.code, work.today, "code")
    faults = gates.receiver_faults(session, row.receiver_id, waste, Mode(row.mode), 0, work.today)
    faults += gates.carrier_faults(session, row.carrier_id, waste, work.today)
    origin = registry.site(session, row.origin_site_id)
    destination = registry.site(session, row.destination_site_id)
    if row.hazardous and origin.division_code[:2] != destination.division_code[:2]:
        faults.append(broken("X1.approval_missing", work.today, field="receiver", code=row.code))
    return faults


def _loading_faults(work: Work, row: Manifest) -> list[RuleBroken]:
    """Check the load at the gate: weighed (M4), carrier, driver and number in order (M6, M7, L9)."""
    session = work.session
    waste = catalogue_service.require(work, row.code, work.today, "code")
    driver = registry.people(session, [row.driver_id]).get(row.driver_id) if row.driver_id else None
    faults = gates.carrier_faults(session, row.carrier_id, waste, work.today)
    faults += gates.driver_faults(driver, waste, work.today)
    if row.number is None:
        faults.append(broken("M7.no_manifest", work.today, field="manifest"))
    if row.loaded_kg is None:
        faults.append(broken("M4.not_weighed", work.today, field="weighing"))
    return faults


def _acceptance_faults(work: Work, row: Manifest, signing: Signing) -> list[RuleBroken]:
    if signing.kg is None or signing.kg <= 0:
        return [broken("M10.weight_missing", work.today, field="accepted_kg")]
    if row.loaded_kg is not None and signing.kg > row.loaded_kg * 2:
        return [
            broken(
                "M10.over_accepted", work.today, field="accepted_kg", kg=signing.kg, loaded_kg=row.loaded_kg
            )
        ]
    return []


def _apply(work: Work, row: Manifest, what: Act, signing: Signing) -> None:
    if what is Act.ISSUE:
        origin = registry.site(work.session, row.origin_site_id)
        prefecture = catalogue.prefecture_of(work.session, origin.division_code)
        serial = queries.next_serial(work.session, work.today.year, prefecture[:4])
        row.number = number_of(work.today.year, prefecture, serial)
    if what in {Act.ACCEPT, Act.ACCEPT_PART}:
        row.accepted_kg = signing.kg
    if what is Act.REFUSE:
        row.accepted_kg = 0
    if signing.reason:
        row.reason = signing.reason


def _sign(work: Work, row: Manifest, what: Act, signing: Signing) -> None:
    given = queries.signatures(work.session, row.id)
    document_hash = document(work, row).hash()
    work.session.add(
        ManifestSignature(
            id=work.new_id(),
            manifest_id=row.id,
            ordinal=len(given) + 1,
            act=what.value,
            party=SIGNER[what].value,
            person_id=work.who.person_id,
            person_name=work.who.name,
            organisation_id=work.who.organisation_id,
            at=work.now,
            lat=signing.lat,
            lon=signing.lon,
            document_hash=document_hash,
        )
    )
    kind = "ManifestIssued" if what is Act.ISSUE else "ManifestSigned"
    work.append(
        kind,
        row.id,
        act=what.value,
        state=row.state,
        deal=str(row.deal_id),
        number=row.number or "",
        kg=signing.kg,
        reason=signing.reason,
        lat=signing.lat,
        lon=signing.lon,
        document_hash=document_hash,
    )


def carry_by(work: Work, row: Manifest, vehicle_id: UUID, plate: str, driver_id: UUID | None) -> Manifest:
    """Fill in another vehicle and driver: the carrier's part (M7), open until it signs the loading.

    The caller has made sure that both may move the waste. Raises `Conflict` for a load that is on its way.
    """
    own = work.who.organisation_id == row.carrier_id and work.who.has(Role.DISPATCHER)
    if not own and work.who != SYSTEM:
        raise Forbidden(N_("Only the {party} may do this on the manifest."), values={"party": "carrier"})
    if State(row.state) not in UNLOADED:
        raise Conflict(
            N_("The vehicle of a manifest that is {state} can no longer be changed."),
            code="manifest_carried",
            values={"state": row.state},
        )
    row.vehicle_id, row.plate, row.driver_id = vehicle_id, plate, driver_id
    row.changed_at = work.now
    work.append(
        "ManifestReassigned",
        row.id,
        deal=str(row.deal_id),
        vehicle=str(vehicle_id),
        plate=plate,
        driver=str(driver_id or ""),
    )
    return row


def document(work: Work, row: Manifest) -> Document:
    """Return the signed fields of a manifest as they stand."""
    parties = registry.organisations(work.session, [row.mover_id, row.carrier_id, row.receiver_id])
    return Document(
        number=row.number or "",
        mover=parties[row.mover_id].uscc,
        carrier=parties[row.carrier_id].uscc,
        receiver=parties[row.receiver_id].uscc,
        origin=str(row.origin_site_id),
        destination=str(row.destination_site_id),
        plate=row.plate,
        driver=str(row.driver_id or ""),
        code=row.code,
        edition=row.edition,
        mode=row.mode,
        planned_kg=row.planned_kg,
        loaded_kg=row.loaded_kg,
        accepted_kg=row.accepted_kg,
    )


def note_loaded(work: Work, deal_id: UUID, kg: int) -> None:
    """Write the weighed mass of the load on an issued manifest, before the carrier signs for it (M4)."""
    row = queries.by_deal(work.session, deal_id)
    if row is not None and State(row.state) is State.ISSUED:
        row.loaded_kg = kg
        row.changed_at = work.now
