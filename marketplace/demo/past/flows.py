"""What has flowed through the demonstration's one pipeline, by the meters at both ends?"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import insert

from compliance.pipelines import periods, service
from compliance.pipelines.rules import Act, Carrying, How, Rhythm, Side, days_of, period_of
from compliance.pipelines.service import NewPipeline
from compliance.pipelines.tables import MeterReading, Pipeline
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.registry.rules import Mode

DAILY_KG = 4_000
ODD_EVERY = 17
"""One day in so many both ends are further apart than they agreed."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Who is at both ends, at which sites, and what flows."""

    mover: Who
    receiver: Who
    origin_site_id: UUID
    destination_site_id: UUID
    code: str


def let_flow(work: Work, ends: Ends, chance: random.Random) -> Pipeline:
    """Meter a pipeline since the month before last; the last whole month waits for its confirmation."""
    _, this_month, _ = period_of(Rhythm.MONTH, work.today)
    _, since, _ = period_of(Rhythm.MONTH, this_month - timedelta(days=1))
    mover, receiver = replace(work, who=ends.mover), replace(work, who=ends.receiver)
    row = service.offer(
        mover,
        NewPipeline(
            name="1号输油管（模拟）",
            carrying=Carrying.PIPE,
            origin_site_id=ends.origin_site_id,
            destination_site_id=ends.destination_site_id,
            code=ends.code,
            mode=Mode.USE,
            started_on=since,
            mover_meter="FT-101",
            receiver_meter="FT-201",
        ),
    )
    service.move(receiver, row, Act.AGREE)
    days = days_of(since, work.today - timedelta(days=1))
    work.session.execute(insert(MeterReading), [one for day in days for one in _day(work, row, day, chance)])
    if days[-1] >= this_month - timedelta(days=1):
        periods.issue(mover, row, since)
    return row


def _day(work: Work, row: Pipeline, day: date, chance: random.Random) -> list[dict[str, object]]:
    sent = DAILY_KG * chance.randrange(80, 120) // 100
    lost = chance.randrange(-6, 7) if chance.randrange(ODD_EVERY) else chance.randrange(25, 60)
    arrived = sent * (1000 - lost) // 1000
    shared = {"pipeline_id": row.id, "day": day, "how": How.METER.value, "note": "模拟数据", "at": work.now}
    return [
        shared | {"side": Side.MOVER.value, "kg": sent, "person_name": "演示班组甲"},
        shared | {"side": Side.RECEIVER.value, "kg": arrived, "person_name": "演示班组乙"},
    ]
