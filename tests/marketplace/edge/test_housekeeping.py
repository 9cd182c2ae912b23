"""The front door forgets what nobody needs, and nothing else."""

from __future__ import annotations

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, func, select

from compliance.record.database import reading
from compliance.record.who import Role
from marketplace.accounts.tables import SignIn, SignInTries
from marketplace.edge.housekeeping import sweep
from marketplace.edge.tables import IdempotencyKey
from tests.marketplace.edge.house import House, sign_in


def _counts(engine: Engine) -> tuple[int, ...]:
    with reading(engine) as session:
        tables = (SignIn, SignInTries, IdempotencyKey)
        return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_what_is_over_is_forgotten_and_the_rest_kept(
    engine: Engine, house: House, browser: TestClient[Litestar]
) -> None:
    """The tables would grow for ever, or a retry would be carried out twice."""
    sign_in(browser)
    headers = house.token(Role.PRODUCER) | {"idempotency-key": "k"}
    browser.post("/api/v1/test-notes", json={"text": "x"}, headers=headers)
    door = house.app.state.door
    sweep(door)
    assert _counts(engine) == (1, 2, 1)
    house.wall.forward(days=8)
    sweep(door)
    assert _counts(engine) == (0, 0, 1)
    house.wall.forward(days=30)
    sweep(door)
    assert _counts(engine) == (0, 0, 0)
