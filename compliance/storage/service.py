"""How is it noted what may lie where, and what lies there now?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.catalogue import queries as catalogue
from compliance.record.errors import N_, Conflict, Forbidden, Invalid
from compliance.record.numbers import LARGEST_KG
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.storage import queries
from compliance.storage.rules import Held, held, read_code
from compliance.storage.tables import StorageLimit

STATES = frozenset({Role.PRODUCER, Role.PROCESSOR})
"""Who states what the own sites may store."""
LONGEST_FACILITY = 60


@dataclass(frozen=True, slots=True)
class NewLimit:
    """What may lie at a site, kilograms, by which paper; 0 takes a limit back."""

    kg: int
    source: str
    code: str = ""
    facility: str = ""


def set_limit(work: Work, site_id: UUID, new: NewLimit) -> StorageLimit | None:
    """Note what may lie at a site, or take it back; None where there is no such limit any more.

    Who oversees notes it of any site; a party of its own, unless who oversees has noted it.
    """
    site = registry.site(work.session, site_id)
    own = work.who.organisation_id == site.organisation_id and work.who.has(*STATES)
    if not (work.who.oversees or own):
        raise Forbidden(N_("Your role does not allow this."), code="role")
    code, facility = _read(work.session, new)
    row = work.session.get(StorageLimit, (site.id, facility, code))
    if row is not None and row.by_authority and not work.who.oversees:
        raise Conflict(
            N_("The authority has noted this limit; it alone changes it."), code="limit_of_authority"
        )
    if not new.kg and row is None:
        raise Invalid(N_("There is no such limit to take back."), field="kg")
    work.append(
        "StorageLimitSet",
        site.id,
        organisation=str(site.organisation_id),
        kg=new.kg,
        source=new.source.strip(),
        code=code,
        facility=facility,
    )
    if not new.kg:
        work.session.delete(row)
        return None
    return _kept(work, row or StorageLimit(site_id=site.id, facility=facility, code=code), new)


def _kept(work: Work, row: StorageLimit, new: NewLimit) -> StorageLimit:
    row.kg, row.source, row.by_authority = new.kg, new.source.strip(), work.who.oversees
    row.set_at, row.set_by = work.now, work.who.person_id
    work.session.add(row)
    work.session.flush()
    return row


def _read(session: Session, new: NewLimit) -> tuple[str, str]:
    if not 0 <= new.kg <= LARGEST_KG:
        raise Invalid(N_("A storage limit is a mass above nothing."), field="kg")
    if not new.source.strip():
        raise Invalid(
            N_("Say which paper states the limit."),
            field="source",
            way_out=N_("Name the licence or the environmental assessment."),
        )
    code = _read_code(session, new)
    facility = new.facility.strip()
    if len(facility) > LONGEST_FACILITY:
        message = N_("Must have at most {limit} characters or entries.")
        raise Invalid(message, field="facility", values={"limit": LONGEST_FACILITY})
    return code, facility


def _read_code(session: Session, new: NewLimit) -> str:
    """Return what a limit is for; one that is there is taken back whatever it was for."""
    code = read_code(new.code)
    if not new.kg:
        return new.code.strip().upper() if code is None else code
    way_out = N_("Write 900-214-08, a category such as HW08, or nothing for all waste.")
    if code is None:
        raise Invalid(N_("Not a waste code."), field="code", way_out=way_out)
    if code and not catalogue.lists(session, code):
        message = N_("The catalogue has no waste and no category {code}.")
        raise Invalid(message, field="code", way_out=way_out, values={"code": code})
    return code


def held_by(session: Session, unit: UUID) -> list[Held]:
    """Say of each limit of a unit's sites what lies there now, by ledgers and manifests (an estimate)."""
    known = queries.limits(session, [unit]).get(unit, [])
    if not known:
        return []
    return held(map(queries.plain, known), queries.stock_of(session, unit, known))


def figures_of(one: Held) -> dict[str, object]:
    """Return what a limit and its stock say, for evidence."""
    named = {"facility": one.limit.facility, "code": one.limit.code}
    figures: dict[str, object] = {name: said for name, said in named.items() if said}
    return figures | {"stock_kg": one.stock_kg, "limit_kg": one.limit.kg, "source": one.limit.source}
