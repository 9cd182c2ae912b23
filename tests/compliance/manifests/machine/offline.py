"""Which sequences of acts signed without signal, handed in late and decided upon, does the machine try?"""

from __future__ import annotations

from copy import deepcopy

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select

from tests.compliance.manifests.machine import way
from tests.compliance.manifests.machine.base import PEOPLE, PICKS, Base
from tests.factories.terminals import Terminal, enrolled
from tracking.kept_acts.rules import shown
from tracking.kept_acts.tables import KeptAct

KEPT = st.lists(st.sampled_from(["arrived", "loaded", "departed", "delivered"]), min_size=1, max_size=4)
DECISIONS = st.sampled_from(["keep_mine", "keep_theirs", "as_correction"])


class Offline(Base):
    """What drivers do where there is no signal."""

    @rule(pick=PICKS, steps=KEPT, meanwhile=st.sampled_from(["", "", "wait", "correct", "go on"]))
    def keep_and_hand_in(self, pick: int, steps: list[str], meanwhile: str) -> None:
        """Sign some steps without signal, and hand them in after something else has happened."""
        row = self.world.chosen(pick)
        trip = self.world.trip(row) if row is not None else None
        driver = self.world.people.named(trip.driver_id) if trip is not None else None
        if row is None or trip is None or driver is None:
            return
        terminal = deepcopy(self._terminal(driver))
        items = [terminal.keep(one, trip.id, self.world.market.at, shown(row)) for one in steps]
        if meanwhile == "wait":
            self.world.market.forward(hours=7)
        elif meanwhile == "correct":
            said = {"changes": {"planned_kg": row.planned_kg - 1}, "reason": "typo"}
            self.world.post(
                self.world.people.acting_for(row.mover_id), f"/manifests/{row.id}/corrections", **said
            )
            way.answer_all(self.world, row)
        elif meanwhile == "go on":
            way.go_on(self.world, row)
        told = [{"statement": one.statement, "signature": one.signature} for one in items]
        answer = self.world.post(driver, "/kept-acts", key_id=str(terminal.key_id), items=told)
        if answer.is_success:
            self.world.terminals[driver] = terminal

    def _terminal(self, driver: str) -> Terminal:
        """Return a driver's terminal, whose key is bound when it is first used."""
        known = self.world.terminals
        if driver not in known:
            known[driver] = enrolled(self.world.market, self.world.people.everyone[driver])
        return known[driver]

    @rule(who=PEOPLE, pick=PICKS, decision=DECISIONS)
    def decide_kept(self, who: int, pick: int, decision: str) -> None:
        """Decide between two versions as the carrier's office, or as somebody else."""
        rows = self.world.market.rows(select(KeptAct).order_by(KeptAct.received_at.desc(), KeptAct.seq))
        if rows:
            name = self.world.named(who) if who > 9 else ("carrier" if who % 3 else "operator")
            path = f"/kept-acts/{rows[pick % len(rows)].id}/decision"
            self.world.post(name, path, decision=decision, reason="as the driver saw it")
