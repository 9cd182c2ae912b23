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
from sqlalchemy.orm import Session

from compliance.approvals import queries as approvals
from compliance.approvals.rules import Kind
from compliance.approvals.rules import State as Standing
from compliance.approvals.tables import Approval
from compliance.manifests import corrections, exceptions, gates, handover, paper, queries, returns, service
from compliance.manifests.exceptions import Asked
from compliance.manifests.gates import Signing
from compliance.manifests.handover import Agreed, Means, Taking
from compliance.manifests.rules import NEXT, Act, State
from compliance.manifests.seals import Field, RevisionState
from compliance.manifests.situations import WAYS, Situation
from compliance.manifests.tables import Manifest, ManifestRevision
from compliance.receipts import service as receipts
from compliance.receipts.rules import Aspect, Looked
from compliance.record import ledger
from compliance.record.database import open_database, reading
from compliance.record.errors import DomainError
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import service as registry
from compliance.registry.rules import Mode
from compliance.registry.tables import LicenceDraw, LicenceLineRow
from tests.factories import parties
from tests.factories.parties import CHANGSHA, MORNING, OIL, WUHAN, YEARS, Cast, committed

YEARLY_KG = 45_000
APPROVED_KG = 15_000
PICKS = st.integers(0, 4)
WET = Looked({Aspect.PROPERTY: "wet"})
ELSEWHERE = {
    Act.ACCEPT,
    Act.ACCEPT_PART,
    Act.REFUSE,
    Act.RETURN,
    Act.CORRECT,
    Act.GO_ON_PAPER,
    Act.BACK_ENTER,
}
"""Acts that say more than a signature does: other rules of the machine do them."""


class Loads(RuleBasedStateMachine):
    """Loads of ten tonnes on a licence of 45 t a year, moved by everybody in any order."""

    template: ClassVar[Path]

    @initialize()
    def open(self) -> None:
        """Begin with a fresh copy of a database that holds the cast."""
        self.folder = Path(mkdtemp())
        self.engine = open_database(f"sqlite:///{copy(self.template, self.folder / 'one.db')}", 2)
        self.cast: Cast = committed(self.engine, parties.cast)
        self.people = (*self.cast.everyone,)
        self.ids: list[UUID] = []
        self.abroad = committed(self.engine, self.prepare)

    def prepare(self, work: Work) -> UUID:
        """Leave the licence 45 t, permit the second carrier, approve 15 t for a works in another province."""
        for line in work.session.scalars(select(LicenceLineRow)):
            line.yearly_kg = YEARLY_KG
        other, receiver = self.cast.stranger.organisation_id, self.cast.processor.organisation_id
        assert other is not None
        assert receiver is not None
        parties.carrier_permit(work, other, "3", "6", "8", number="DG-2")
        parties.escort(work, other)
        driver = parties.person(work, other, Role.DRIVER, permit_to=YEARS[1])
        self.second = parties.as_who(driver)
        site = parties.site(work, receiver, (28.2, 113.0), CHANGSHA)
        work.session.add(
            Approval(
                id=work.new_id(),
                kind=Kind.APPROVAL.value,
                state=Standing.IN_FORCE.value,
                mover_id=self.cast.producer.organisation_id,
                receiver_id=receiver,
                origin=WUHAN,
                destination=CHANGSHA,
                code=OIL,
                waste_name="oil",
                category="HW08",
                hazardous=True,
                mode=Mode.USE.value,
                kg=APPROVED_KG,
                asked_from=YEARS[0],
                asked_to=YEARS[1],
                papers={},
                valid_from=YEARS[0],
                valid_to=YEARS[1],
                created_at=MORNING,
                changed_at=MORNING,
            )
        )
        return site.id

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

    @rule(across=st.booleans())
    def agree(self, across: bool) -> None:
        """Book a load, in the province or across, on the receiver's licence, where the year has room."""
        load = self.cast.load(**({"destination_site_id": self.abroad} if across else {}))

        def act(work: Work) -> UUID:
            waste = service.catalogue_service.require(work, OIL, work.today, "code")
            registry.book(work, load.receiver_id, load.deal_id, waste, Mode.USE, load.planned_kg)
            return service.draft(work, load).id

        try:
            self.ids.append(committed(self.engine, act))
        except DomainError:
            return

    @rule(
        pick=PICKS,
        who=st.integers(0, 6),
        act=st.sampled_from(sorted(set(Act) - ELSEWHERE)),
        kg=st.integers(1, 12_000),
    )
    def sign(self, pick: int, who: int, act: Act, kg: int) -> None:
        """Sign any act, in turn or not, as anybody."""

        def do(work: Work, row: Manifest) -> None:
            if act is Act.LOAD:
                service.note_loaded(work, row.id, 9_980)
            service.act(work, row, act, Signing(kg=kg, reason="x"))

        self.attempt(do, self.who(who), pick)

    @rule(pick=PICKS, steps=st.sampled_from([4, 3, 3, 2, 1]))
    def drive(self, pick: int, steps: int) -> None:
        """Go the plain way for a while, so that the far ends are reached too."""
        way = ((Act.ISSUE, 0), (Act.LOAD, 3), (Act.DEPART, 3), (Act.ARRIVE, 3))
        for act, who in way[:steps]:
            self.sign(pick, who, act, 9_980)

    @rule(pick=PICKS, kg=st.sampled_from([0, 1, 4_000, 9_960]), refuse=st.booleans())
    def receive(self, pick: int, kg: int, refuse: bool) -> None:
        """Take a load whole, in part or not at all, by both scales' nets."""

        def do(work: Work, row: Manifest) -> None:
            if row.loaded_kg is not None:
                receipts.draft(work, row, row.loaded_kg, min(9_960, row.loaded_kg), [])
            if refuse:
                receipts.refuse(work, row, "wet", WET)
            else:
                receipts.sign(work, row, kg, "wet", WET)

        self.attempt(do, self.cast.processor, pick)
        self.attempt(do, self.cast.producer, pick)

    @rule(pick=PICKS, kg=st.sampled_from([None, 0, 1, 3_000, 9_960, 20_000]))
    def send_on(self, pick: int, kg: int | None) -> None:
        """Send what was refused back."""

        def do(work: Work, row: Manifest) -> None:
            self.made = returns.send(work, row, None, kg).id

        self.made: UUID | None = None
        self.attempt(do, self.cast.producer, pick)
        with reading(self.engine) as session:
            if self.made is not None and session.get(Manifest, self.made) is not None:
                self.ids.append(self.made)

    @rule(pick=PICKS, taken=st.booleans())
    def change_hands(self, pick: int, taken: bool) -> None:
        """Offer the load to another carrier, which takes it over, or keep it."""
        other = self.cast.stranger.organisation_id
        assert other is not None
        agreed = Agreed(other, Means.BY_ROAD, "yard", MORNING)
        taking = Taking("鄂B·20001", None, self.second.person_id)
        self.attempt(lambda work, row: handover.offer(work, row, agreed), self.cast.driver, pick)
        if taken:
            self.attempt(lambda work, row: handover.take_over(work, row, taking), self.second, pick)
        else:
            self.attempt(handover.keep, self.cast.driver, pick)

    @rule(pick=PICKS, back=st.booleans())
    def run_on_paper(self, pick: int, back: bool) -> None:
        """Let the transfer run on paper, and mostly enter the paper as well."""
        told = paper.Paper("P", MORNING, MORNING, 9_980, 9_960, "scan")
        self.attempt(lambda work, row: paper.go_on_paper(work, row, "no signal"), self.cast.driver, pick)
        if not back:
            self.attempt(lambda work, row: receipts.enter_paper(work, row, told), self.cast.producer, pick)

    @rule(
        pick=PICKS,
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
        pick=PICKS,
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
        """States follow the table, no mass is lost or made, neither licence nor approval is oversold."""
        if not hasattr(self, "engine"):
            return
        with reading(self.engine) as session:
            work = parties.work_in(session)
            rows = session.scalars(select(Manifest)).all()
            for row in rows:
                assert replayed(session, row) == (row.resume_state or row.state)
                if row.received_kg is not None:
                    assert (row.accepted_kg or 0) + row.refused_kg == row.received_kg
                    assert 0 <= gates.rest_kg(work, row) <= row.refused_kg
                if row.state == State.CLOSED and row.received_kg is not None:
                    assert gates.rest_kg(work, row, there=True) == 0
                assert len(queries.signatures(session, row.id)) >= (row.state != State.DRAFT)
            booked = sum(session.scalars(select(LicenceDraw.kg)))
            assert booked <= YEARLY_KG
            for kg in approvals.drawn(session, session.scalars(select(Approval.id)).all()).values():
                assert kg <= APPROVED_KG


def replayed(session: Session, row: Manifest) -> State:
    """Return the state to which a manifest's signatures lead by the table alone."""
    state = State.DRAFT
    for one in queries.signatures(session, row.id):
        act = Act(one.act)
        if act is not Act.CORRECT:
            state = NEXT[state, act]
    return state


@pytest.mark.parametrize("steps", [40])
def test_no_sequence_of_acts_breaks_the_books(sqlite_template: Path, steps: int) -> None:
    """Some order of acts that nobody thought of would lose a load, or take more than the licence allows."""
    Loads.template = sqlite_template
    run_state_machine_as_test(
        Loads, settings=settings(max_examples=4, stateful_step_count=steps, deadline=None)
    )
