"""What do all parts of the machine share: a world for each example, its clock, calls that are sent again?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.compliance.manifests.machine.invariants import Seen, look, show
from tests.compliance.manifests.machine.world import Call, World

PICKS = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4])
PEOPLE = st.integers(0, 12)
USUAL_KG = (1, 3_000, 9_960, 9_980, 19_980, 20_000, 25_000, 40_001)
ABSURD_KG = (0, -1, 10**8, 10**13, 2**63, 1.5, "1", None)
AMOUNTS = st.one_of(*[st.sampled_from(USUAL_KG)] * 3, st.sampled_from(ABSURD_KG))
"""Kilograms, from the usual to the absurd."""
SPANS = st.sampled_from([{"minutes": 20}, {"hours": 5}, {"days": 1}, {"days": 3}, {"days": 12}, {"days": 45}])


class Base(RuleBasedStateMachine):
    """A market of its own for each sequence of calls."""

    opened: ClassVar[Callable[[], AbstractContextManager[World]]]

    def open(self) -> None:
        """Open a fresh copy of a database in which everybody is signed in."""
        self.place = type(self).opened()
        self.world: World = self.place.__enter__()
        self.seen = Seen()

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "world"):
            self.place.__exit__(None, None, None)

    @invariant()
    def everything_holds(self) -> None:
        """Look at all that is stored, and at the manifest at hand as one who may see it or may not."""
        if hasattr(self, "world"):
            look(self.world, self.seen)
            show(self.world, next(self.world.turns))

    @rule(span=SPANS)
    def wait(self, span: dict[str, int]) -> None:
        """Let time pass."""
        self.world.market.forward(**span)

    @rule(acts=st.integers(1, 4))
    def let_the_worker_rest(self, acts: int) -> None:
        """Let nothing be digested for a while: the worker is slow, or was killed."""
        self.world.rests = acts

    @rule()
    def let_the_worker_digest(self) -> None:
        """Let everything be digested that has happened."""
        self.world.digest(now=True)

    @rule(other=st.booleans())
    def send_again(self, other: bool) -> None:
        """Send the last call again under its key: it is not carried out again, nor is another under it."""
        world = self.world
        call, first = world.done, world.answer
        if call is None or first is None or call.method != "POST":
            return
        before = world.print()
        if other:
            changed = Call(call.who, call.method, f"{call.path}?odd=1", call.said, call.headers)
            assert world.change(changed).json()["code"] == "idempotency_key_reused"
        else:
            again = world.change(call)
            assert again.headers["idempotent-replayed"] == "true"
            assert again.content == first.content
        assert world.print() == before
        world.done, world.answer = call, first
