"""How is a manifest drawn up and signed step by step?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from compliance.approvals import service as approvals
from compliance.catalogue import queries as catalogue
from compliance.catalogue import service as catalogue_service
from compliance.catalogue.rules import WasteType
from compliance.construction import service as construction
from compliance.construction.rules import is_construction
from compliance.manifests import crew, exceptions, gates, pinning, queries, statements
from compliance.manifests.gates import Signing
from compliance.manifests.rules import (
    FIRST_FORM,
    FORM,
    NAMES_CREW,
    SIGNER,
    UNLOADED,
    Act,
    Document,
    Party,
    Purpose,
    State,
    Stated,
    next_state,
    number_of,
    signers,
    signing_roles,
)
from compliance.manifests.tables import Manifest, ManifestException, ManifestSignature
from compliance.record.credential import Credential
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid, raise_all
from compliance.record.who import SYSTEM, Role
from compliance.record.work import Work
from compliance.registry import bookings
from compliance.registry import gates as registry_gates
from compliance.registry import queries as registry

__all__ = ["NewManifest", "Signing", "act", "carry_by", "document", "draft", "note_loaded"]


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
    escort_id: UUID | None = None
    """Without one, hazardous waste gets the carrier's first escort with a certificate beside the driver."""
    parent: Manifest | None = None
    purpose: Purpose = Purpose.TRANSFER
    """Why it moves; what goes back or onward has a `parent`, the manifest of the refused load."""
    lot_id: UUID | None = None
    packaging: str = ""
    remarks: str = ""
    """Of which lot the load is, and what the lot says of it."""


def draft(work: Work, new: NewManifest) -> Manifest:
    """Draw up the manifest of a deal; a second call for the same deal returns the first one's."""
    existing = queries.by_deal(work.session, new.deal_id) if new.parent is None else None
    if existing is not None:
        return existing
    row = _row(work, new, _waste(work, new))
    work.session.add(row)
    first = Stated(packaging=new.packaging, remarks=new.remarks)
    statements.begin(work, row, new.lot_id, first, new.parent)
    work.append(
        "ManifestDrafted",
        row.id,
        deal=str(new.deal_id),
        planned_kg=new.planned_kg,
        purpose=row.purpose,
        parent=str(row.parent_id or ""),
    )
    return row


def _waste(work: Work, new: NewManifest) -> WasteType:
    """Return what a load is by today's edition; what goes back or onward is what it came as."""
    if new.parent is not None:
        return pinning.waste_of(work.session, new.parent)
    return catalogue_service.require(work, new.code, work.today, "code")


def _row(work: Work, new: NewManifest, waste: WasteType) -> Manifest:
    hazardous = waste.kind == registry_gates.HAZARDOUS
    return Manifest(
        id=work.new_id(),
        deal_id=new.deal_id,
        parent_id=new.parent.id if new.parent else None,
        purpose=new.purpose.value,
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
        escort_id=new.escort_id or (_escort(work, new.carrier_id, new.driver_id) if hazardous else None),
        code=waste.code,
        edition=waste.edition,
        waste_name=waste.category_name,
        hazardous=hazardous,
        mode=new.mode,
        planned_kg=new.planned_kg,
        loaded_kg=new.planned_kg if new.parent else None,
        created_at=work.now,
        changed_at=work.now,
    )


def _escort(work: Work, carrier_id: UUID, driver_id: UUID | None) -> UUID | None:
    found = registry.escort_of(work.session, carrier_id, work.today, [driver_id])
    return found.id if found is not None else None


def act(work: Work, row: Manifest, what: Act, signing: Signing | None = None) -> Manifest:
    """Sign an act on a manifest: right party, right state, every gate of that act, all reasons at once."""
    signing = signing or Signing()
    leaves = exceptions.granted(work.session, row, what)
    party = _required(what, _party_of(work, row, what, leaves))
    target = next_state(State(row.state), what)
    if target is None:
        raise _out_of_turn(row, what)
    found = [*gates.faults(work, row, what, signing), *signing.faults]
    raise_all(exceptions.still_against(leaves, found))
    _apply(work, row, what, signing, leaves)
    row.state = target.value
    row.changed_at = work.now
    statements.freeze(work, row)
    if what in NAMES_CREW:
        crew.name(work, row)
    _sign(work, row, what, party, signing, leaves[0].id if leaves else None)
    exceptions.use_up(work, leaves)
    return row


def reasons_against(
    work: Work, row: Manifest, what: Act, signing: Signing, known: gates.Facts | None = None
) -> list[DomainError]:
    """Return everything that stands against an act today, whoever asks; empty where it may be signed.

    `known`: the facts of the load, where several acts are asked about at once.
    """
    out_of_turn = [] if next_state(State(row.state), what) else [_out_of_turn(row, what)]
    found = [*gates.faults(work, row, what, signing, known), *signing.faults]
    leaves = exceptions.granted(work.session, row, what) if found else []
    return [*out_of_turn, *exceptions.still_against(leaves, found)]


def _out_of_turn(row: Manifest, what: Act) -> Conflict:
    return Conflict(
        N_("A manifest that is {state} cannot be moved by: {act}."),
        code="manifest_state",
        values={"state": row.state, "act": what.value},
    )


def party_of(work: Work, row: Manifest, what: Act) -> Party | None:
    """Return in which capacity the acting person may do an act, None where in none."""
    return _party_of(work, row, what, None)


def _party_of(
    work: Work, row: Manifest, what: Act, leaves: Sequence[ManifestException] | None
) -> Party | None:
    """Do so with the leaves that are known already, or look for them where they matter."""
    holders = exceptions.holders(row)
    if what is Act.TAKE_OVER:
        holders[Party.CARRIER] = queries.next_carrier(work.session, row.id) or row.carrier_id
    if work.who == SYSTEM:
        return SIGNER[what]
    for party in signers(what):
        in_role = work.who.has(*signing_roles(party, Purpose(row.purpose)))
        if in_role and work.who.organisation_id == holders[party]:
            return party
    leaves = exceptions.granted(work.session, row, what) if leaves is None else leaves
    stands_in = exceptions.stands_in(work.who, holders, Purpose(row.purpose), what, leaves)
    return SIGNER[what] if stands_in else None


def require_party(work: Work, row: Manifest, what: Act) -> Party:
    """Return in which capacity the acting person does an act, or raise `Forbidden`."""
    return _required(what, party_of(work, row, what))


def _required(what: Act, party: Party | None) -> Party:
    if party is None:
        said = SIGNER[what].value
        raise Forbidden(N_("Only the {party} may do this on the manifest."), values={"party": said})
    return party


def _apply(
    work: Work, row: Manifest, what: Act, signing: Signing, leaves: Sequence[ManifestException]
) -> None:
    if row.number is None and what in {Act.ISSUE, Act.BACK_ENTER}:
        origin = registry.site(work.session, row.origin_site_id)
        prefecture = catalogue.prefecture_of(work.session, origin.division_code)
        serial = queries.next_serial(work.session, work.today.year, prefecture[:4])
        row.number = number_of(work.today.year, prefecture, serial)
    if what in {Act.ACCEPT, Act.ACCEPT_PART}:
        row.accepted_kg = signing.kg
        row.received_kg = signing.kg if signing.received_kg is None else signing.received_kg
    if what is Act.REFUSE:
        row.accepted_kg = 0
        row.received_kg = row.loaded_kg if signing.received_kg is None else signing.received_kg
    _draw_spoil(work, row, what, leaves)
    if what is Act.CANCEL and row.parent_id is not None:
        bookings.confirm_draw(work, row.booking_id, 0)
        approvals.confirm(work, row.booking_id, 0)
    if what is Act.ISSUE and row.purpose != Purpose.RETURN:
        approvals.draw(work, gates.crossing(work, row), row.booking_id, by_leave=bool(leaves))
    typed_kg = next((leave.kg for leave in leaves if leave.kg), None)
    if what is Act.LOAD and typed_kg is not None:
        row.loaded_kg, row.loaded_typed = typed_kg, True
    if signing.reason:
        row.reason = signing.reason


def _draw_spoil(work: Work, row: Manifest, what: Act, leaves: Sequence[ManifestException]) -> None:
    """Let a load of construction waste draw on its treatment plan, and follow what becomes of it."""
    if what is Act.ISSUE and row.purpose != Purpose.RETURN and is_construction(row.code):
        spoil, site = gates.spoil_of(work, row), row.origin_site_id
        construction.draw(work, spoil, row.id, site, row.planned_kg, by_leave=bool(leaves))
    if what in {Act.ACCEPT, Act.ACCEPT_PART} and is_construction(row.code):
        construction.confirm(work, row.id, row.accepted_kg or 0)
    if what in {Act.CANCEL, Act.REFUSE}:
        construction.confirm(work, row.id, 0)


def _sign(
    work: Work, row: Manifest, what: Act, party: Party, signing: Signing, exception_id: UUID | None
) -> None:
    found = ManifestSignature(
        id=work.new_id(),
        manifest_id=row.id,
        ordinal=len(queries.signatures(work.session, row.id)) + 1,
        act=what.value,
        party=party.value,
        person_id=work.who.person_id,
        person_name=work.who.name,
        organisation_id=work.who.organisation_id,
        at=work.now,
        lat=signing.lat,
        lon=signing.lon,
        document_hash=document(work, row).hash(),
        credential={Act.BACK_ENTER: Credential.PAPER}.get(what, work.signed_by()).value,
        form=FORM,
        label=signing.label.strip()[:60],
        exception_id=exception_id,
    )
    work.session.add(found)
    _tell(work, row, what, signing, found)


def _tell(work: Work, row: Manifest, what: Act, signing: Signing, found: ManifestSignature) -> None:
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
        document_hash=found.document_hash,
        form=found.form,
        label=found.label,
        credential=found.credential,
        exception=str(found.exception_id or ""),
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
    if row.hazardous and (row.escort_id is None or row.escort_id == driver_id):
        row.escort_id = _escort(work, row.carrier_id, driver_id)
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


def escort_by(work: Work, row: Manifest, person_id: UUID) -> Manifest:
    """Name the escort: one of the carrier's own people beside the driver, until the loading is signed (L9).

    Whether the certificate counts is asked at the loading. Raises `Invalid` for anybody else.
    """
    if work.who.organisation_id != row.carrier_id or not work.who.has(Role.DISPATCHER):
        raise Forbidden(N_("Only the {party} may do this on the manifest."), values={"party": "carrier"})
    if State(row.state) not in UNLOADED:
        raise Conflict(
            N_("The crew of a manifest that is {state} can no longer be changed."),
            code="manifest_carried",
            values={"state": row.state},
        )
    found = registry.people(work.session, [person_id]).get(person_id)
    if found is None or found.organisation_id != row.carrier_id or found.id == row.driver_id:
        raise Invalid(
            N_("An escort is one of the carrier's own people, and not the driver."), field="person_id"
        )
    row.escort_id, row.changed_at = found.id, work.now
    work.append("EscortNamed", row.id, escort=str(found.id), name=found.name)
    return row


def document(work: Work, row: Manifest, form: int = FORM) -> Document:
    """Return the signed fields of a manifest as they stand, in the form of today or an earlier one."""
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
        escort=str(row.escort_id or ""),
        waste_name=row.waste_name,
        stated=None if form == FIRST_FORM else statements.content(work, row),
        form=form,
    )


def as_signed(work: Work, row: Manifest, signed: Sequence[ManifestSignature]) -> Document:
    """Return the signed fields as they stand, in the form of the newest of these signatures."""
    return document(work, row, signed[-1].form if signed else FORM)


def note_loaded(work: Work, manifest_id: UUID, kg: int | None) -> None:
    """Write the weighed mass of the load on an issued manifest, before the carrier signs for it (M4).

    None takes it back: a ticket that it rested on became void, or another load's.
    """
    row = work.session.get(Manifest, manifest_id)
    if row is not None and State(row.state) is State.ISSUED:
        row.loaded_kg = kg
        row.changed_at = work.now
