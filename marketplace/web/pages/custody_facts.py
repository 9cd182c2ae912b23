"""What do the register and the record hold about one load, read in as few looks as can be?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from compliance.manifests.tables import Manifest, ManifestLeg, ManifestPaper, ManifestSignature
from compliance.receipts.tables import Receipt
from compliance.record.rows import plain_rows
from compliance.registry.tables import Organisation, Person, Site
from tracking.trips.tables import Trip


@dataclass(frozen=True, slots=True)
class Behind:
    """Whoever and whatever stands behind a manifest; `handed_over`: it has legs, `sent_on`: linked ones."""

    mover: Organisation
    carrier: Organisation
    receiver: Organisation
    origin: Site
    destination: Site
    driver: Person | None
    trip: Trip | None
    receipt: Receipt | None
    paper: ManifestPaper | None
    handed_over: bool
    sent_on: bool

    @property
    def parties(self) -> Mapping[UUID, Organisation]:
        """Return the three parties by id."""
        return {row.id: row for row in (self.mover, self.carrier, self.receiver)}

    @property
    def sites(self) -> Mapping[UUID, Site]:
        """Return both ends by id."""
        return {row.id: row for row in (self.origin, self.destination)}


@dataclass(frozen=True, slots=True)
class Signature:
    """One act on the manifest: who, for whom, when, where, and the hash of what was signed."""

    act: str
    party: str
    person: str
    organisation: str
    simulated: bool
    at: datetime
    lat: float | None
    lon: float | None
    document_hash: str


_mover, _carrier, _receiver = aliased(Organisation), aliased(Organisation), aliased(Organisation)
_origin, _destination = aliased(Site), aliased(Site)
_child = aliased(Manifest)
_BEHIND = (
    select(
        *(_mover, _carrier, _receiver, _origin, _destination, Person, Trip, Receipt, ManifestPaper),
        exists().where(ManifestLeg.manifest_id == Manifest.id),
        exists().where(_child.parent_id == Manifest.id),
    )
    .select_from(Manifest)
    .join(_mover, _mover.id == Manifest.mover_id)
    .join(_carrier, _carrier.id == Manifest.carrier_id)
    .join(_receiver, _receiver.id == Manifest.receiver_id)
    .join(_origin, _origin.id == Manifest.origin_site_id)
    .join(_destination, _destination.id == Manifest.destination_site_id)
    .outerjoin(Person, Person.id == Manifest.driver_id)
    .outerjoin(Trip, Trip.manifest_id == Manifest.id)
    .outerjoin(Receipt, Receipt.manifest_id == Manifest.id)
    .outerjoin(ManifestPaper, ManifestPaper.manifest_id == Manifest.id)
    .where(Manifest.id == bindparam("manifest_id"))
)
_s = ManifestSignature
_SIGNATURES = (
    select(
        *(_s.act, _s.party, _s.person_name, _s.organisation_id, _s.at, _s.lat, _s.lon, _s.document_hash),
    )
    .where(_s.manifest_id == bindparam("manifest_id"))
    .order_by(_s.ordinal)
)


def behind(session: Session, manifest_id: UUID) -> Behind:
    """Return what stands behind a manifest; the caller has made sure that it may be seen."""
    return Behind(*session.execute(_BEHIND, {"manifest_id": manifest_id}).one())


def signatures(
    session: Session, manifest_id: UUID, parties: Mapping[UUID, Organisation]
) -> tuple[Signature, ...]:
    """Return a manifest's signatures in the order they were given, with the name of a party of these."""
    found = []
    for act, party, person, owner, at, lat, lon, document_hash in plain_rows(
        session, _SIGNATURES, {"manifest_id": manifest_id}
    ):
        house = parties.get(owner)
        name, simulated = (house.name, house.simulated) if house else ("", False)
        found.append(Signature(act, party, person, name, simulated, at, lat, lon, document_hash))
    return tuple(found)
