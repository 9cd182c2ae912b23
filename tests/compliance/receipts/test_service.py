"""Does a load that arrived become a receipt, a part of one, a dispute or a refusal, and nothing else?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select

from compliance.catalogue import service as catalogue
from compliance.manifests import queries as manifest_queries
from compliance.manifests import service as manifests
from compliance.manifests.rules import Act
from compliance.manifests.rules import State as ManifestState
from compliance.manifests.tables import Manifest
from compliance.receipts import queries, service
from compliance.receipts.rules import Aspect, Looked, State
from compliance.receipts.tables import Receipt
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Invalid, RuleBroken
from compliance.record.ledger import Event
from compliance.record.who import SYSTEM, Who
from compliance.record.work import Work
from compliance.registry import bookings
from compliance.registry.rules import Mode
from compliance.registry.tables import LicenceDraw
from tests.compliance.record.appending import recorded
from tests.factories import parties
from tests.factories.parties import MORNING, OIL, Cast, committed
from tests.factories.snapshots import filled

WET = Looked({Aspect.PROPERTY: "wet"})


@dataclass(frozen=True, slots=True)
class Load:
    """A load of ten tonnes at the receiver's gate, its mass booked."""

    engine: Engine
    cast: Cast
    manifest_id: UUID

    def do(self, act: Callable[[Work, Manifest], object], who: Who = SYSTEM) -> None:
        """Do something with the manifest in a transaction of its own."""
        committed(self.engine, lambda work: act(work, work.session.get_one(Manifest, self.manifest_id)), who)

    def draft(self, sender_kg: int = 10_000, receiver_kg: int = 9_990) -> None:
        """Tell both nets."""
        self.do(lambda work, row: service.draft(work, row, sender_kg, receiver_kg, [uuid4(), uuid4()]))

    def sign(self, kg: int, reason: str = "", who: Who | None = None) -> None:
        """Accept as the processor, or as somebody else."""
        self.do(lambda work, row: service.sign(work, row, kg, reason, WET), who or self.cast.processor)

    def refuse(self, reason: str, who: Who | None = None) -> None:
        """Refuse as the processor, or as somebody else."""
        self.do(lambda work, row: service.refuse(work, row, reason, WET), who or self.cast.processor)

    @property
    def receipt(self) -> Receipt | None:
        """Return the receipt as it is stored."""
        with reading(self.engine) as session:
            return queries.of_manifest(session, self.manifest_id)

    @property
    def manifest(self) -> Manifest:
        """Return the manifest as it is stored."""
        with reading(self.engine) as session:
            return session.get_one(Manifest, self.manifest_id)

    @property
    def drawn(self) -> tuple[int, bool]:
        """Return what the load takes from the licence, and whether that is confirmed."""
        with reading(self.engine) as session:
            row = session.scalars(select(LicenceDraw)).one()
            return row.kg, row.confirmed

    def events(self, *kinds: str) -> list[Event]:
        """Return the events of these kinds."""
        return [row.event for row in recorded(self.engine) if row.event.kind in kinds]


@pytest.fixture
def load(engine: Engine) -> Load:
    """A load that has arrived."""

    def fill() -> tuple[Cast, UUID]:
        cast = committed(engine, parties.cast)
        return cast, committed(engine, partial(_arrive, cast))

    return Load(engine, *filled(engine, ("arrived",), fill))


def _arrive(cast: Cast, work: Work) -> UUID:
    row = manifests.draft(work, cast.load())
    waste = catalogue.require(work, OIL, work.today, "code")
    bookings.book(work, row.receiver_id, row.deal_id, waste, Mode.USE, row.planned_kg)
    manifests.act(work, row, Act.ISSUE)
    manifests.note_loaded(work, row.id, 10_000)
    for act in (Act.LOAD, Act.DEPART, Act.ARRIVE):
        manifests.act(work, row, act)
    return row.id


def test_a_draft_follows_the_scales_until_it_is_signed(load: Load) -> None:
    """A second weighing would be lost, or change what was signed."""
    load.draft(10_000, 9_000)
    load.draft(10_000, 9_990)
    receipt = load.receipt
    assert receipt is not None
    assert (receipt.state, receipt.receiver_kg, receipt.within_tolerance) == (State.DRAFT, 9_990, True)
    assert [event.data["within_tolerance"] for event in load.events("ReceiptDrafted")] == [False, True]
    load.sign(9_990)
    load.draft(10_000, 5)
    receipt = load.receipt
    assert receipt is not None
    assert (receipt.state, receipt.receiver_kg, len(receipt.weighing_ids)) == (State.SIGNED, 9_990, 2)
    with reading(load.engine) as session:
        assert set(queries.of_manifests(session, [load.manifest_id, uuid4()])) == {load.manifest_id}


def test_a_load_accepted_whole_is_confirmed_at_once(load: Load) -> None:
    """A processor would accept and never confirm, and the five working days run out (M11)."""
    load.draft()
    load.sign(9_990)
    receipt = load.receipt
    assert receipt is not None
    assert (receipt.state, receipt.accepted_kg, receipt.signed_at) == (State.SIGNED, 9_990, MORNING)
    assert (load.manifest.state, load.manifest.accepted_kg) == (ManifestState.CONFIRMED, 9_990)
    with reading(load.engine) as session:
        acts = [one.act for one in manifest_queries.signatures(session, load.manifest_id)]
    assert acts[-2:] == ["accept", "confirm"]
    assert load.drawn == (9_990, True)
    (told,) = load.events("ReceiptSigned")
    assert (told.data["payable_kg"], told.data["accepted_kg"]) == (9_990, 9_990)
    assert told.data["deal"] == str(load.manifest.deal_id)
    assert load.events("WeightDisputed") == []


def test_a_load_accepted_in_part_says_why(load: Load) -> None:
    """A mover would find tonnes missing without a word (M12)."""
    load.draft()
    for reason in ("", "   "):
        with pytest.raises(Invalid) as refusal:
            load.sign(6_000, reason)
        assert refusal.value.field == "reason"
    load.sign(6_000, "四桶渗漏")
    receipt = load.receipt
    assert receipt is not None
    assert (receipt.state, receipt.accepted_kg, receipt.reason) == (State.SIGNED, 6_000, "四桶渗漏")
    assert load.drawn == (6_000, True)
    findings = load.manifest.findings or {}
    assert findings["property"] == {"agrees": False, "note": "wet"}
    assert [name for name, one in findings.items() if one["agrees"]] == [
        "kind",
        "quantity",
        "form",
        "packaging",
        "marks",
    ]
    (told,) = load.events("MismatchReported")
    assert told.data["differs"] == {"property": "wet"}
    with reading(load.engine) as session:
        acts = [one.act for one in manifest_queries.signatures(session, load.manifest_id)]
    assert acts[-2:] == ["accept_part", "confirm"]
    assert load.events("ReceiptSigned")[0].data["payable_kg"] == 6_000


def test_what_is_not_taken_whole_says_what_differs(load: Load) -> None:
    """A mover would read a reason and not learn whether kind, weight, packaging or marks were wrong (M10)."""
    load.draft()
    for act in (
        lambda work, row: service.sign(work, row, 6_000, "less"),
        lambda work, row: service.refuse(work, row, "no", Looked()),
    ):
        with pytest.raises(Invalid) as refusal:
            load.do(act, load.cast.processor)
        assert refusal.value.field == "differs"
    short = Looked({Aspect.QUANTITY: "one drum"})
    load.do(lambda work, row: service.sign(work, row, 6_000, "less", short), load.cast.processor)
    assert load.events("MismatchReported") == []


def test_a_refused_load_takes_nothing_from_anybody(load: Load) -> None:
    """A processor would be billed, and its licence drawn on, for a load that went back."""
    load.draft()
    with pytest.raises(Invalid):
        load.refuse(" ")
    load.refuse("混入其他废物")
    receipt = load.receipt
    assert receipt is not None
    assert (receipt.state, receipt.accepted_kg) == (State.REFUSED, 0)
    assert (load.manifest.state, load.manifest.accepted_kg) == (ManifestState.REFUSED, 0)
    assert load.manifest.reason == "混入其他废物"
    assert load.drawn == (0, True)
    (told,) = load.events("LoadRefused")
    assert (told.data["rule"], told.data["reason"]) == ("M12.mismatch", "混入其他废物")
    assert load.events("ReceiptSigned") == []
    with pytest.raises(Conflict):
        load.sign(9_990)


def test_a_load_may_be_refused_before_it_is_weighed(load: Load) -> None:
    """Leaking drums would have to go over the scale before they may be sent back."""
    load.refuse("leaking")
    assert load.receipt is None
    assert load.drawn == (0, True)


@pytest.mark.parametrize(
    ("sender_kg", "disputed", "payable"),
    [(10_019, False, 9_990), (10_020, True, 9_990), (9_961, False, 9_990), (9_960, True, 9_960)],
)
def test_outside_the_tolerance_the_weight_is_in_dispute(
    load: Load, sender_kg: int, disputed: bool, payable: int
) -> None:
    """Thirty kilograms more or less would go unnoticed, or hold up the pay for the other ten tonnes."""
    load.draft(sender_kg, 9_990)
    load.sign(9_990)
    receipt = load.receipt
    assert receipt is not None
    expected = State.DISPUTED if disputed else State.SIGNED
    assert (receipt.state, receipt.within_tolerance) == (expected, not disputed)
    assert load.events("ReceiptSigned")[0].data["payable_kg"] == payable
    told = load.events("WeightDisputed")
    assert [(event.subject, event.data["rule"]) for event in told] == (
        [(receipt.id, "S2.outside_tolerance")] if disputed else []
    )


def broken_rule(act: Callable[[], None]) -> str:
    """Return the rule that an act breaks."""
    with pytest.raises(RuleBroken) as refusal:
        act()
    assert refusal.value.field == "accepted_kg"
    return refusal.value.rule


def test_more_than_arrived_cannot_be_accepted(load: Load) -> None:
    """A processor and a producer could book tonnes that no scale ever saw (M10)."""
    load.draft()
    assert broken_rule(lambda: load.sign(9_991)) == "M10.over_accepted"
    assert broken_rule(lambda: load.sign(0, "nothing in it")) == "M10.weight_missing"
    assert broken_rule(lambda: load.sign(-1, "less than nothing")) == "M10.weight_missing"
    assert load.manifest.state == ManifestState.ARRIVED
    assert load.drawn == (10_000, False)


def test_nothing_is_accepted_before_it_is_weighed(load: Load) -> None:
    """A receipt would state a mass that nobody weighed."""
    assert broken_rule(lambda: load.sign(9_990)) == "M10.weight_missing"


def test_an_empty_arrival_is_drafted_as_a_gap(load: Load) -> None:
    """A truck that lost its load on the road would stop the worker instead of being shown."""
    load.draft(10_000, 0)
    receipt = load.receipt
    assert receipt is not None
    assert receipt.within_tolerance is False
    assert broken_rule(lambda: load.sign(0)) == "M10.weight_missing"
    load.refuse("arrived empty")
    assert load.manifest.state == ManifestState.REFUSED


def test_only_the_receiver_signs_and_only_once(load: Load) -> None:
    """A mover could sign for the own load, or a double click settle it twice."""
    load.draft()
    for who in (load.cast.producer, load.cast.driver, load.cast.stranger, load.cast.inspector):
        for act in (lambda who=who: load.sign(9_990, who=who), lambda who=who: load.refuse("no", who)):
            with pytest.raises(Forbidden):
                act()
    load.sign(9_990)
    for again in (lambda: load.sign(9_990), lambda: load.refuse("second thoughts")):
        with pytest.raises(DomainError) as refusal:
            again()
        assert isinstance(refusal.value, Conflict)
    assert len(load.events("ReceiptSigned")) == 1
