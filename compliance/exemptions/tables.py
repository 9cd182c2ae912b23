"""How is a claim to an exemption stored?"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class ExemptionClaim(Base):
    """What an organisation relies on: a line of the list, a code, a stage, its evidence; and the decision."""

    __tablename__ = "exemption_claim"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    edition: Mapped[str] = mapped_column(String(12))
    item: Mapped[int] = mapped_column(Integer)
    line: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(12), index=True)
    stage: Mapped[str] = mapped_column(String(8))
    condition: Mapped[str] = mapped_column(String(2000))
    """The condition as the list stated it on the day of the claim."""
    statement: Mapped[str] = mapped_column(String(2000))
    """How the condition is met, in the claimant's words."""
    evidence_sha256: Mapped[str] = mapped_column(String(64))
    only_from: Mapped[UUID | None] = mapped_column()
    """The one unit whose waste it is, in directed use from point to point."""
    state: Mapped[str] = mapped_column(String(10), index=True)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(400), default="")
    decided_by: Mapped[UUID | None] = mapped_column()
    decided_name: Mapped[str] = mapped_column(String(60), default="")
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol
