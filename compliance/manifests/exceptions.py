"""How is leave asked and given to go on where a rule or a missing signer would stop a load?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from compliance.manifests import evidence, queries, statements
from compliance.manifests.evidence import HAND_IN_WITHIN, Missing
from compliance.manifests.rules import SIGNER, UNLOADED, Act, Party, Purpose, signing_roles
from compliance.manifests.rules import State as ManifestState
from compliance.manifests.situations import NEXT, RECEIPT, WAYS, Situation, State, Verdict, Way
from compliance.manifests.tables import Manifest, ManifestException
from compliance.record.errors import (
    N_,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    RuleBroken,
    raise_all,
)
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import queries as registry


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks leave for: the act, what happened, what shows it; a mass or carrier where wanted."""

    situation: Situation
    act: Act
    reason: str
    evidence: str
    kg: int | None = None
    file: str | None = None
    """The SHA-256 of the photo or paper that shows it, uploaded before."""
    missing: Missing | None = None
    """Why there is no such file yet; it is handed in within `hand_in_within`."""
    hand_in_within: timedelta = HAND_IN_WITHIN
    carrier_id: UUID | None = None
    plate: str = ""
    vehicle_id: UUID | None = None
    driver_id: UUID | None = None


def holders(row: Manifest) -> dict[Party, UUID]:
    """Return which organisation each party of a manifest is."""
    return {Party.MOVER: row.mover_id, Party.CARRIER: row.carrier_id, Party.RECEIVER: row.receiver_id}


def taking_part(session: Session, row: Manifest) -> set[UUID]:
    """Return who takes part in a manifest: its parties, and the carrier to which the load is offered."""
    offered = queries.next_carrier(session, row.id)
    return {*holders(row).values(), *([offered] if offered else [])}


def listed(session: Session, manifest_id: UUID) -> Sequence[ManifestException]:
    """Return a manifest's exceptions, oldest first; the caller has made sure that it may be seen."""
    rows = select(ManifestException).where(ManifestException.manifest_id == manifest_id)
    return session.scalars(rows.order_by(ManifestException.asked_at, ManifestException.id)).all()


def waiting(who: Who) -> Select[ManifestException]:
    """Return the statement for what waits for a decision on manifests that a person may see."""
    seen = queries.visible_to(who).with_only_columns(Manifest.id)
    return select(ManifestException).where(
        ManifestException.state == State.ASKED.value, ManifestException.manifest_id.in_(seen)
    )


def one(session: Session, manifest_id: UUID, exception_id: UUID) -> ManifestException:
    """Return one exception of a manifest, locked, or raise `NotFound`."""
    found = session.scalar(
        select(ManifestException)
        .where(ManifestException.id == exception_id, ManifestException.manifest_id == manifest_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound("exception", exception_id)
    return found


def ask(work: Work, row: Manifest, asked: Asked) -> ManifestException:
    """Ask leave for one act; whoever takes part in the manifest may, with a reason and what shows it."""
    way = WAYS[asked.situation]
    if work.who.organisation_id not in taking_part(work.session, row):
        raise Forbidden(N_("Only who takes part in a manifest may ask for an exception."))
    raise_all(_faults(row, way, asked))
    found = ManifestException(
        id=work.new_id(),
        manifest_id=row.id,
        situation=asked.situation.value,
        act=asked.act.value,
        state=State.ASKED.value,
        reason=asked.reason.strip(),
        evidence=asked.evidence.strip(),
        kg=asked.kg,
        file=asked.file,
        missing=asked.missing.value if asked.missing and asked.file is None else "",
        evidence_due_at=None if asked.file else work.now + asked.hand_in_within,
        carrier_id=asked.carrier_id,
        plate=asked.plate.strip(),
        vehicle_id=asked.vehicle_id,
        driver_id=asked.driver_id,
        asked_by_id=work.who.person_id,
        asked_by=work.who.name,
        organisation_id=work.who.organisation_id,
        asked_at=work.now,
        decided_by="",
        decision="",
    )
    work.session.add(found)
    _tell(work, "ExceptionAsked", found)
    return found


def _faults(row: Manifest, way: Way, asked: Asked) -> list[DomainError]:
    faults: list[DomainError] = []
    if asked.act not in way.acts:
        faults.append(Invalid(N_("This situation does not open that act."), field="act"))
    if not asked.reason.strip():
        faults.append(Invalid(N_("Say what has happened."), field="reason"))
    faults += evidence.faults(asked.file, asked.missing, asked.evidence)
    if way.asks_kg and (asked.kg is None or asked.kg <= 0):
        faults.append(Invalid(N_("Say which mass is to be taken instead, in kilograms."), field="kg"))
    if way.asks_carrier and (asked.carrier_id is None or not asked.plate.strip()):
        faults.append(Invalid(N_("Say which carrier and which vehicle have come."), field="carrier"))
    if way.asks_carrier and ManifestState(row.state) not in UNLOADED:
        faults.append(
            Conflict(
                N_("The vehicle of a manifest that is {state} can no longer be changed."),
                code="manifest_carried",
                values={"state": row.state},
            )
        )
    return faults


def may_decide(who: Who, row: Manifest, found: ManifestException) -> bool:
    """Tell whether a person may grant or deny an exception: nobody decides upon the own request."""
    if who.person_id is not None and who.person_id == found.asked_by_id:
        return False
    for grantor in WAYS[Situation(found.situation)].grants:
        if isinstance(grantor, Role):
            if who.has(grantor):
                return True
        elif who.organisation_id == holders(row)[grantor] != found.organisation_id and who.has(
            *signing_roles(grantor, Purpose(row.purpose))
        ):
            return True
    return False


def decide(work: Work, row: Manifest, found: ManifestException, grant: bool, reason: str) -> None:
    """Grant or deny an exception, with a reason; the inspectors hear of every one that is granted."""
    if not may_decide(work.who, row, found):
        raise Forbidden(N_("You may not decide upon this exception."))
    if not reason.strip():
        raise Invalid(N_("Give the reason of the decision."), field="reason")
    credential = work.signed_by().value
    _move(work, found, Verdict.GRANT if grant else Verdict.DENY)
    found.decided_by_id, found.decided_by = work.who.person_id, work.who.name
    found.decided_at, found.decision = work.now, reason.strip()
    _tell(work, "ExceptionGranted" if grant else "ExceptionDenied", found, credential)
    if grant and found.carrier_id is not None:
        _replace_carrier(work, row, found)


def _replace_carrier(work: Work, row: Manifest, found: ManifestException) -> None:
    """Name the carrier that has come; it signs the loading, and its permits are asked for there."""
    if ManifestState(row.state) not in UNLOADED or found.carrier_id is None:
        return
    row.carrier_id, row.plate, row.driver_id = found.carrier_id, found.plate[:12], found.driver_id
    escort = registry.escort_of(work.session, row.carrier_id, work.today, [row.driver_id])
    row.escort_id = escort.id if escort is not None and row.hazardous else None
    if found.vehicle_id is not None:
        row.vehicle_id = found.vehicle_id
    row.changed_at = work.now
    statements.name_carrier(work, row)
    _move(work, found, Verdict.USE)
    work.append(
        "CarrierReplaced", row.id, carrier=str(row.carrier_id), plate=row.plate, exception=str(found.id)
    )


def _move(work: Work, found: ManifestException, verdict: Verdict) -> None:
    target = NEXT.get((State(found.state), verdict))
    if target is None:
        raise Conflict(
            N_("An exception that is {state} cannot be decided upon."),
            code="exception_state",
            values={"state": found.state},
        )
    found.state = target.value
    if target is State.USED:
        found.used_at = work.now


def granted(session: Session, row: Manifest, act: Act) -> list[ManifestException]:
    """Return the leaves on which an act may rest: given for it and not used yet.

    Leave for a receipt is leave to accept whole or in part; what confirms it rests on the same leave.
    """
    acts = RECEIPT if act in RECEIPT else {act}
    begun = RECEIPT if act is Act.CONFIRM else ()
    return list(
        session.scalars(
            _GRANTED,
            {
                "manifest_id": row.id,
                "acts": [one.value for one in acts],
                "begun": [one.value for one in begun],
            },
        )
    )


_GRANTED = (
    select(ManifestException)
    .where(
        ManifestException.manifest_id == bindparam("manifest_id"),
        or_(
            and_(
                ManifestException.act.in_(bindparam("acts", expanding=True)),
                ManifestException.state == State.GRANTED.value,
            ),
            and_(
                ManifestException.act.in_(bindparam("begun", expanding=True)),
                ManifestException.state == State.USED.value,
            ),
        ),
    )
    .order_by(ManifestException.asked_at)
)


def used_at(session: Session, row: Manifest, act: Act, at: datetime) -> list[ManifestException]:
    """Return the leaves by which an act was signed at a moment."""
    rows = select(ManifestException).where(
        ManifestException.manifest_id == row.id,
        ManifestException.act == act.value,
        ManifestException.used_at == at,
    )
    return list(session.scalars(rows))


def behind(
    session: Session, row: Manifest, act: Act, signed_at: Collection[datetime]
) -> list[ManifestException]:
    """Return the leaves for an act: given and not used yet, or used as it was signed at these moments."""
    asked = {"manifest_id": row.id, "act": act.value, "signed_at": [*signed_at]}
    return list(session.scalars(_BEHIND, asked))


_BEHIND = select(ManifestException).where(
    ManifestException.manifest_id == bindparam("manifest_id"),
    ManifestException.act == bindparam("act"),
    or_(
        ManifestException.state == State.GRANTED.value,
        ManifestException.used_at.in_(bindparam("signed_at", expanding=True)),
    ),
)


def still_against(leaves: Iterable[ManifestException], faults: Iterable[RuleBroken]) -> list[RuleBroken]:
    """Return the broken rules that no leave sets aside."""
    ways = [WAYS[Situation(leave.situation)] for leave in leaves]
    return [fault for fault in faults if not any(way.sets_aside(fault.rule) for way in ways)]


def stands_in(
    who: Who, held: Mapping[Party, UUID], purpose: Purpose, act: Act, leaves: Iterable[ManifestException]
) -> bool:
    """Tell whether a person may sign an act for the party whose turn it is; `held`: who each party is."""
    for leave in leaves:
        way = WAYS[Situation(leave.situation)]
        if way.own_house and who.organisation_id == held[SIGNER[act]]:
            return True
        for party in way.stand_ins:
            if who.organisation_id == held[party] and who.has(*signing_roles(party, purpose)):
                return True
    return False


def use_up(work: Work, leaves: Iterable[ManifestException]) -> None:
    """Note that an act was signed by leave: it serves for that one act."""
    for leave in leaves:
        if State(leave.state) is State.USED:
            continue
        _move(work, leave, Verdict.USE)
        _tell(work, "ExceptionUsed", leave)


def _tell(work: Work, event: str, found: ManifestException, credential: str = "") -> None:
    own = found.organisation_id
    houses = registry.names(work.session, [own] if own else [])
    work.append(
        event,
        found.manifest_id,
        exception=str(found.id),
        situation=found.situation,
        act=found.act,
        state=found.state,
        reason=found.reason,
        evidence=found.evidence,
        kg=found.kg,
        file=found.file,
        without_photo=found.missing,
        evidence_due_at=found.evidence_due_at.isoformat() if found.evidence_due_at else "",
        asked_by=found.asked_by,
        organisation=str(found.organisation_id or ""),
        house=next(iter(houses.values()), ""),
        decision=found.decision,
        credential=credential,
    )
