"""What do the register and the record hold about one load, read in as few looks as can be?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from compliance.manifests import queries as manifests
from compliance.manifests.behind import ENDS, PARTIES, with_all_behind
from compliance.manifests.queries import Signed
from compliance.manifests.tables import Manifest, ManifestLeg, ManifestPaper, ManifestStatement
from compliance.receipts.tables import Receipt
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
    escort: Person | None
    trip: Trip | None
    receipt: Receipt | None
    paper: ManifestPaper | None
    statement: ManifestStatement | None
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
    credential: str
    by_leave: bool = False
    label: str = ""


_child, _escort = aliased(Manifest), aliased(Person)
_BEHIND: Select[*tuple[Any, ...]] = (
    with_all_behind(
        select(
            *(*PARTIES, *ENDS, Person, _escort, Trip, Receipt, ManifestPaper, ManifestStatement),
            exists().where(ManifestLeg.manifest_id == Manifest.id),
            exists().where(_child.parent_id == Manifest.id),
        )
    )
    .outerjoin(_escort, _escort.id == Manifest.escort_id)
    .outerjoin(Trip, Trip.manifest_id == Manifest.id)
    .outerjoin(Receipt, Receipt.manifest_id == Manifest.id)
    .outerjoin(ManifestPaper, ManifestPaper.manifest_id == Manifest.id)
    .outerjoin(ManifestStatement, ManifestStatement.manifest_id == Manifest.id)
    .where(Manifest.id == bindparam("manifest_id"))
)


def behind(session: Session, manifest_id: UUID) -> Behind:
    """Return what stands behind a manifest; the caller has made sure that it may be seen."""
    return Behind(*session.execute(_BEHIND, {"manifest_id": manifest_id}).one())


def signatures(
    session: Session, manifest_id: UUID, parties: Mapping[UUID, Organisation]
) -> tuple[Signature, ...]:
    """Return a manifest's signatures in the order they were given, with the name of a party of these."""
    return tuple(_signature(one, parties) for one in manifests.signed(session, manifest_id))


def _signature(one: Signed, parties: Mapping[UUID, Organisation]) -> Signature:
    house = parties.get(one.organisation_id) if one.organisation_id else None
    return Signature(
        act=one.act,
        party=one.party,
        person=one.person_name,
        organisation=house.name if house else "",
        simulated=house.simulated if house else False,
        at=one.at,
        lat=one.lat,
        lon=one.lon,
        document_hash=one.document_hash,
        credential=one.credential or "",
        by_leave=one.exception_id is not None,
        label=one.label,
    )
