"""What do a carrier's vehicles cost, and who may say so?"""

from __future__ import annotations

from dataclasses import asdict, fields
from uuid import UUID

from compliance.record.errors import N_, DomainError, Forbidden, Invalid, raise_all
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.plans import queries
from marketplace.plans.rules import MOST_COST_FEN, MOST_STOP_MINUTES, Costs
from marketplace.plans.tables import CarrierCosts


def costs_of(work: Work) -> Costs:
    """Return what the person's own carrier has stated, or what is assumed until then."""
    return queries.costs(work.session, own_carrier(work))


def set_costs(work: Work, costs: Costs) -> Costs:
    """State what a driven day, a kilometre and an hour cost, and how long a stop takes.

    Raises every figure that cannot be right, by its name.
    """
    own = own_carrier(work)
    raise_all(_faults(costs))
    assert work.who.person_id is not None
    row = work.session.get(CarrierCosts, own) or CarrierCosts(carrier_id=own)
    for name, value in asdict(costs).items():
        setattr(row, name, value)
    row.person_id, row.at = work.who.person_id, work.now
    work.session.add(row)
    work.session.flush()
    return costs


def own_carrier(work: Work) -> UUID:
    """Return the carrier whose dispatcher the person is."""
    if not work.who.has(Role.DISPATCHER) or work.who.organisation_id is None:
        raise Forbidden(N_("Your role does not allow this."), code="role")
    return work.who.organisation_id


def _faults(costs: Costs) -> list[DomainError]:
    found: list[DomainError] = []
    for one in fields(costs):
        most = MOST_STOP_MINUTES if one.name == "stop_minutes" else MOST_COST_FEN
        if not 0 <= getattr(costs, one.name) <= most:
            found.append(Invalid(N_("A figure from 0 to {most}."), field=one.name, values={"most": most}))
    return found
