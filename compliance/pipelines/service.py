"""How does a pipeline come into use, how are its meters entered, and how does a period get its manifest?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from compliance.approvals import service as approvals
from compliance.approvals.rules import Load
from compliance.catalogue import service as catalogue
from compliance.catalogue.rules import WasteType
from compliance.pipelines import queries
from compliance.pipelines.rules import (
    MOST_PERMILLE,
    NEXT,
    Act,
    Carrying,
    Entered,
    How,
    Rhythm,
    Side,
    State,
    Tolerance,
    reading_faults,
)
from compliance.pipelines.tables import MeterReading, Pipeline
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid, NotFound, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Mode
from compliance.registry.tables import Site

ROLES = {Side.MOVER: Role.PRODUCER, Side.RECEIVER: Role.PROCESSOR}
SEALED = frozenset({"confirmed", "treated"})


@dataclass(frozen=True, slots=True)
class NewPipeline:
    """What a mover states of a pipeline: whence, whither, which waste, what for, how it is metered."""

    name: str
    carrying: Carrying
    origin_site_id: UUID
    destination_site_id: UUID
    code: str
    mode: Mode
    started_on: date
    rhythm: Rhythm = Rhythm.MONTH
    asked_by: str = ""
    tolerance: Tolerance = field(default_factory=Tolerance)
    mover_meter: str = ""
    receiver_meter: str = ""


@dataclass(frozen=True, slots=True)
class NewReading:
    """What the own meter said of a day; totals where the meter has any."""

    day: date
    kg: int
    how: How = How.METER
    counter_from_kg: int | None = None
    counter_to_kg: int | None = None
    note: str = ""


def offer(work: Work, new: NewPipeline) -> Pipeline:
    """Enter a pipeline from an own site; it runs once its receiver agrees. Raises every fault at once."""
    origin, destination = _ends(work, new)
    waste = catalogue.require(work, new.code, work.today, "code")
    mover, receiver = origin.organisation_id, destination.organisation_id
    found: list[DomainError] = _faults(new)
    found += gates.receiver_faults(work.session, receiver, waste, new.mode, 1, work.today, mover)
    found += approvals.faults(work, _load(origin, destination, waste, new.mode))
    raise_all(found)
    row = Pipeline(
        id=work.new_id(),
        name=new.name.strip(),
        carrying=new.carrying.value,
        state=State.OFFERED.value,
        mover_id=mover,
        receiver_id=receiver,
        origin_site_id=origin.id,
        destination_site_id=destination.id,
        code=waste.code,
        edition=waste.edition,
        waste_name=waste.category_name,
        hazardous=waste.kind == gates.HAZARDOUS,
        mode=new.mode.value,
        rhythm=new.rhythm.value,
        asked_by=new.asked_by.strip(),
        day_permille=new.tolerance.day_permille,
        span_permille=new.tolerance.span_permille,
        mover_meter=new.mover_meter.strip(),
        receiver_meter=new.receiver_meter.strip(),
        started_on=new.started_on,
        created_at=work.now,
        changed_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.append("PipelineOffered", row.id, code=row.code, rhythm=row.rhythm, **_told(row))
    return row


def _told(row: Pipeline) -> dict[str, object]:
    return {
        "mover": str(row.mover_id),
        "receiver": str(row.receiver_id),
        "day_permille": row.day_permille,
        "span_permille": row.span_permille,
    }


def _ends(work: Work, new: NewPipeline) -> tuple[Site, Site]:
    """Return the own site at one end and another party's at the other, or refuse."""
    if not work.who.has(Role.PRODUCER) or work.who.organisation_id is None:
        raise Forbidden(N_("Only the {party} may do this."), values={"party": "mover"})
    known = registry.sites(work.session, [new.origin_site_id, new.destination_site_id])
    origin, destination = known.get(new.origin_site_id), known.get(new.destination_site_id)
    if origin is None or origin.organisation_id != work.who.organisation_id:
        raise NotFound("site", new.origin_site_id)
    if destination is None or destination.organisation_id == origin.organisation_id:
        raise Invalid(N_("Choose a site of another party."), field="destination_site_id")
    return origin, destination


def _load(origin: Site, destination: Site, waste: WasteType, mode: Mode) -> Load:
    places = (origin.division_code, destination.division_code)
    return approvals.load_of(*places, origin.organisation_id, destination.organisation_id, waste, mode, 1)


def _faults(new: NewPipeline) -> list[DomainError]:
    found: list[DomainError] = []
    if not 2 <= len(new.name.strip()) <= 60:
        found.append(Invalid(N_("Write 2 to {most} characters."), field="name", values={"most": 60}))
    for name in ("day_permille", "span_permille"):
        if not 0 <= getattr(new.tolerance, name) <= MOST_PERMILLE:
            message = N_("A tolerance lies between 0 and {most} ‰.")
            found.append(Invalid(message, field=name, values={"most": MOST_PERMILLE}))
    if new.rhythm is not Rhythm.MONTH and not new.asked_by.strip():
        found.append(
            Invalid(
                N_("Say which authority asks for another period than a month."),
                field="asked_by",
                way_out=N_("Name the authority and its paper, or choose a month."),
            )
        )
    return found


def move(work: Work, row: Pipeline, act: Act) -> Pipeline:
    """Agree to a pipeline as its receiver, or end it from either side."""
    side = side_of(work, row)
    if act is Act.AGREE and side is not Side.RECEIVER:
        raise Forbidden(N_("Only the {party} may do this."), values={"party": "receiver"})
    after = NEXT.get((State(row.state), act))
    if after is None:
        raise Conflict(
            N_("A pipeline that is {state} cannot be moved by: {act}."),
            code="pipeline_state",
            values={"state": row.state, "act": act.value},
        )
    row.state, row.changed_at = after.value, work.now
    if act is Act.END:
        row.ended_on = work.today
    event = "PipelineAgreed" if act is Act.AGREE else "PipelineEnded"
    work.append(event, row.id, **_told(row))
    return row


def side_of(work: Work, row: Pipeline) -> Side:
    """Return at which end the acting person's house is, or raise `Forbidden`."""
    ends = {Side.MOVER: row.mover_id, Side.RECEIVER: row.receiver_id}
    for side, owner in ends.items():
        if work.who.organisation_id == owner and work.who.has(ROLES[side]):
            return side
    raise Forbidden(N_("Only the two ends of a pipeline do this."))


def enter(work: Work, row: Pipeline, readings: Sequence[NewReading]) -> list[MeterReading]:
    """Enter what the own meter said of some days, or correct it; all of them or none.

    A day whose period is confirmed stays as it is until that is reopened; of the own side alone.
    """
    side = side_of(work, row)
    if row.state == State.OFFERED.value:
        raise Conflict(N_("The receiver has not agreed to this pipeline yet."), code="pipeline_state")
    raise_all([fault for one in readings for fault in _reading_faults(work, row, side, one)])
    return [_put(work, row, side, one) for one in readings]


def _reading_faults(work: Work, row: Pipeline, side: Side, one: NewReading) -> list[DomainError]:
    until = min(row.ended_on or work.today, work.today)
    entered = Entered(one.day, one.kg, one.counter_from_kg, one.counter_to_kg)
    found: list[DomainError] = [*reading_faults(entered, (row.started_on, until), work.today)]
    period = queries.covering(work.session, row.id, one.day)
    closed = SEALED | {"issued"} if side is Side.MOVER else SEALED
    if period is not None and period.state in closed:
        found.append(
            Conflict(
                N_("{day} lies in period {period}, which is {state}."),
                code="period_sealed",
                values={"day": one.day.isoformat(), "period": period.period, "state": period.state},
                way_out=N_("Ask the receiver, or after confirmation the inspector, to reopen the period."),
            )
        )
    return found


def _put(work: Work, row: Pipeline, side: Side, one: NewReading) -> MeterReading:
    held = work.session.get(MeterReading, (row.id, one.day, side.value))
    before = held.kg if held is not None else None
    if held is None:
        held = MeterReading(pipeline_id=row.id, day=one.day, side=side.value)
        work.session.add(held)
    held.kg, held.how, held.note = one.kg, one.how.value, one.note.strip()[:200]
    held.counter_from_kg, held.counter_to_kg = one.counter_from_kg, one.counter_to_kg
    held.person_name, held.at = work.who.name, work.now
    work.session.flush()
    if before != one.kg:
        work.append(
            "MeterRead",
            row.id,
            day=one.day.isoformat(),
            side=side.value,
            kg=one.kg,
            before=before,
            how=held.how,
        )
    return held
