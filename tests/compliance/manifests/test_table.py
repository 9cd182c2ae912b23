"""Who may do which act in which state, and which rules stand in the way: does the service as they say?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from compliance.manifests import service
from compliance.manifests.rules import NEXT, Act, Party, Purpose, State, next_state, signers, signing_roles
from compliance.manifests.service import Signing
from compliance.manifests.tables import Manifest, ManifestLeg
from compliance.record.database import open_database
from compliance.record.errors import Conflict, DomainError, Forbidden, RuleBroken, Several
from compliance.record.who import SYSTEM, Who
from compliance.record.work import Work
from compliance.registry.tables import LicenceRow, Organisation, Person, Suspension
from tests.factories import parties
from tests.factories.parties import MORNING, Cast

YESTERDAY = date(2026, 11, 19)
PARTIES = {"A1.suspended", "L9.expired", "L14.not_insured"}
SPOILED: dict[Act, set[str]] = {
    Act.ISSUE: {*PARTIES, "L3.expired"},
    Act.LOAD: {
        *PARTIES,
        "L3.expired",
        "L9.driver_not_permitted",
        "L9.escort_not_permitted",
        "M1.no_manifest",
        "M4.not_weighed",
        "M7.no_manifest",
    },
    Act.ACCEPT: {"M10.weight_missing"},
    Act.ACCEPT_PART: {"M10.weight_missing"},
    Act.CLOSE: {"M12.rest_open"},
    Act.END_RETURN: {"M12.rest_open"},
}
"""By hand, from the gate matrix: what stands against an act where nothing is in order."""


@dataclass
class Stage:
    """One manifest that is put into every state, in a transaction that is never committed."""

    session: Session
    cast: Cast
    row: Manifest
    base: dict[str, Any]

    def holders(self) -> dict[Party, Any]:
        """Return the organisation of each party."""
        mover, carrier, receiver = self.row.mover_id, self.row.carrier_id, self.row.receiver_id
        return {Party.MOVER: mover, Party.CARRIER: carrier, Party.RECEIVER: receiver}

    def expected(self, state: State, act: Act, who: Who, rules: set[str]) -> object:
        """Reckon from the tables alone what becomes of an act: the next state, or why it is refused."""
        held = self.holders()
        if act is Act.TAKE_OVER:
            held[Party.CARRIER] = self.cast.stranger.organisation_id
        mine = who == SYSTEM or any(
            who.organisation_id == held[party] and who.has(*signing_roles(party, Purpose(self.row.purpose)))
            for party in signers(act)
        )
        if not mine:
            return Forbidden
        if (target := NEXT.get((state, act))) is None:
            return Conflict
        return rules or target

    def tried(self, state: State, act: Act, who: Who, signing: Signing) -> object:
        """Do an act and take it back; return the state it led to, or why it was refused."""
        with self.session.no_autoflush:
            for name, value in self.base.items():
                setattr(self.row, name, value)
            self.row.state = state.value
            if next_state(state, act) is None:
                return self._outcome(act, who, signing)
        self.session.flush()
        nested = self.session.begin_nested()
        try:
            return self._outcome(act, who, signing)
        finally:
            nested.rollback()

    def _outcome(self, act: Act, who: Who, signing: Signing) -> object:
        try:
            service.act(Work(self.session, MORNING, who), self.row, act, signing)
        except Several as several:
            return {one.rule for one in several.errors if isinstance(one, RuleBroken)}
        except RuleBroken as one:
            return {one.rule}
        except DomainError as refusal:
            return type(refusal)
        return State(self.row.state)


@pytest.fixture(scope="module")
def engine(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One database for the whole table; nothing is committed to it."""
    place = tmp_path_factory.mktemp("acts") / "one.db"
    place.write_bytes(sqlite_template.read_bytes())
    opened = open_database(f"sqlite:///{place}")
    yield opened
    opened.dispose()


@pytest.fixture
def stage(engine: Engine) -> Iterator[Stage]:
    """A load of oil on its way with another carrier waiting for it, everything in order."""
    with Session(engine) as session:
        work = Work(session, MORNING, SYSTEM)
        cast = parties.cast(work)
        row = service.draft(work, cast.load())
        session.flush()
        base = {
            "number": "20264201000001",
            "loaded_kg": 9_980,
            "accepted_kg": 9_980,
            "received_kg": 9_980,
            "purpose": row.purpose,
            "receiver_id": row.receiver_id,
        }
        session.add(
            ManifestLeg(
                id=work.new_id(),
                manifest_id=row.id,
                ordinal=1,
                state="offered",
                from_carrier_id=row.carrier_id,
                carrier_id=cast.stranger.organisation_id,
                means="by_rail",
                place="yard",
                agreed_for=MORNING,
                offered_at=MORNING,
            )
        )
        session.flush()
        yield Stage(session, cast, row, base)


def spoil(stage: Stage) -> None:
    """Let nothing be in order any more: papers, people, masses, the number."""
    session = stage.session
    for licence in session.scalars(select(LicenceRow)):
        licence.valid_to = YESTERDAY
    for person in session.scalars(select(Person)):
        person.permit_to = person.escort_to = YESTERDAY
    for house in session.scalars(select(Organisation)):
        house.insured_to = YESTERDAY
        session.add(
            Suspension(
                id=Work(session, MORNING, SYSTEM).new_id(),
                organisation_id=house.id,
                since=YESTERDAY - timedelta(days=3),
                reason="spill",
                at=MORNING,
            )
        )
    stage.base |= {"number": None, "loaded_kg": None, "accepted_kg": 5_000}
    session.flush()


def differences(stage: Stage, acts: tuple[Act, ...], signing: Signing, *, spoiled: bool) -> list[object]:
    """Return where the service does not do what the tables say, for every state and person."""
    found = []
    for state in State:
        for act in acts:
            rules = set(SPOILED.get(act, ())) if spoiled else set()
            back = stage.base["purpose"] == Purpose.RETURN
            if spoiled and back and act is Act.ISSUE:
                rules -= {"L3.expired"}
            if spoiled and not back and (state, act) == (State.CONFIRMED, Act.CLOSE):
                rules |= {"M10.treatment_missing"}
            if not spoiled and not back and (state, act) == (State.CONFIRMED, Act.CLOSE):
                rules = {"M10.treatment_missing"}
            for who in (*stage.cast.everyone, SYSTEM):
                told = stage.tried(state, act, who, signing)
                wanted = stage.expected(state, act, who, rules)
                if told != wanted:
                    found.append((state.value, act.value, who.name, told, wanted))
    return found


def test_every_act_in_every_state_by_everybody(stage: Stage) -> None:
    """Somebody could move a load who may not, or whose turn it is could not."""
    assert differences(stage, tuple(Act), Signing(kg=9_000, reason="x"), spoiled=False) == []


def test_the_gates_stop_whoever_may_do_the_act(stage: Stage) -> None:
    """A role, or a state, would slip past a gate that another one is stopped at."""
    spoil(stage)
    assert differences(stage, tuple(SPOILED), Signing(), spoiled=True) == []


def test_a_load_that_goes_back_is_received_at_the_own_gate(stage: Stage) -> None:
    """A producer could not take its own refused waste back, or need a licence for it."""
    stage.base |= {"purpose": Purpose.RETURN.value, "receiver_id": stage.row.mover_id}
    acts = (Act.ISSUE, Act.ACCEPT, Act.ACCEPT_PART, Act.REFUSE, Act.CONFIRM, Act.TREAT, Act.CLOSE)
    assert differences(stage, acts, Signing(kg=9_000, reason="x"), spoiled=False) == []
    spoil(stage)
    assert differences(stage, (Act.ISSUE, Act.ACCEPT, Act.CLOSE), Signing(), spoiled=True) == []
