"""Which building sites of the demonstration have filed plans, and where may their waste go, in what?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert

from compliance.construction.rules import State
from compliance.construction.tables import ClosedVehicle, DisposalSite, TreatmentPlan
from compliance.record.work import Work
from tracking.fleet.tables import Vehicle

SHARE = 50
"""One project is so small a part of what arises in a town in a year."""


@dataclass(frozen=True, slots=True)
class Project:
    """One building site: whose, where, which waste, how much of it a year."""

    owner: UUID
    site_id: UUID
    code: str
    yearly_kg: int


def permit(
    work: Work, projects: Sequence[Project], goals: Sequence[UUID], vehicles: Sequence[Vehicle]
) -> None:
    """File the plan of every building site but the last, which waits for it; permit goals and vehicles."""
    until = work.today + timedelta(days=300)
    plans = [_plan(work, one, place, len(projects)) for place, one in enumerate(projects, 1)]
    sites = [
        {
            "site_id": site,
            "capacity_kg": 200_000_000 + place * 50_000_000,
            "number": f"演示-消纳-{place:04d}",
            "valid_to": until,
            "set_at": work.now,
        }
        for place, site in enumerate(goals, 1)
    ]
    closed = [
        {
            "vehicle_id": row.id,
            "carrier_id": row.carrier_id,
            "plate": row.plate,
            "number": f"演示-准运-{place:04d}",
            "valid_to": until,
            "set_at": work.now,
        }
        for place, row in enumerate(vehicles, 1)
    ]
    for table, rows in ((TreatmentPlan, plans), (DisposalSite, sites), (ClosedVehicle, closed)):
        work.session.execute(insert(table), rows)


def _plan(work: Work, one: Project, place: int, last: int) -> dict[str, object]:
    filed = place < last
    return {
        "id": work.new_id(),
        "version": 1,
        "organisation_id": one.owner,
        "site_id": one.site_id,
        "project": f"演示工程{place}号地块",
        "codes": [one.code],
        "kg": one.yearly_kg // SHARE,
        "reused_kg": one.yearly_kg // SHARE // 10,
        "sites": [],
        "permit_number": f"演示-处置核准-{place:04d}",
        "number": f"演示-方案备案-{place:04d}" if filed else "",
        "state": (State.FILED if filed else State.SUBMITTED).value,
        "valid_from": work.today - timedelta(days=60),
        "valid_to": work.today + timedelta(days=300),
        "created_at": work.now - timedelta(days=60),
        "changed_at": work.now - timedelta(days=58),
    }
