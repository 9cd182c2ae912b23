"""How does a load change hands by a code, both signatures in one act?"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.manifests import service as manifests
from compliance.manifests.gates import Signing
from compliance.manifests.handover import Means
from compliance.manifests.rules import Act, State
from compliance.manifests.rules import next_state as after
from compliance.manifests.tables import Manifest
from compliance.receipts import queries as receipt_queries
from compliance.receipts import service as receipts
from compliance.receipts.rules import Aspect, Looked
from compliance.record.credential import Credential
from compliance.record.errors import N_, Conflict, Invalid, NotFound
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import queries as registry
from marketplace import loads
from marketplace.hand_codes.rules import DIGITS, GOOD_FOR, CodeOver, Kind, digest, plain
from marketplace.hand_codes.tables import HandCode
from tracking.trips import queries as trips
from tracking.trips import service as steps
from tracking.trips.rules import Act as Step
from tracking.trips.tables import Trip

SIGNS = {Kind.HANDOVER: Act.HAND_OVER, Kind.DELIVERY: Act.ARRIVE}


@dataclass(frozen=True, slots=True)
class Giving:
    """What the giver says: which hand-over, where, and the telephone's place."""

    kind: Kind
    place: str = ""
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Taking:
    """What the taker says: with which vehicle it goes on, or which mass is accepted and why not all."""

    plate: str = ""
    accepted_kg: int | None = None
    reason: str = ""
    lat: float | None = None
    lon: float | None = None


def show(work: Work, row: Manifest, giving: Giving, wall: datetime) -> tuple[HandCode, str]:
    """Sign the giver's half and return it with its code, which is kept nowhere.

    A code shown before for the same load is over. Raises what stands against the giver's act already now.
    """
    act = SIGNS[giving.kind]
    manifests.require_party(work, row, act)
    if after(State(row.state), act) is None:
        raise Conflict(
            N_("A manifest that is {state} cannot be moved by: {act}."),
            code="manifest_state",
            values={"state": row.state, "act": act.value},
        )
    if giving.kind is Kind.HANDOVER and not giving.place.strip():
        raise Invalid(N_("Say where the load is handed over."), field="place")
    if giving.kind is Kind.DELIVERY:
        trips.require_crew(work.who, _trip(work.session, row))
    person_id, organisation_id = work.who.person_id, work.who.organisation_id
    assert person_id is not None
    assert organisation_id is not None
    for earlier in work.session.scalars(select(HandCode).where(HandCode.manifest_id == row.id)):
        earlier.expires_at = min(earlier.expires_at, wall)
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    found = HandCode(
        id=work.new_id(),
        code_hash=digest(code),
        manifest_id=row.id,
        kind=giving.kind.value,
        giver_id=person_id,
        giver_name=work.who.name,
        organisation_id=organisation_id,
        credential=work.signed_by().value,
        place=giving.place.strip()[:200],
        lat=giving.lat,
        lon=giving.lon,
        document_hash=manifests.document(work, row).hash(),
        shown_at=work.now,
        expires_at=wall + GOOD_FOR,
    )
    work.session.add(found)
    work.session.flush()
    work.append("HandCodeShown", row.id, code=str(found.id), hand_over=found.kind, place=found.place)
    return found, code


def own(session: Session, code_id: UUID, who: Who) -> HandCode:
    """Return a code that the person has shown, or raise `NotFound`."""
    found = session.get(HandCode, code_id)
    if found is None or found.giver_id != who.person_id:
        raise NotFound("code", code_id)
    return found


def find(session: Session, text: str, wall: datetime, *, locked: bool = False) -> HandCode:
    """Return what a code stands for, or raise `CodeOver`."""
    statement = select(HandCode).where(HandCode.code_hash == digest(plain(text)))
    found = session.scalar(statement.with_for_update() if locked else statement)
    if found is None or found.used_at is not None or found.expires_at <= wall:
        raise CodeOver
    return found


def take(work: Work, text: str, taking: Taking, wall: datetime) -> Manifest:
    """Take a load: the giver's signature and the taker's in one act, or neither.

    Every gate of both acts is asked. Raises `CodeOver`, and `Conflict` where the manifest was changed since.
    """
    found = find(work.session, text, wall, locked=True)
    row = work.session.get_one(Manifest, found.manifest_id, with_for_update=True)
    if manifests.document(work, row).hash() != found.document_hash:
        raise Conflict(
            N_("The manifest was changed after the code was shown."),
            code="changed_meanwhile",
            way_out=N_("Have the other telephone show a new one."),
        )
    if found.giver_id == work.who.person_id:
        raise Conflict(N_("Nobody hands a load to oneself."), code="same_person")
    giver = replace(work, who=_giver(work.session, found), credential=Credential(found.credential))
    found.used_at, found.taker_name = work.now, work.who.name
    if found.kind == Kind.HANDOVER:
        _hand_over(giver, work, row, found, taking)
    else:
        _deliver(giver, work, row, found, taking)
    work.append("HandedByCode", row.id, code=str(found.id), hand_over=found.kind, giver=str(found.giver_id))
    work.session.flush()
    return row


def _hand_over(giver: Work, work: Work, row: Manifest, found: HandCode, taking: Taking) -> None:
    assert work.who.organisation_id is not None
    house = registry.organisation(work.session, work.who.organisation_id)
    handing = loads.Handing(house.uscc, Means.BY_ROAD, found.place, work.now)
    loads.hand_over(giver, row, handing, Signing(lat=found.lat, lon=found.lon))
    work.session.flush()
    loads.take_over(work, row, taking.plate, None, Signing(lat=taking.lat, lon=taking.lon))


def _deliver(giver: Work, work: Work, row: Manifest, found: HandCode, taking: Taking) -> None:
    if taking.accepted_kg is None:
        raise Invalid(N_("Say which mass is accepted."), field="accepted_kg")
    steps.advance(giver, _trip(work.session, row), Step.DELIVER, found.lat, found.lon)
    receipts.sign(work, row, taking.accepted_kg, taking.reason, _looked(work.session, row, taking))


def _looked(session: Session, row: Manifest, taking: Taking) -> Looked:
    """Return what the taker found: of a load that is not taken whole the quantity differs, for the reason."""
    receipt = receipt_queries.of_manifest(session, row.id)
    whole = taking.accepted_kg == receipt.receiver_kg if receipt is not None else not taking.reason.strip()
    return Looked() if whole else Looked({Aspect.QUANTITY: taking.reason})


def _trip(session: Session, row: Manifest) -> Trip:
    trip = trips.by_manifest(session, row.id)
    if trip is None:
        raise NotFound("trip", row.id)
    return trip


def _giver(session: Session, found: HandCode) -> Who:
    person = registry.people(session, [found.giver_id])[found.giver_id]
    roles = frozenset(Role(role) for role in person.roles)
    return Who(person.id, person.name, person.organisation_id, roles)
