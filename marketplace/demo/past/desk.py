"""What lies on the inspector's desk when the demonstration begins: visits, cases, alerts, full licences?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert

from compliance.anchors import service as anchors
from compliance.cases import service as cases
from compliance.cases.rules import Complaint
from compliance.cases.rules import Kind as CaseKind
from compliance.cases.rules import Outcome as CaseOutcome
from compliance.oversight import service as oversight
from compliance.oversight.links import Tie
from compliance.record import ledger
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.registry.rules import OrganisationKind
from compliance.registry.tables import LicenceDraw, LicenceRow
from compliance.storage.tables import StorageLimit
from compliance.visits import service as visits
from compliance.visits.rules import Answer, Purpose
from compliance.visits.service import Findings, Wanted
from tracking.alerts import service as alerts
from tracking.alerts.kinds import Kind as AlertKind
from tracking.alerts.rules import Outcome as AlertOutcome
from tracking.alerts.rules import Subjects
from tracking.fleet.tables import Vehicle

FULL_PERCENT = (84, 92, 97)
COMPLAINTS = (
    Complaint(
        CaseKind.DUMPING,
        "（模拟）夜间有货车在江边取土场倾倒黑色泥状物，气味刺鼻，连续两晚。",
        place="黄石市阳新县富池镇取土场附近",
        division_code="420222",
        contact="",
    ),
    Complaint(
        CaseKind.STORAGE,
        "（模拟）汽修厂后院露天堆放废机油桶，地面有油渍流入雨水沟。",
        place="武汉市黄陂区横店街",
        division_code="420116",
        contact="演示联系人",
    ),
    Complaint(
        CaseKind.UNLICENSED,
        "（模拟）一处院子收购废铅蓄电池并现场拆解，未见任何证照。",
        place="襄阳市襄州区",
        division_code="420607",
    ),
    Complaint(
        CaseKind.SPILL,
        "（模拟）运输车辆沿途滴漏酸性液体，路面泛白。",
        about="车牌记不清，白色罐车",
        place="宜昌市猇亭区",
        division_code="420505",
    ),
)
FOUND = "（模拟）现场未发现倾倒物，取土场监控显示为车辆冲洗泥浆，已责令清理。"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who looks into things, at which vehicles and licences."""

    inspector: Who
    vehicles: Sequence[Vehicle]
    licences: Sequence[LicenceRow]
    sites: Sequence[UUID]
    owners: Sequence[UUID]
    """Companies of which something was noted."""


def lay_out(work: Work, desk: Desk, chance: random.Random) -> None:
    """Put on the desk what some weeks of work would have left there; every text says that it is simulated."""
    own = replace(work, who=desk.inspector)
    _visit(own)
    _complain(own)
    _notice(own, desk, chance)
    _use_up(work, desk)
    for place, owner in enumerate(desk.owners):
        seen = "演示：企业信用公示信息（模拟）"
        if place < 2:
            oversight.note_fact(own, owner, Tie.BENEFICIARY, "演示受益人甲", seen, "simulated")
        if place > 0:
            oversight.note_fact(own, owner, Tie.BANK_ACCOUNT, "6200000000000001", seen, "simulated")
    limits = [
        {
            "site_id": site,
            "facility": "",
            "code": "",
            "by_authority": True,
            "kg": chance.randrange(20, 200) * 10_000,
            "source": "演示环评批复",
            "set_at": work.now,
            "set_by": None,
        }
        for site in desk.sites
    ]
    work.session.execute(insert(StorageLimit), limits)


def _visit(own: Work) -> None:
    """Draw some works of both kinds: one is in order, one has an order to follow, the others wait.

    Whom, nobody chose: no two worlds of one seed draw the same.
    """
    ledger.seal(own.session)  # a draw's seed comes from an anchor, and that from what is on the chain
    anchors.anchor(own)
    anchors.published(own, 1)  # the first start of the demonstration writes it out
    for kind in (OrganisationKind.PROCESSOR, OrganisationKind.PRODUCER):
        _, drawn = visits.draw(own, Wanted(Purpose.VISIT, kind, 3, "42"))
        for place, row in enumerate(drawn[:2]):
            answers = {point.key: Answer.GOOD for point in visits.points_of(row)}
            found = Findings(answers, "（模拟）现场与台账一致。")
            if place:
                answers |= {"emergency_ready": Answer.BAD, "ledger_kept": Answer.BAD}
                due = own.today + timedelta(days=12)
                order = "（模拟）补齐应急物资并更新台账，附照片。"
                found = Findings(answers, "（模拟）应急物资不足，台账滞后三天。", (), due, order)
            visits.record(own, row.id, found)
        for row in drawn:
            row.created_at = own.now - timedelta(days=9)


def _complain(own: Work) -> None:
    """Let complaints have come in: two wait, one is looked into, one is answered."""
    for place, told in enumerate(COMPLAINTS):
        row, _ = cases.receive(own, told)
        assert own.who.person_id is not None
        if place < 2:
            cases.assign(own, row, own.who.person_id)
            cases.note(own, row, "（模拟）已联系属地，约定现场查看。")
        if place == 0:
            cases.answer(own, row, CaseOutcome.UNFOUNDED, FOUND)


def _notice(own: Work, desk: Desk, chance: random.Random) -> None:
    """Let some vehicles have been too fast and some terminals silent: one explained, one in hand."""
    for place, vehicle in enumerate(desk.vehicles):
        since = own.now - timedelta(hours=30 + 17 * place)
        until = since + timedelta(minutes=chance.randrange(4, 40))
        about = Subjects(device_id=vehicle.device_id, vehicle_id=vehicle.id)
        kind = AlertKind.OVERSPEED if place % 2 == 0 else AlertKind.SILENCE
        figures = {"speed_kmh": 86 + place, "limit_kmh": 80} if place % 2 == 0 else {"interval_s": 30}
        evidence = {"simulated": True, **figures}
        row = alerts.raise_alert(own, kind, about, since, until, evidence=evidence, late=True)
        assert own.who.person_id is not None
        if place in {0, 1}:
            alerts.assign(own, row, own.who.person_id)
        if place == 0:
            reason = "（模拟）承运单位已约谈驾驶员，并提交培训记录。"
            alerts.close(own, row, AlertOutcome.CONFIRMED, reason)


def _use_up(work: Work, desk: Desk) -> None:
    """Let some licences' years be nearly full of loads that were confirmed before the demonstration began."""
    rows = [
        {
            "id": work.new_id(),
            "line_id": line.id,
            "deal_id": work.new_id(),
            "year": work.today.year,
            "kg": line.yearly_kg * percent // 100,
            "confirmed": True,
        }
        for licence, percent in zip(desk.licences, FULL_PERCENT, strict=False)
        for line in licence.lines
    ]
    work.session.execute(insert(LicenceDraw), rows)
