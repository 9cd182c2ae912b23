"""Is it shown what companies have in common, with the evidence, and what goes between them?"""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Engine

from compliance.oversight import queries, service
from compliance.oversight.links import Company, Tie, groups, linked
from compliance.record.database import reading
from compliance.record.errors import Forbidden, Invalid
from tests.factories.parties import Cast, committed, gathered

A, B, C, D = (UUID(int=n) for n in range(1, 5))


def test_companies_are_linked_by_what_they_share_and_the_evidence_is_named() -> None:
    """An inspector would read of a link and not know whether it is a telephone or an owner."""
    first = Company(A, "王一 13800138000", ("武汉市青山区工业路1号",), ((Tie.BENEFICIARY, "李四", "李四"),))
    second = Company(B, "tel 138-0013-8000 / 13800138000", ("武汉市青山区 工业路1号",))
    third = Company(C, "13900139000", (), ((Tie.BENEFICIARY, "李四", "李四"),))
    found = linked([first, second, third, Company(D)], {(A, B): 20_000}, {"鄂A1": {B, C}, "鄂A2": {B, C}})
    told = {one.subjects: one.figures for one in found}
    assert told[A, B]["ties"] == {"telephone": "13800138000", "address": "武汉市青山区工业路1号"}
    assert (told[A, B]["there_kg"], told[A, B]["back_kg"]) == (20_000, 0)
    assert told[A, C]["ties"] == {"beneficiary": "李四"}
    assert told[B, C]["ties"] == {"vehicle": "鄂A1, 鄂A2"}
    assert set(told) == {(A, B), (A, C), (B, C)}


def test_companies_that_hang_together_are_one_group_and_a_round_is_seen() -> None:
    """Three companies that pass one load round would be three pairs in a list."""
    ties = linked(
        [Company(key, "", (), ((Tie.REPRESENTATIVE, name, name),)) for key, name in ((A, "x"), (B, "x"))],
        {},
        {"鄂A1": {B, C}},
    )
    round_trip = {(A, B): 3, (B, C): 2, (C, A): 1, (A, D): 9}
    (group,) = groups(ties, round_trip)
    assert group.members == (A, B, C)
    assert (A, D) not in group.flows
    assert group.goes_round
    (group,) = groups(ties, {(A, B): 3, (B, C): 2})
    assert not group.goes_round


@pytest.mark.sqlite_alone
def test_of_a_bank_account_only_a_hash_and_four_signs_are_kept(engine: Engine) -> None:
    """A leaked backup would hold the account numbers of every company."""
    parties: Cast = gathered(engine)
    for who in (parties.processor, parties.producer):
        key = who.organisation_id
        assert key is not None
        committed(
            engine,
            lambda work, key=key: service.note_fact(  # type: ignore[misc]
                work, key, Tie.BANK_ACCOUNT, "6222 0000 1234 5678", "invoice", "pepper"
            ),
            parties.inspector,
        )
    with reading(engine) as session:
        facts = [one.facts[0] for one in queries.companies(session) if one.facts]
    assert {shown for _, _, shown in facts} == {"…5678"}
    assert len({key for _, key, _ in facts}) == 1
    assert "6222" not in str(facts)
    with pytest.raises(Forbidden):
        committed(
            engine, lambda w: service.note_fact(w, A, Tie.BENEFICIARY, "x y", "z", "p"), parties.producer
        )
    with pytest.raises(Invalid):
        committed(engine, lambda w: service.note_fact(w, A, Tie.ADDRESS, "x y", "z", "p"), parties.inspector)
