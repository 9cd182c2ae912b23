"""How does what was signed without signal come on the record, once each and in order, or before a person?"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from compliance.manifests import queries as manifest_queries
from compliance.manifests import reserved, statements
from compliance.manifests import service as manifests
from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.service import Signing
from compliance.manifests.tables import Manifest
from compliance.record import ledger
from compliance.record.credential import Credential
from compliance.record.errors import (
    N_,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    RuleBroken,
    Several,
)
from compliance.record.work import Work
from compliance.signing_keys.rules import (
    Algorithm,
    ChainBroken,
    Difference,
    Head,
    Statement,
    differences,
    hash_of,
    read,
    require_next,
    require_signed,
)
from compliance.signing_keys.tables import SigningKey
from tracking.kept_acts import queries
from tracking.kept_acts.rules import (
    AS_BEFORE,
    DECISIONS,
    ISSUE,
    KEPT,
    NEXT,
    SHOWN,
    SLOW_CLOCK,
    Outcome,
    State,
    acted_at,
    shown,
    told_at,
)
from tracking.kept_acts.tables import KeptAct
from tracking.trips import service as trips
from tracking.trips.rules import Act as TripAct
from tracking.trips.tables import Trip

CHANGED = N_("The manifest is no longer what the terminal showed.")
DATED_BACK = N_("By the terminal's clock it was signed before what stands on the record already.")
REVOKED = N_("The key of this terminal was revoked before the act came in.")


@dataclass(frozen=True, slots=True)
class Item:
    """One statement as it was signed, to the letter, and its signature."""

    statement: str
    signature: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """How acts come in: `wall` is the machine's clock, `done` tells whether it was carried out before."""

    wall: datetime
    done: Callable[[Statement], bool] = lambda _: False


def receive(work: Work, key: SigningKey, items: Sequence[Item], delivery: Delivery) -> list[KeptAct]:
    """Take in what a terminal signed: verified, in the order of its chain, each once.

    Raises before anything is stored for a signature that does not fit or a chain that has a gap; what the
    manifest or a rule stands against is kept and set aside.
    """
    if key.person_id != work.who.person_id:
        raise Forbidden(N_("A terminal's acts are handed in by the person whose key it holds."))
    return [_receive(work, key, item, delivery) for item in items]


def _receive(work: Work, key: SigningKey, item: Item, delivery: Delivery) -> KeptAct:
    require_signed(Algorithm(key.algorithm), key.public_key, item.statement, item.signature)
    said = read(item.statement)
    if said.key != key.id or said.act not in KEPT:
        raise Invalid(N_("This is no act that this terminal may keep."), field="items")
    head = Head(key.last_seq, key.last_hash)
    if said.seq <= head.seq:
        known = queries.said(work.session, key.id, said.seq)
        if known is None or known.hash != hash_of(item.statement):
            raise ChainBroken(head)
        return known
    require_next(head, said)
    at, floor = told_at(said.at, delivery.wall, work.now), key.last_at or key.enrolled_at
    row = _kept(work, key, item, said, acted_at(at, work.now, floor))
    key.last_seq, key.last_hash, key.last_at = row.seq, row.hash, row.acted_at
    work.session.add(row)
    work.session.flush()
    work.append(
        "ActKept",
        row.manifest_id,
        kept=str(row.id),
        key=str(key.id),
        seq=row.seq,
        hash=row.hash,
        act=row.act,
        signed_at=row.signed_at.isoformat(),
        acted_at=row.acted_at.isoformat(),
    )
    _place(work, key, row, delivery, early=at < floor - SLOW_CLOCK)
    return row


def _place(work: Work, key: SigningKey, row: KeptAct, delivery: Delivery, *, early: bool) -> None:
    """Carry out an act that came in, or let it wait; a press signed once more goes the way it went before."""
    said = read(row.statement)
    before = queries.pressed_before(work.session, row, said.intent)
    if before is not None:
        row.reasons = list(before.reasons)
        move(work, row, AS_BEFORE[State(before.state)])
    elif delivery.done(said):
        move(work, row, Outcome.APPLY)
    elif early:
        row.reasons = [_told(Conflict(DATED_BACK, code="dated_back"))]
        move(work, row, Outcome.SET_ASIDE)
    elif queries.open_on(work.session, row.manifest_id):
        move(work, row, Outcome.WAIT)
    else:
        settle(work, row, key.revoked_at is not None)


def _kept(work: Work, key: SigningKey, item: Item, said: Statement, at: datetime) -> KeptAct:
    manifest, trip = _subject(work, said)
    return KeptAct(
        id=work.new_id(),
        key_id=key.id,
        seq=said.seq,
        hash=hash_of(item.statement),
        statement=item.statement,
        signature=item.signature,
        person_id=key.person_id,
        person_name=key.person_name,
        organisation_id=key.organisation_id,
        act=said.act,
        manifest_id=manifest.id,
        trip_id=trip.id if trip else None,
        number=said.number,
        signed_at=said.at,
        acted_at=at,
        received_at=work.now,
        lat=said.lat,
        lon=said.lon,
        state=State.RECEIVED.value,
        seen={name: value for name, value in said.seen.items() if name in {*SHOWN, "version", "state"}},
        found=shown(manifest, statements.digest(work, manifest)),
        reasons=[],
    )


def _subject(work: Work, said: Statement) -> tuple[Manifest, Trip | None]:
    """Return what an act is about; a load that never was the signer's house's is not found."""
    own = work.who.organisation_id
    trip = work.session.get(Trip, said.subject) if said.act != ISSUE else None
    row = work.session.get(Manifest, trip.manifest_id if trip else said.subject)
    if row is None or (trip is None) != (said.act == ISSUE):
        raise NotFound("trip", said.subject)
    now = {row.mover_id, row.carrier_id, row.receiver_id}
    before = {leg.from_carrier_id for leg in manifest_queries.legs(work.session, row.id)}
    if own not in now | before:
        raise NotFound("trip", said.subject)
    return row, trip


def settle(work: Work, row: KeptAct, revoked: bool) -> None:
    """Carry an act out as of its own time, or set it aside with everything that stands against it."""
    manifest = work.session.get_one(Manifest, row.manifest_id, with_for_update=True)
    row.found = shown(manifest, statements.digest(work, manifest))
    against: list[DomainError] = [Conflict(REVOKED, code="key_revoked")] if revoked else []
    signed = manifest_queries.signatures(work.session, row.manifest_id)
    newest = max((one.at for one in signed), default=row.acted_at)
    if row.acted_at < newest - SLOW_CLOCK:
        against.append(Conflict(DATED_BACK, code="dated_back"))
    if set(changed(row)) - _settled(work, row):
        against.append(Conflict(CHANGED, code="changed_meanwhile"))
    if not against:
        try:
            with ledger.attempt(work.session):
                at = max(row.acted_at, newest)
                carry_out(replace(work, now=at, credential=Credential.DEVICE), row)
        except DomainError as refusal:
            against = list(refusal.errors) if isinstance(refusal, Several) else [refusal]
    row.reasons = [_told(one) for one in against]
    move(work, row, Outcome.SET_ASIDE if against else Outcome.APPLY)


def _settled(work: Work, row: KeptAct) -> set[Difference]:
    """Return the differences about which a person has decided for this terminal's version before."""
    signed = {Outcome.KEEP_MINE.value, Outcome.AS_CORRECTION.value}
    earlier = queries.of_manifest(work.session, row.manifest_id)
    return {
        difference
        for one in earlier
        if one.key_id == row.key_id and one.decision in signed
        for difference in changed(one)
    }


def changed(row: KeptAct) -> tuple[Difference, ...]:
    """Return in what the manifest, as the act met it, differs from what its signer saw."""
    return differences(row.seen, {name: row.found.get(name) for name in SHOWN})


def _told(refusal: DomainError) -> dict[str, str]:
    return {
        "code": refusal.code,
        "rule": refusal.rule if isinstance(refusal, RuleBroken) else "",
        "article": refusal.article if isinstance(refusal, RuleBroken) else "",
        "text": refusal.message,
        "way_out": refusal.way_out or "",
        "values": json.dumps(refusal.values, ensure_ascii=False, default=str),
    }


def carry_out(work: Work, row: KeptAct) -> None:
    """Do what an act says, as its signer and at its time; raises whatever a person would be refused."""
    if row.trip_id is not None:
        trip = work.session.get_one(Trip, row.trip_id)
        trips.advance(work, trip, TripAct(row.act), row.lat, row.lon, read(row.statement).label)
        return
    manifest = work.session.get_one(Manifest, row.manifest_id, with_for_update=True)
    if row.number:
        reserved.use(work, row.key_id, manifest, row.number)
    manifests.act(work, manifest, ManifestAct.ISSUE, Signing(lat=row.lat, lon=row.lon))


def move(work: Work, row: KeptAct, outcome: Outcome) -> None:
    """Move a kept act on, on the record with both versions; `Conflict` where its state does not allow it."""
    target = NEXT.get((State(row.state), outcome))
    if target is None:
        raise Conflict(
            N_("A kept act that is {state} cannot be decided upon."),
            code="kept_act_state",
            values={"state": row.state},
        )
    row.state = target.value
    work.append(
        "KeptActMoved",
        row.manifest_id,
        kept=str(row.id),
        act=row.act,
        outcome=outcome.value,
        state=row.state,
        seen=row.seen,
        found=row.found,
        reasons=[one["code"] for one in row.reasons],
        decision=row.reason,
        credential=work.signed_by().value if outcome in DECISIONS else "",
    )
