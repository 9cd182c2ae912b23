"""Who sees which manifest?"""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from compliance.manifests import queries
from compliance.record.database import reading
from compliance.record.errors import NotFound
from compliance.record.who import Role
from tests.compliance.manifests.signing import drafted
from tests.factories.parties import Cast


def test_everybody_sees_what_concerns_them(engine: Engine, people: Cast) -> None:
    """A competitor would read who sells how much to whom, or a driver miss the own trip."""
    mine = drafted(engine, people)
    other_driver = drafted(engine, people, driver_id=uuid4())
    foreign = drafted(engine, people, carrier_id=people.stranger.organisation_id)
    every = {mine, other_driver, foreign}
    sees = {
        people.producer: every,
        people.processor: every,
        people.dispatcher: {mine, other_driver},
        people.driver: {mine},
        replace(people.driver, roles=frozenset({Role.DRIVER, Role.DISPATCHER})): {mine, other_driver},
        replace(people.producer, roles=frozenset({Role.DRIVER, Role.PRODUCER})): {
            mine,
            other_driver,
            foreign,
        },
        people.stranger: {foreign},
        people.inspector: every,
        people.operator: every,
        replace(people.producer, organisation_id=None): set(),
    }
    with reading(engine) as session:
        for who, expected in sees.items():
            assert {row.id for row in session.scalars(queries.visible_to(who))} == expected, who
            assert queries.counts(session, who) == ({"draft": len(expected)} if expected else {})
            for key in expected:
                assert queries.manifest(session, key, who).id == key
            for key in every - expected:
                with pytest.raises(NotFound):
                    queries.manifest(session, key, who)
