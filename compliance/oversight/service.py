"""How are a year's loads analysed, and what is noted of companies?"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from compliance.exemptions import queries as exemptions
from compliance.oversight import circles, links, meters, queries, rules
from compliance.oversight.circles import Bounds
from compliance.oversight.links import Tie
from compliance.oversight.rules import Balance, Found, Sign
from compliance.oversight.tables import CompanyFact
from compliance.record.errors import N_, Forbidden, Invalid
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.storage import queries as storage_queries
from compliance.storage import service as storage

PARTY_ROLES = frozenset({Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER})


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a year of loads shows: the balance of every receiving site, and the signs."""

    year: int
    loads: int
    balances: tuple[Balance, ...]
    found: tuple[Found, ...]
    groups: tuple[links.Group, ...] = ()
    """Companies that hang together, with what goes between them."""
    every_ring: bool = True
    """Whether the search for what goes round came to its end."""


def analyse(work: Work, year: int, of: UUID | None = None, bounds: Bounds | None = None) -> Analysis:
    """Analyse the loads of a year, all or those of one organisation; `Forbidden` for who does not oversee.

    What a licence took counts in the year of the acceptance, also where the load was drawn up before it.

    Of one organisation's loads, what goes round over three and more is not seen, for a leg is not its own.
    """
    if not work.who.oversees:
        raise Forbidden(N_("Your role does not allow this."), code="role")
    session = work.session
    who = work.who if of is None else Who(None, "", of, PARTY_ROLES)
    every = queries.loads(session, who, year)
    taken = [one for one in every if one.accepted_on is not None and one.accepted_on.year == year]
    own = [one for one in every if one.drawn_up.year == year]
    balances = rules.balances(
        every,
        queries.receiving_sites(session),
        storage_queries.whole_sites(session),
        year,
        queries.openings(session, who, year),
    )
    receivers = {one.receiver for one in taken}
    held = registry.licences(session, receivers, year)
    codes = {one.code for one in taken}
    categories = queries.categories(session, codes)
    flows = links.flows_of(own)
    rings = circles.circles_of_year(every, year, bounds)
    tied = links.linked(queries.companies(session), flows, queries.plates(session, who, year))
    found = [
        *_stock_signs(work, year, balances, of),
        *rules.stored_too_long(every, work.today),
        *rules.licence_signs(taken, held, categories, exemptions.grants(session, receivers, codes)),
        *rings.found,
        *rules.cancelled_after_loading(own),
        *tied,
        *meters.meters_disagree(queries.metered(session, who, year, work.today)),
        *rules.outliers(own),
    ]
    return Analysis(
        year, len(own), tuple(balances), tuple(found), tuple(links.groups(tied, flows)), rings.complete
    )


def _stock_signs(work: Work, year: int, balances: list[Balance], of: UUID | None) -> list[Found]:
    """Return where more left than came, and where too much lies: now by every limit, of old by balance."""
    signs = rules.stock_signs(balances)
    if year != work.today.year:
        return signs
    units = storage_queries.units(work.session, work.who) if of is None else [of]
    over = [one for unit in units for one in storage.held_by(work.session, unit) if one.is_over]
    return [one for one in signs if one.sign is not Sign.OVER_STORAGE] + [
        Found(Sign.OVER_STORAGE, (one.limit.site,), (), storage.figures_of(one)) for one in over
    ]


def note_fact(
    work: Work, organisation_id: UUID, kind: Tie, value: str, source: str, secret: str
) -> CompanyFact:
    """Note of a company what may tie it to another, and where that was seen.

    Of a bank account only a hash under the instance's `secret`: who has the database alone cannot guess it.
    """
    if not work.who.oversees:
        raise Forbidden(N_("Your role does not allow this."), code="role")
    plain = "".join(value.split())
    if kind not in NOTED or not 2 <= len(plain) <= 60:
        raise Invalid(N_("Write 2 to {most} characters."), field="value", values={"most": 60})
    if not source.strip():
        raise Invalid(N_("Say where it was seen."), field="source")
    key, shown = plain, plain
    if kind is Tie.BANK_ACCOUNT:
        hashed = hmac.new(secret.encode(), plain.encode(), hashlib.sha256)
        key, shown = hashed.hexdigest(), f"…{plain[-4:]}"
    owner = registry.organisation(work.session, organisation_id).id
    row = work.session.scalar(
        select(CompanyFact).where(
            CompanyFact.organisation_id == owner, CompanyFact.kind == kind.value, CompanyFact.key == key
        )
    )
    if row is None:
        row = CompanyFact(id=work.new_id(), organisation_id=owner, kind=kind.value, key=key, shown=shown)
        work.session.add(row)
    row.source, row.noted_at, row.noted_by = source.strip(), work.now, work.who.person_id
    work.append("CompanyFactNoted", owner, fact=kind.value, source=row.source)
    return row


NOTED = frozenset({Tie.REPRESENTATIVE, Tie.BENEFICIARY, Tie.BANK_ACCOUNT})
"""What the register does not know by itself."""
