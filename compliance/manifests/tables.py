"""How are manifests and their signatures stored?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from compliance.manifests.rules import FORM
from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Manifest(Base):
    """One transfer manifest; `number` is provisional until the national number stands beside it (M1)."""

    __tablename__ = "manifest"
    __table_args__ = (
        Index("ix_manifest_changed_at_id", "changed_at", "id"),
        Index("ix_manifest_code_changed_at", "code", "changed_at"),
        Index("ix_manifest_vehicle_id_changed_at", "vehicle_id", "changed_at"),
    )
    """Lists are read from the last changed on; a road check asks for a vehicle's newest."""
    id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(index=True)
    parent_id: Mapped[UUID | None] = mapped_column(index=True)
    """The manifest whose refused load this one takes back or onward; `purpose` says which."""
    purpose: Mapped[str] = mapped_column(String(12), default="transfer")
    number: Mapped[str | None] = mapped_column(String(14), unique=True)
    national_number: Mapped[str | None] = mapped_column(String(20), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    version: Mapped[int] = mapped_column(Integer)
    mover_id: Mapped[UUID] = mapped_column(index=True)
    carrier_id: Mapped[UUID] = mapped_column(index=True)
    receiver_id: Mapped[UUID] = mapped_column(index=True)
    origin_site_id: Mapped[UUID] = mapped_column()
    destination_site_id: Mapped[UUID] = mapped_column()
    vehicle_id: Mapped[UUID] = mapped_column(index=True)
    plate: Mapped[str] = mapped_column(String(12))
    driver_id: Mapped[UUID | None] = mapped_column(index=True)
    escort_id: Mapped[UUID | None] = mapped_column()
    """Who rides along to watch over hazardous waste (L9)."""
    code: Mapped[str] = mapped_column(String(12))
    edition: Mapped[str] = mapped_column(String(20))
    waste_name: Mapped[str] = mapped_column(String(200))
    hazardous: Mapped[bool] = mapped_column()
    mode: Mapped[str] = mapped_column(String(10))
    planned_kg: Mapped[int] = mapped_column(BigInteger)
    loaded_kg: Mapped[int | None] = mapped_column(BigInteger)
    loaded_typed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The loaded mass was typed by leave: no scale told it, or a wrong one."""
    accepted_kg: Mapped[int | None] = mapped_column(BigInteger)
    received_kg: Mapped[int | None] = mapped_column(BigInteger)
    """What arrived by the receiver's word: what it accepted and what it did not add up to this."""
    findings: Mapped[dict[str, dict[str, object]] | None] = mapped_column(JSON(none_as_null=True))
    """What the receiver looked at, by aspect: whether it agrees, and what differs (M10, M12)."""
    resume_state: Mapped[str | None] = mapped_column(String(20))
    """Where a manifest under correction goes back to."""
    reason: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol

    @property
    def refused_kg(self) -> int:
        """Return what arrived and was not accepted, in kilograms; 0 before the receiver has spoken."""
        return 0 if self.received_kg is None else self.received_kg - (self.accepted_kg or 0)

    @property
    def booking_id(self) -> UUID:
        """Return under which id the load's mass is booked: its deal's, or its own when it was sent onward."""
        return self.deal_id if self.parent_id is None else self.id


class ManifestStatement(Base):
    """What a manifest states (`rules.Stated`): the mover's in a draft, frozen by the first signature.

    Afterwards an approved correction changes it, or another carrier that takes the load; nothing else.
    """

    __tablename__ = "manifest_statement"
    manifest_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID | None] = mapped_column()
    """Of which lot the load is: until it is frozen, the lot's facts are read there."""
    stated: Mapped[dict[str, object]] = mapped_column(JSON)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    added: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It was filled in from the record after the manifest had been signed: no signature before covers it."""
    crew: Mapped[dict[str, dict[str, str]] | None] = mapped_column(JSON(none_as_null=True))
    """Who drove and rode along, of a load whose loading was signed before that was stated; not signed for."""


class ManifestLeg(Base):
    """One hand-over of a load to another carrier, as agreed and as it came about (M9)."""

    __tablename__ = "manifest_leg"
    __table_args__ = (UniqueConstraint("manifest_id", "ordinal"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    manifest_id: Mapped[UUID] = mapped_column(index=True)
    ordinal: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12))
    from_carrier_id: Mapped[UUID] = mapped_column()
    carrier_id: Mapped[UUID] = mapped_column(index=True)
    means: Mapped[str] = mapped_column(String(10))
    place: Mapped[str] = mapped_column(String(200))
    agreed_for: Mapped[datetime] = mapped_column(UtcDateTime)
    plate: Mapped[str] = mapped_column(String(20), default="")
    """The vehicle, vessel or wagon that took the load over."""
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ManifestPaper(Base):
    """A transfer that ran on paper: why, and what was entered from the paper afterwards (M15)."""

    __tablename__ = "manifest_paper"
    manifest_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(400))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paper_number: Mapped[str] = mapped_column(String(40), default="")
    loaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sender_kg: Mapped[int | None] = mapped_column(BigInteger)
    receiver_kg: Mapped[int | None] = mapped_column(BigInteger)
    evidence: Mapped[str] = mapped_column(String(400), default="")
    entered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    entered_by: Mapped[str] = mapped_column(String(60), default="")


class ManifestException(Base):
    """Leave to sign one act although a rule or a missing signer stands against it."""

    __tablename__ = "manifest_exception"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    manifest_id: Mapped[UUID] = mapped_column(index=True)
    situation: Mapped[str] = mapped_column(String(20))
    act: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), index=True)
    reason: Mapped[str] = mapped_column(String(400))
    evidence: Mapped[str] = mapped_column(String(400))
    kg: Mapped[int | None] = mapped_column(BigInteger)
    """The mass that is taken instead of a weighed one."""
    file: Mapped[str | None] = mapped_column(String(64))
    """The SHA-256 of the photo or paper that shows it; the file is kept under it outside the database."""
    missing: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """Why there was no photo or scan when leave was asked."""
    evidence_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """By when it is handed in; None where there was one, or leave was asked before this was asked for."""
    handed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_in_by: Mapped[str] = mapped_column(String(60), default="", server_default="")
    carrier_id: Mapped[UUID | None] = mapped_column()
    plate: Mapped[str] = mapped_column(String(20), default="")
    vehicle_id: Mapped[UUID | None] = mapped_column()
    driver_id: Mapped[UUID | None] = mapped_column()
    asked_by_id: Mapped[UUID | None] = mapped_column()
    asked_by: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[UUID | None] = mapped_column()
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[UUID | None] = mapped_column()
    decided_by: Mapped[str] = mapped_column(String(60), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str] = mapped_column(String(400), default="")
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ManifestRevision(Base):
    """One proposed correction: what it changes from what to what, and what became of it (M16)."""

    __tablename__ = "manifest_revision"
    __table_args__ = (UniqueConstraint("manifest_id", "ordinal"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    manifest_id: Mapped[UUID] = mapped_column(index=True)
    ordinal: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(400))
    changes: Mapped[dict[str, list[str | int | None]]] = mapped_column(JSON)
    """By field: what stood there, what is to stand there."""
    asked_of: Mapped[list[str]] = mapped_column(JSON)
    """The ids of the organisations whose signatures cover a changed field."""
    proposed_by: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[UUID | None] = mapped_column()
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hash_before: Mapped[str] = mapped_column(String(64))
    hash_after: Mapped[str | None] = mapped_column(String(64))


class ManifestRevisionAnswer(Base):
    """What one affected party said to a correction; never changed."""

    __tablename__ = "manifest_revision_answer"
    __table_args__ = (UniqueConstraint("revision_id", "organisation_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(index=True)
    organisation_id: Mapped[UUID] = mapped_column()
    person_name: Mapped[str] = mapped_column(String(60))
    approves: Mapped[bool] = mapped_column()
    reason: Mapped[str] = mapped_column(String(400), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ManifestSignature(Base):
    """Who did which act when, and the hash of what was signed."""

    __tablename__ = "manifest_signature"
    __table_args__ = (UniqueConstraint("manifest_id", "ordinal"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    manifest_id: Mapped[UUID] = mapped_column(index=True)
    ordinal: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(20))
    party: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[UUID | None] = mapped_column(index=True)
    person_name: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    lat: Mapped[float | None] = mapped_column()
    lon: Mapped[float | None] = mapped_column()
    document_hash: Mapped[str] = mapped_column(String(64))
    credential: Mapped[str | None] = mapped_column(String(10))
    """By what it was made (`compliance.record.credential`); None from before that was written down."""
    form: Mapped[int] = mapped_column(Integer, default=FORM, server_default="1")
    """In which form the document was signed (`rules.FORM`)."""
    label: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """The digital code that was read off a container before it was loaded (M6)."""
    exception_id: Mapped[UUID | None] = mapped_column()
    """By which leave it was signed, where the signer or the state of things was not the usual one."""


class ManifestSerial(Base):
    """The last serial given out for a year and a prefecture of origin; the row is the queue (M2)."""

    __tablename__ = "manifest_serial"
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    prefecture: Mapped[str] = mapped_column(String(4), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
