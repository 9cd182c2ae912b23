"""How are a lot's facts told, and how does a battery come on record, apart, and into other hands?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from compliance.manifests.rules import UNLOADED, State
from compliance.manifests.tables import Manifest
from compliance.profiles import queries
from compliance.profiles.identity import BELOW, Identity, Kind, plain, read
from compliance.profiles.rules import Profile, profile_of, wrong
from compliance.profiles.tables import Battery, BatteryStep, ProfileFacts
from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.rulebook.rules import broken

HOLDERS = frozenset({Role.PRODUCER, Role.PROCESSOR})
MOST = 500


def tell(work: Work, lot_id: UUID, code: str, facts: Mapping[str, str]) -> ProfileFacts:
    """Tell what a profile wants to know of a lot; the caller has made sure that it is the own one."""
    profile: Profile = profile_of(code)
    said = {key: value.strip() for key, value in facts.items() if value.strip()}
    raise_all(wrong(profile, said))
    row = work.session.get(ProfileFacts, lot_id)
    if row is None:
        row = ProfileFacts(lot_id=lot_id, organisation_id=_own(work))
        work.session.add(row)
    row.profile, row.facts, row.changed_at = profile.value, said, work.now
    work.append("LotFactsTold", lot_id, profile=profile.value, facts=said)
    return row


def register(work: Work, text: str, parent: str = "", note: str = "") -> Battery:
    """Put a battery on record under its code, as part of another one where it is."""
    own = _own(work)
    identity = _identity(work, text, "code")
    above = _parent(work, identity, parent) if parent.strip() else None
    if work.session.get(Battery, identity.code) is not None:
        raise Conflict(
            N_("Battery {code} is on record already."),
            code="battery_exists",
            way_out=N_("Ask its holder to hand it on under a manifest."),
            values={"code": identity.code},
        )
    row = Battery(
        code=identity.code,
        id=work.new_id(),
        kind=identity.kind.value,
        holder_id=own,
        parent_code=above.code if above else None,
        note=note.strip(),
        created_at=work.now,
    )
    work.session.add(row)
    _step(work, row, "on_record", row.parent_code)
    work.append("BatteryRegistered", row.id, code=row.code, level=row.kind, parent=row.parent_code or "")
    return row


def dismantle(work: Work, code: str) -> Battery:
    """Take a pack or module apart: what is in it stands for itself from now on, with its origin kept."""
    row = _held(work, code)
    inside = queries.parts(work.session, row.code)
    if row.dismantled_at is not None or Kind(row.kind) is Kind.CELL:
        raise broken("B3.apart", work.today, field="code", code=row.code)
    if not inside:
        raise Invalid(
            N_("Nothing is on record inside {code}."),
            field="code",
            way_out=N_("Register its modules or cells as parts of it first."),
            values={"code": row.code},
        )
    if row.parent_code is not None:
        _step(work, row, "taken_out", row.parent_code)
        row.parent_code = None
    row.dismantled_at = work.now
    _step(work, row, "dismantled", None)
    for part in inside:
        _step(work, part, "taken_out", row.code)
        part.parent_code = None
    codes = [part.code for part in inside]
    work.append("BatteryDismantled", row.id, code=row.code, parts=codes)
    return row


def load(work: Work, manifest: Manifest, codes: Sequence[str]) -> Sequence[Battery]:
    """Say which batteries travel under a manifest, while it is not loaded; the mover's part."""
    own = _own(work)
    if manifest.mover_id != own:
        raise Forbidden(N_("Only the {party} may do this on the manifest."), values={"party": "mover"})
    if State(manifest.state) not in UNLOADED or len(codes) > MOST:
        raise Conflict(
            N_("The batteries of a manifest that is {state} can no longer be changed."),
            code="batteries_loaded",
            values={"state": manifest.state},
        )
    for row in queries.travelling(work.session, manifest.id):
        row.manifest_id = None
    chosen = [_held(work, code) for code in codes]
    faults: list[DomainError] = [
        broken("B3.apart", work.today, field="codes", code=row.code)
        for row in chosen
        if row.dismantled_at is not None or row.parent_code is not None
    ]
    raise_all(faults)
    for row in chosen:
        row.manifest_id = manifest.id
    told = [row.code for row in chosen]
    work.append("BatteriesLoaded", manifest.id, codes=told)
    return chosen


def hand_on(work: Work, manifest: Manifest) -> int:
    """Let the receiver hold what a confirmed manifest brought, with all that is inside; return how many."""
    rows = list(queries.travelling(work.session, manifest.id))
    moved = 0
    while rows:
        row = rows.pop()
        if row.holder_id == manifest.receiver_id:
            continue
        row.holder_id = manifest.receiver_id
        _step(work, row, "handed_on", None, manifest.id)
        rows += queries.parts(work.session, row.code)
        moved += 1
    if moved:
        receiver = str(manifest.receiver_id)
        work.append("BatteriesHandedOn", manifest.id, receiver=receiver, count=moved)
    return moved


def _own(work: Work) -> UUID:
    if work.who.organisation_id is None or not work.who.has(*HOLDERS):
        raise Forbidden(N_("Your role does not allow this."), code="role")
    return work.who.organisation_id


def _identity(work: Work, text: str, field: str) -> Identity:
    found = read(text)
    if isinstance(found, Identity):
        return found
    segments = ", ".join(one.value for one in found)
    raise broken("B1.identity", work.today, field=field, code=plain(text)[:40], segments=segments)


def _parent(work: Work, identity: Identity, text: str) -> Battery:
    above = _identity(work, text, "parent")
    row = work.session.get(Battery, above.code)
    held = row is not None and row.holder_id == work.who.organisation_id and row.dismantled_at is None
    if row is None or not held or above.kind not in BELOW[identity.kind]:
        raise broken("B2.parent", work.today, field="parent", code=identity.code, parent=above.code)
    return row


def _held(work: Work, text: str) -> Battery:
    row = queries.battery(work.session, plain(text), work.who)
    if row.holder_id != _own(work):
        raise Forbidden(N_("Battery {code} is in other hands."), values={"code": row.code})
    return row


def _step(work: Work, row: Battery, step: str, other: str | None, manifest_id: UUID | None = None) -> None:
    work.session.add(
        BatteryStep(
            id=work.new_id(),
            code=row.code,
            step=step,
            other_code=other,
            holder_id=row.holder_id,
            manifest_id=manifest_id,
            at=work.now,
        )
    )
