"""Does a manifest stay good by the catalogue's edition of its day, whatever is imported afterwards?"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, update

from compliance.catalogue import queries as catalogue
from compliance.catalogue.rules import WasteType
from compliance.manifests import corrections, exceptions, pinning, returns
from compliance.manifests.evidence import Missing
from compliance.manifests.exceptions import Asked
from compliance.manifests.handover import Agreed, Means, offer
from compliance.manifests.rules import Act, State
from compliance.manifests.seals import Field
from compliance.manifests.service import Signing
from compliance.manifests.situations import Situation
from compliance.manifests.tables import Manifest
from compliance.record.database import reading
from compliance.record.errors import RuleBroken
from compliance.record.work import Work
from compliance.registry.tables import LicenceRow
from tests.compliance.manifests.signing import WHOLE_WAY, do, drafted, refused, signer
from tests.factories.editions import drop_oil
from tests.factories.parties import MORNING, OIL, Cast, carrier_permit, committed

NEXT_DAY = MORNING + timedelta(days=1)
LAPSED = "C1.code_not_in_force"


def moved(engine: Engine, cast: Cast, steps: int) -> UUID:
    """Bring a load some steps along its way; on the next day an edition without its code begins."""
    key = drafted(engine, cast)
    for what, signing in WHOLE_WAY[:steps]:
        do(engine, key, what, signer(cast, what), signing)
    committed(engine, lambda work: drop_oil(work, "HW2027", NEXT_DAY.date()), cast.operator)
    return key


def waste_of(engine: Engine, key: UUID) -> WasteType:
    """Return which waste a manifest names."""
    with reading(engine) as session:
        return pinning.waste_of(session, session.get_one(Manifest, key))


@pytest.mark.parametrize("steps", [1, 4])
def test_what_was_issued_goes_its_whole_way_under_a_later_edition(
    engine: Engine, people: Cast, steps: int
) -> None:
    """A truck loaded by yesterday's list would stand at the gate, and no leave could let it go on."""
    key = moved(engine, people, steps)
    for what, signing in WHOLE_WAY[steps:]:
        row = do(engine, key, what, signer(people, what), signing, NEXT_DAY)
    assert (row.state, row.edition) == (State.CLOSED, "HW2025")


def test_a_draft_is_refused_with_every_reason_and_leads_on_by_leave(engine: Engine, people: Cast) -> None:
    """What else is wrong would be told only at the next attempt, and nobody could let the load go."""
    key = moved(engine, people, 0)

    def expire(work: Work) -> None:
        held = update(LicenceRow).where(LicenceRow.organisation_id == people.processor.organisation_id)
        work.session.execute(held.values(valid_to=date(2026, 1, 1)))

    committed(engine, expire)
    assert refused(engine, key, Act.ISSUE, people.producer, now=NEXT_DAY).keys() == {LAPSED, "L3.expired"}
    with pytest.raises(RuleBroken) as refusal:
        drafted(engine, people, NEXT_DAY)
    assert refusal.value.rule == LAPSED
    asked = Asked(
        Situation.AUTHORITY_ORDER,
        Act.ISSUE,
        "the yard has to be cleared",
        "order 7",
        missing=Missing.NO_SIGNAL,
    )

    def ask(work: Work) -> UUID:
        return exceptions.ask(work, work.session.get_one(Manifest, key), asked).id

    leave = committed(engine, ask, people.producer, NEXT_DAY)

    def grant(work: Work) -> None:
        row = work.session.get_one(Manifest, key)
        exceptions.decide(work, row, exceptions.one(work.session, key, leave), True, "seen")

    committed(engine, grant, people.inspector, NEXT_DAY)
    assert do(engine, key, Act.ISSUE, people.producer, now=NEXT_DAY).state == State.ISSUED


def test_a_load_changes_hands_and_goes_back_as_the_waste_it_came_as(engine: Engine, people: Cast) -> None:
    """A load that was refused, or whose vehicle broke down, could go neither on nor home."""
    key = moved(engine, people, 3)
    agreed = Agreed(people.stranger.organisation_id or UUID(int=0), Means.BY_RAIL, "the yard", NEXT_DAY)

    def hand_over(work: Work) -> None:
        carrier_permit(work, agreed.carrier_id, "3", "6", "8")
        offer(work, work.session.get_one(Manifest, key), agreed)

    committed(engine, hand_over, people.driver, NEXT_DAY)
    do(engine, key, Act.KEEP_LOAD, people.driver, now=NEXT_DAY)
    do(engine, key, Act.ARRIVE, people.driver, now=NEXT_DAY)
    do(engine, key, Act.REFUSE, people.processor, Signing(reason="the drums leak"), NEXT_DAY)

    def send(work: Work) -> UUID:
        return returns.send(work, work.session.get_one(Manifest, key)).id

    back = committed(engine, send, people.processor, NEXT_DAY)
    row = do(engine, back, Act.ISSUE, people.producer, now=NEXT_DAY)
    assert (row.code, row.edition, row.state) == (OIL, "HW2025", State.ISSUED)


def test_a_correction_asks_for_the_list_of_the_manifests_day(engine: Engine, people: Cast) -> None:
    """A wrong way of treatment would stand in the manifest for good, as no list of today has its code."""
    key = moved(engine, people, 2)

    def correct(work: Work) -> None:
        row = work.session.get_one(Manifest, key)
        assert pinning.corrected(work, row, OIL).edition == "HW2025"
        assert pinning.corrected(work, row, "900-249-08").edition == "HW2027"
        corrections.propose(work, row, {Field.MODE: "dispose"}, "typed wrongly")

    with pytest.raises(RuleBroken) as refusal:
        committed(engine, correct, people.producer, NEXT_DAY)
    assert refusal.value.rule == "L1.mode_not_covered"


def test_a_waste_is_known_although_its_row_was_replaced_or_taken_back(engine: Engine, people: Cast) -> None:
    """A wrong file that is imported, or taken back, would leave manifests that name no waste."""
    key = drafted(engine, people)
    before = waste_of(engine, key)
    with reading(engine) as session:
        tested = catalogue.pinned(session, "HW2025", "900-000-08")
        assert tested is not None
        assert (tested.code, tested.hazards) == ("900-000-08", "")
        assert catalogue.pinned(session, "HW2025", "900-999-49") is None
        assert catalogue.pinned(session, "HW2025", "rubbish") is None
    committed(engine, lambda work: drop_oil(work, "HW2025", date(2025, 1, 1)), people.operator)
    assert waste_of(engine, key) == before
    assert {LAPSED} <= refused(engine, key, Act.ISSUE, people.producer).keys()

    def lost(work: Work) -> WasteType:
        row = work.session.get_one(Manifest, key)
        row.edition = "HW2026"
        return pinning.waste_of(work.session, row)

    found = committed(engine, lost)
    assert (found.code, found.category, found.category_name) == (OIL, "HW08", before.category_name)
    assert found.kind == before.kind
