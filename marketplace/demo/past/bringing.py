"""Which past does each party of the demonstration bring with it, and how is that put on the record?"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from compliance.construction.rules import is_construction
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.registry.rules import LicenceKind, OrganisationKind
from compliance.registry.tables import LicenceRow
from marketplace.demo.past import building
from marketplace.demo.past.books import GYPSUM, Unit, keep_books, store_lots
from marketplace.demo.past.building import Project
from marketplace.demo.past.desk import FULL_PERCENT, Desk, lay_out
from marketplace.demo.past.flows import Ends, let_flow
from marketplace.demo.past.papers import House, file_papers

if TYPE_CHECKING:
    from marketplace.demo.world import Row, World

EVERY = 3
"""One in so many producers of hazardous waste keeps its ledgers here."""
LIMITS, ALERTS = 40, 6


def bring(work: Work, world: World, inspector: Who, seed: int) -> None:
    """Give the parties of a world their past: simulated, the same for the same seed, in few statements.

    The record says of each only that a simulated past was put in: nobody decided anything on this instance.
    """
    chance = random.Random(f"past {seed}")  # noqa: S311 - a repeatable world, no secret
    houses = list(_houses(world))
    papers = file_papers(work, houses, chance)
    units = list(_units(world))
    entries = keep_books(work, units, chance)
    store_lots(work)
    goals = [party.site.id for row, party in world.processors if is_construction(row.code)]
    building.permit(work, list(_projects(world)), goals, world.vehicles)
    let_flow(work, _ends(world), chance)
    full = _nearly_full(work, world)
    sites = [party.site.id for row, party in world.processors if row.hazardous]
    vehicles = world.vehicles[-ALERTS:]
    lay_out(work, Desk(inspector, vehicles, full, sites[:LIMITS], _tied(world)), chance)
    for house in houses:
        own = house.row.id
        work.append("PastSimulated", own, documents=papers.get(own, 0), entries=entries.get(own, 0))


def _tied(world: World) -> list[UUID]:
    """Return a producer, a processor of its waste and a carrier that no visitor signs in to."""
    row, mover = next(pair for pair in world.producers if pair[0].hazardous and not pair[1].visited)
    takers = (one for other, one in world.processors if other.code == row.code and not one.visited)
    return [one.organisation.id for one in (mover, next(takers), world.carriers[1])]


def _projects(world: World) -> Iterator[Project]:
    for row, party in world.producers:
        if is_construction(row.code):
            yield Project(party.organisation.id, party.site.id, row.code, row.tonnes * 1000)


def _ends(world: World) -> Ends:
    """Return the visitors' own houses, which a pipeline joins."""
    row, mover = next(pair for pair in world.producers if pair[1].visited)
    receiver = next(party for _, party in world.processors if party.visited)
    return Ends(mover.who(), receiver.who(), mover.site.id, receiver.site.id, row.code)


def _houses(world: World) -> Iterator[House]:
    for traders, kind in (
        (world.producers, OrganisationKind.PRODUCER),
        (world.processors, OrganisationKind.PROCESSOR),
    ):
        for row, party in traders:
            yield House(party.organisation, kind, row.hazardous, party.visited)
    for place, party in enumerate(world.carriers):
        yield House(party.organisation, OrganisationKind.CARRIER, place % 3 != 2, party.visited)


def _units(world: World) -> Iterator[Unit]:
    kept = 0
    for row, party in world.producers:
        if not (row.hazardous or row.code == GYPSUM):
            continue
        kept += 1
        if party.visited or row.code == GYPSUM or kept % EVERY == 0:
            codes = _codes(world, row) if party.visited else ()
            share = row.tonnes * 1000 // max(1, row.producers)
            yield Unit(
                party.organisation.id, row.code, share, row.hazardous, party.person.name, codes, party.visited
            )
    for row, party in world.processors:
        if party.visited:
            own = row.tonnes * 10
            yield Unit(party.organisation.id, row.code, own, row.hazardous, party.person.name, (), True)


def _codes(world: World, home: Row) -> tuple[str, ...]:
    """Return every hazardous waste of a town: what a visitor may list there is in the plan."""
    found = (row.code for row, _ in world.producers if row.division == home.division and row.hazardous)
    return tuple(sorted(set(found)))


def _nearly_full(work: Work, world: World) -> list[LicenceRow]:
    """Return the licences of some processors that no visitor signs in to."""
    others = [party.organisation.id for row, party in world.processors if row.hazardous and not party.visited]
    rows = work.session.scalars(
        select(LicenceRow)
        .where(LicenceRow.organisation_id.in_(others), LicenceRow.kind == LicenceKind.COMPREHENSIVE.value)
        .order_by(LicenceRow.number)
    )
    return list(rows)[-len(FULL_PERCENT) :]
