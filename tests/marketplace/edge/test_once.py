"""A request that is sent again is not carried out again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, func, select

from compliance.record.database import reading
from compliance.record.who import Role
from tests.marketplace.edge.house import House, Note

Browser = TestClient[Litestar]
URL = "/api/v1/test-notes"


def _count(engine: Engine) -> int | None:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(Note))


def test_the_same_request_gets_the_stored_answer(engine: Engine, house: House, browser: Browser) -> None:
    """A driver's lost answer would list a lot twice."""
    headers = house.token(Role.PRODUCER) | {"idempotency-key": "intent-1"}
    first = browser.post(URL, json={"text": "one"}, headers=headers)
    again = browser.post(URL, json={"text": "one"}, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert _count(engine) == 1


def test_another_request_under_the_same_key_is_refused(house: House, browser: Browser) -> None:
    """A program with a fixed key would lose its second lot without noticing."""
    headers = house.token(Role.PRODUCER) | {"idempotency-key": "intent-1"}
    browser.post(URL, json={"text": "one"}, headers=headers)
    answer = browser.post(URL, json={"text": "two"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_a_request_without_a_key_is_refused_before_its_body_is_read(house: House, browser: Browser) -> None:
    """A program would find out only after its first double."""
    answer = browser.post(URL, content=b"{", headers=house.token(Role.PRODUCER))
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


def test_a_refused_request_may_be_tried_again_under_its_key(house: House, browser: Browser) -> None:
    """A corrected quantity would be answered with the old refusal."""
    headers = house.token(Role.PRODUCER) | {"idempotency-key": "intent-1"}
    assert browser.post(URL, json={"text": "one", "kg": -1}, headers=headers).status_code == 422
    assert browser.post(URL, json={"text": "one"}, headers=headers).status_code == 201


def test_two_people_may_use_the_same_key(engine: Engine, house: House, browser: Browser) -> None:
    """One person's key would block another's request, or show its answer."""
    for text, role in (("one", Role.PRODUCER), ("two", Role.DRIVER)):
        headers = house.token(role) | {"idempotency-key": "1"}
        status = browser.post(URL, json={"text": text}, headers=headers).status_code
        assert status == (201 if role is Role.PRODUCER else 403)


def test_the_same_key_at_the_same_moment_has_one_effect(engine: Engine, house: House) -> None:
    """A client that retries before the answer came would be charged twice."""
    headers = house.token(Role.PRODUCER) | {"idempotency-key": "race"}
    with house.client() as client, ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(client.post, URL, json={"text": "one"}, headers=headers) for _ in range(4)]
        answers = [job.result() for job in jobs]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert _count(engine) == 1
