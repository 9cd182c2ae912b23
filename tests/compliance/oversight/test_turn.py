"""Does a load that was on its way at the turn of the year count in the year in which it was taken in?"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Engine, update

from compliance.manifests.rules import Act
from compliance.oversight import queries, service
from compliance.oversight.disclosure import disclosed
from compliance.oversight.rules import Sign
from compliance.record.database import reading
from compliance.record.work import Work
from compliance.registry.tables import LicenceLineRow, LicenceRow
from tests.compliance.manifests.conftest import people
from tests.compliance.manifests.signing import WHOLE_WAY, do, drafted, signer
from tests.factories.parties import Cast, committed

__all__ = ["people"]

DECEMBER, JANUARY = datetime(2026, 12, 31, 1, 0, tzinfo=UTC), datetime(2027, 1, 2, 1, 0, tzinfo=UTC)
ON_THE_ROAD = 3


def moved(engine: Engine, cast: Cast, begun: datetime, arrived: datetime, acts: int = len(WHOLE_WAY)) -> UUID:
    """Bring a load its whole way: drawn up and departed at one moment, taken in and treated at another."""
    key = drafted(engine, cast, begun)
    for place, (what, signing) in enumerate(WHOLE_WAY[:acts]):
        do(engine, key, what, signer(cast, what), signing, begun if place < ON_THE_ROAD else arrived)
    return key


def test_a_load_counts_in_the_year_of_its_acceptance(engine: Engine, people: Cast) -> None:
    """What departs in December would count for no licence, and a year's overrun hide behind New Year (L4)."""

    def small(work: Work) -> None:
        work.session.execute(update(LicenceLineRow).values(yearly_kg=1_000))
        work.session.execute(update(LicenceRow).values(valid_to=JANUARY.date().replace(year=2029)))

    across = moved(engine, people, DECEMBER, JANUARY)
    before = moved(engine, people, DECEMBER, DECEMBER)
    committed(engine, small)
    for year, wanted in ((2026, before), (2027, across)):
        year_of = partial(service.analyse, year=year)
        found = committed(engine, year_of, people.inspector, JANUARY)
        (beyond,) = [one for one in found.found if one.sign is Sign.BEYOND_LICENCE]
        assert beyond.manifests == (wanted,)
        (site,) = [one for one in found.balances if one.site == people.destination_id]
        assert (site.opening_kg, site.in_kg, site.treated_kg, site.stock_kg) == (0, 9_950, 9_950, 0)
    with reading(engine) as session:
        loads = {year: queries.loads(session, people.inspector, year) for year in (2026, 2027)}
        told = {
            year: {one.organisation: one for one in disclosed(loads[year], year)} for year in (2026, 2027)
        }
    mover, receiver = people.producer.organisation_id, people.processor.organisation_id
    assert mover is not None
    assert receiver is not None
    assert (told[2026][mover].handed_over_kg, told[2026][receiver].taken_in_kg) == (19_960, 9_950)
    assert (mover in told[2027], told[2027][receiver].treated_kg) == (False, 9_950)


def test_what_nobody_has_touched_for_years_still_lies_there(engine: Engine, people: Cast) -> None:
    """The longest forgotten drum would be the first to fall out of the list (L8)."""
    acts = [what for what, _ in WHOLE_WAY].index(Act.TREAT)
    key = moved(engine, people, DECEMBER, DECEMBER, acts)
    later = JANUARY.replace(year=2030)
    found = committed(engine, partial(service.analyse, year=2030), people.inspector, later)
    (lying,) = [one for one in found.found if one.sign is Sign.STORED_TOO_LONG]
    assert lying.manifests == (key,)
