"""Does what was taken in have its year to be treated (L8), and its ninety days to be handed on (L2)?"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from compliance.deadlines import receiving
from compliance.deadlines.receiving import covered
from compliance.deadlines.rules import TERMS, Kind
from compliance.deadlines.tables import Deadline
from compliance.manifests import service as manifests
from compliance.manifests.rules import State
from compliance.manifests.tables import Manifest
from compliance.record.database import reading
from compliance.record.work import Work
from compliance.registry import service as registry
from compliance.registry.rules import LicenceKind, Mode
from compliance.registry.service import NewLicence
from compliance.registry.tables import LicenceRow
from compliance.rulebook.workdays import Workdays
from tests.factories import parties
from tests.factories.editions import drop_oil
from tests.factories.parties import MORNING, OIL, YEARS, Cast, committed

DAY = date(2026, 9, 30)


@pytest.mark.parametrize(
    ("came", "went", "gone"),
    [([], 10, 0), ([10, 5], 9, 0), ([10, 5], 10, 1), ([10, 5], 14, 1), ([10, 5], 15, 2), ([10, 5], 99, 2)],
)
def test_the_oldest_load_counts_as_gone_first(came: list[int], went: int, gone: int) -> None:
    """A collector could leave its oldest drums in the yard and be clear of all deadlines (L2)."""
    assert covered(came, went) == gone


def test_a_year_ends_on_the_same_day_of_the_next(engine: Engine) -> None:
    """A load of the last day of February would have no last day at all (L8)."""
    due = TERMS[Kind.STORE].due
    assert due(DAY, Workdays()).day == date(2027, 9, 30)
    assert due(date(2028, 2, 29), Workdays()).day == date(2029, 2, 28)


def running(engine: Engine) -> dict[tuple[str, UUID], tuple[str, date]]:
    """Return every deadline's state and last day by kind and manifest."""
    with reading(engine) as session:
        rows = session.scalars(select(Deadline)).all()
        return {(row.kind, row.subject_id): (row.state, row.due_on) for row in rows}


def confirmed(work: Work, cast: Cast, kg: int, **changes: object) -> UUID:
    """Confirm the receipt of a load of so many kilograms."""
    row = manifests.draft(work, cast.load(mode=Mode.COLLECT.value, **changes))
    row.state, row.number, row.accepted_kg = State.CONFIRMED.value, f"{20264201000000 + kg}", kg
    work.session.flush()
    receiving.received(work, row, DAY, Workdays())
    return row.id


def test_what_was_collected_is_handed_on_and_what_was_taken_is_treated(engine: Engine) -> None:
    """Oil from garages would lie with a collector for years, and nobody be reminded (L2, L8)."""
    cast: Cast = parties.gathered(engine)
    owner = cast.processor.organisation_id
    assert owner is not None

    def collect(work: Work) -> tuple[UUID, UUID]:
        for row in work.session.scalars(select(LicenceRow).where(LicenceRow.organisation_id == owner)):
            work.session.delete(row)
        new = NewLicence(
            "C-9", LicenceKind.COLLECTION, *YEARS, modes=(Mode.COLLECT,), lines=((OIL, 1_000_000),)
        )
        registry.add_licence(work, owner, new)
        return confirmed(work, cast, 4_000), confirmed(work, cast, 6_000)

    first, second = committed(engine, collect)
    store, hand_on = Kind.STORE.value, Kind.HAND_ON.value
    last = TERMS[Kind.HAND_ON].due(DAY, Workdays()).day
    assert running(engine) == {
        (store, first): ("ahead", date(2027, 9, 30)),
        (store, second): ("ahead", date(2027, 9, 30)),
        (hand_on, first): ("ahead", last),
        (hand_on, second): ("ahead", last),
    }

    def pass_on(work: Work) -> None:
        other = cast.producer.organisation_id
        confirmed(work, cast, 5_000, mover_id=owner, receiver_id=other)
        receiving.treated(work, work.session.get_one(Manifest, second))

    committed(engine, pass_on)
    found = {key: state for key, (state, _) in running(engine).items()}
    assert found == {
        (store, first): "ahead",
        (store, second): "kept",
        (hand_on, first): "kept",
        (hand_on, second): "ahead",
    }


def test_what_is_received_after_its_edition_ended_has_its_year(engine: Engine) -> None:
    """Oil that arrives the day after a new list began would lie in a tank without any last day (L8)."""
    cast: Cast = parties.gathered(engine)
    row = committed(engine, lambda work: manifests.draft(work, cast.load()))
    next_day = MORNING + timedelta(days=1)
    committed(engine, lambda work: drop_oil(work, "HW2027", next_day.date()), cast.operator)

    def receive(work: Work) -> None:
        receiving.received(work, work.session.get_one(Manifest, row.id), work.today, Workdays())

    committed(engine, receive, now=next_day)
    assert running(engine) == {(Kind.STORE.value, row.id): ("ahead", date(2027, 11, 21))}
