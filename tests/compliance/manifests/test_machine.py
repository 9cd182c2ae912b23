"""Does any sequence of acts reach a state nobody knows, lose a kilogram, oversell, or break the chain?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import copy, rmtree
from tempfile import mkdtemp
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from compliance.approvals import queries as approvals
from compliance.approvals.tables import Approval
from compliance.manifests import corrections, exceptions, gates, handover, paper, queries, returns, service
from compliance.manifests.exceptions import Asked
from compliance.manifests.gates import Signing
from compliance.manifests.handover import Agreed, Means, Taking
from compliance.manifests.rules import NEXT, RESUMES, Act, State
from compliance.manifests.seals import Field, RevisionState
from compliance.manifests.situations import WAYS, Situation
from compliance.manifests.tables import Manifest, ManifestRevision
from compliance.receipts import service as receipts
from compliance.record import ledger
from compliance.record.database import open_database, reading
from compliance.record.errors import DomainError
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.registry import service as registry
from compliance.registry.rules import Mode
from compliance.registry.tables import LicenceDraw, LicenceLineRow
from tests.factories import parties
from tests.factories.parties import MORNING, OIL, Cast, committed

YEARLY_KG = 25_000
KNOWN = {(at.value, to.value) for (at, _), to in NEXT.items()}
KNOWN |= {(State.UNDER_CORRECTION.value, at.value) for at in RESUMES}


class Loads(RuleBasedStateMachine):
    """Loads of ten tonnes on a licence of 25 t a year, moved by everybody in any order."""

    template: ClassVar[Path]

    @initialize()
    def open(self) -> None:
        """Begin with a fresh copy of a database that holds the cast."""
        self.folder = Path(mkdtemp())
        self.engine = open_database(f"sqlite:///{copy(self.template, self.folder / 'one.db')}", 2)
        self.cast: Cast = committed(self.engine, parties.cast)
        self.people = (*self.cast.everyone,)
        self.ids: list[UUID] = []
        self.seen: dict[UUID, str] = {}

        def shrink(work: Work) -> None:
            for line in work.session.scalars(select(LicenceLineRow)):
                line.yearly_kg = YEARLY_KG

        committed(self.engine, shrink)

    def teardown(self) -> None:
        """Close the database, its chain whole."""
        if hasattr(self, "engine"):
            assert ledger.verify(self.engine) is None
            self.engine.dispose()
            rmtree(self.folder)

    def attempt(self, do: Callable[[Work, Manifest], object], who: Who, pick: int) -> None:
        """Let somebody try something with one of the loads; a refusal must leave no trace."""
        if not self.ids:
            return
        key = self.ids[pick % len(self.ids)]
        try:
            committed(self.engine, lambda work: do(work, work.session.get_one(Manifest, key)), who)
        except DomainError:
            return

    def who(self, pick: int) -> Who:
        """Choose one of the people."""
        return self.people[pick % len(self.people)]

    @rule()
    def agree(self) -> None:
        """Book a load on the receiver's licence and draw its manifest up, where the year has room."""
        load = self.cast.load()

        def act(work: Work) -> UUID:
            waste = service.catalogue_service.require(work, OIL, work.today, "code")
            registry.book(work, load.receiver_id, load.deal_id, waste, Mode.USE, load.planned_kg)
            return service.draft(work, load).id

        try:
            self.ids.append(committed(self.engine, act))
        except DomainError:
            return

    @rule(pick=st.integers(0, 9), who=st.integers(0, 6), act=st.sampled_from(Act), kg=st.integers(1, 12_000))
    def sign(self, pick: int, who: int, act: Act, kg: int) -> None:
        """Sign any act, in turn or not, as anybody."""

        def do(work: Work, row: Manifest) -> None:
            if act in {Act.ACCEPT, Act.ACCEPT_PART, Act.REFUSE, Act.RETURN, Act.CORRECT}:
                return
            if act is Act.LOAD:
                service.note_loaded(work, row.id, 9_980)
            service.act(work, row, act, Signing(kg=kg, reason="x"))

        self.attempt(do, self.who(who), pick)

    @rule(pick=st.integers(0, 9), steps=st.integers(1, 4))
    def drive(self, pick: int, steps: int) -> None:
        """Go the plain way for a while, so that the far ends are reached too."""
        way = ((Act.ISSUE, 0), (Act.LOAD, 3), (Act.DEPART, 3), (Act.ARRIVE, 3))
        for act, who in way[:steps]:
            self.sign(pick, who, act, 9_980)

    @rule(pick=st.integers(0, 9), kg=st.sampled_from([0, 1, 4_000, 9_960]), refuse=st.booleans())
    def receive(self, pick: int, kg: int, refuse: bool) -> None:
        """Take a load whole, in part or not at all, by both scales' nets."""

        def do(work: Work, row: Manifest) -> None:
            if row.loaded_kg is not None:
                receipts.draft(work, row, row.loaded_kg, min(9_960, row.loaded_kg), [])
            if refuse:
                receipts.refuse(work, row, "wet")
            else:
                receipts.sign(work, row, kg, "wet")

        self.attempt(do, self.cast.processor, pick)
        self.attempt(do, self.cast.producer, pick)

    @rule(pick=st.integers(0, 9), kg=st.sampled_from([None, 0, 1, 3_000, 9_960, 20_000]))
    def send_on(self, pick: int, kg: int | None) -> None:
        """Send what was refused back."""

        def do(work: Work, row: Manifest) -> None:
            self.made = returns.send(work, row, None, kg).id

        self.made: UUID | None = None
        self.attempt(do, self.cast.producer, pick)
        with reading(self.engine) as session:
            if self.made is not None and session.get(Manifest, self.made) is not None:
                self.ids.append(self.made)

    @rule(pick=st.integers(0, 9), way=st.integers(0, 3))
    def change_hands(self, pick: int, way: int) -> None:
        """Offer the load to another carrier, keep it, or run it on paper."""
        other = self.cast.stranger.organisation_id
        assert other is not None
        agreed = Agreed(other, Means.BY_RAIL, "yard", MORNING)
        told = paper.Paper("P", MORNING, MORNING, 9_980, 9_960, "scan")
        ways: tuple[Callable[[Work, Manifest], object], ...] = (
            lambda work, row: handover.offer(work, row, agreed),
            lambda work, row: handover.take_over(work, row, Taking("wagon 7")),
            lambda work, row: paper.go_on_paper(work, row, "no signal"),
            lambda work, row: receipts.enter_paper(work, row, told),
        )
        self.attempt(ways[way], self.cast.driver, pick)

    @rule(
        pick=st.integers(0, 9),
        situation=st.sampled_from(Situation),
        act=st.sampled_from(Act),
        who=st.integers(0, 6),
        grantor=st.integers(0, 6),
    )
    def except_from(self, pick: int, situation: Situation, act: Act, who: int, grantor: int) -> None:
        """Ask leave for an act and let somebody decide."""
        way = WAYS[situation]
        chosen = act if act in way.acts else sorted(way.acts)[0]

        def do(work: Work, row: Manifest) -> None:
            exceptions.ask(work, row, Asked(situation, chosen, "why", "photo", kg=5_000, plate="X"))

        def decide(work: Work, row: Manifest) -> None:
            for found in exceptions.listed(work.session, row.id):
                if found.state == "asked":
                    exceptions.decide(work, row, found, True, "ok")

        self.attempt(do, self.who(who), pick)
        self.attempt(decide, self.who(grantor), pick)

    @rule(
        pick=st.integers(0, 9),
        field=st.sampled_from([Field.PLANNED_KG, Field.LOADED_KG, Field.ACCEPTED_KG]),
        kg=st.integers(1, 12_000),
        who=st.integers(0, 3),
        approve=st.booleans(),
    )
    def correct(self, pick: int, field: Field, kg: int, who: int, approve: bool) -> None:
        """Propose a correction and let the others answer it."""
        self.attempt(
            lambda work, row: corrections.propose(work, row, {field: kg}, "typo"), self.who(who), pick
        )

        def answer(work: Work, row: Manifest) -> None:
            found: list[ManifestRevision] = [
                one for one in corrections.listed(work.session, row.id) if one.state == RevisionState.PROPOSED
            ]
            corrections.answer(work, row, found[0], approve, "no") if found else None

        for other in (self.cast.producer, self.cast.processor, self.cast.driver):
            self.attempt(answer, other, pick)

    @invariant()
    def the_books_hold(self) -> None:
        """States follow the table, no mass is lost or made, the licence is not oversold."""
        if not hasattr(self, "engine"):
            return
        with reading(self.engine) as session:
            work = parties.work_in(session)
            rows = session.scalars(select(Manifest)).all()
            for row in rows:
                assert State(row.state)
                if row.received_kg is not None:
                    assert (row.accepted_kg or 0) + row.refused_kg == row.received_kg
                    assert 0 <= gates.rest_kg(work, row) <= row.refused_kg
                if row.state == State.CLOSED and row.received_kg is not None:
                    assert gates.rest_kg(work, row, there=True) == 0
                assert len(queries.signatures(session, row.id)) >= (row.state != State.DRAFT)
            booked = sum(session.scalars(select(LicenceDraw.kg)))
            assert booked <= YEARLY_KG
            assert approvals.drawn(session, session.scalars(select(Approval.id)).all()) == {}


@pytest.mark.parametrize("steps", [40])
def test_no_sequence_of_acts_breaks_the_books(sqlite_template: Path, steps: int) -> None:
    """Some order of acts that nobody thought of would lose a load, or take more than the licence allows."""
    Loads.template = sqlite_template
    run_state_machine_as_test(
        Loads, settings=settings(max_examples=4, stateful_step_count=steps, deadline=None)
    )
