"""A refusal says what, why and what to do, to a program and to a person, in either language."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import structlog
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy.exc import DataError

from compliance.record.who import Role
from marketplace.edge import problems
from marketplace.edge.headers import ALWAYS
from marketplace.web.translation import Language
from tests.marketplace.edge.house import House, sign_in

pytestmark = pytest.mark.sqlite_alone

Browser = TestClient[Litestar]
URL = "/api/v1/test-notes"


def _post(browser: Browser, house: House, said: object, language: str = "en", key: str = "k") -> Any:
    headers = house.token(Role.PRODUCER) | {"idempotency-key": key, "accept-language": language}
    return browser.post(URL, json=said, headers=headers)


def test_a_broken_rule_names_rule_article_and_field(house: House, browser: Browser) -> None:
    """A program could not tell its person which law stands against it."""
    answer = _post(browser, house, {"text": "x", "kg": -5})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == 422
    assert answer.json() == {
        "type": "urn:huanlian:problem:L4",
        "title": "Not possible as entered",
        "status": 422,
        "detail": "Too much: -5 kg.",
        "instance": URL,
        "code": "L4",
        "rule": "L4.quota_exceeded",
        "article": "Art. 80",
        "field": "kg",
    }


def test_several_reasons_are_told_together(house: House, browser: Browser) -> None:
    """A person would mend one thing only to meet the next."""
    told = _post(browser, house, {"text": "x", "kg": 10}).json()
    assert told["detail"] == "2 reasons stand against this."
    assert [reason["rule"] for reason in told["errors"]] == ["L1.no_licence", "M4.not_weighed"]


@pytest.mark.parametrize(
    ("said", "field", "detail"),
    [
        ({"kg": 1}, "text", "缺少此项。"),
        ({"text": "x", "kg": "many"}, "kg", "应为 int，实际为 str。"),
        ([], "", "应为 object，实际为 array。"),
    ],
)
def test_input_of_the_wrong_shape_is_told_by_field_in_chinese(
    house: House, browser: Browser, said: object, field: str, detail: str
) -> None:
    """A person would read a program's English."""
    told = _post(browser, house, said, "zh-CN,zh;q=0.9,en;q=0.1").json()
    assert told["title"] == "无法读取该请求"
    assert (told["errors"][0].get("field", ""), told["errors"][0]["detail"]) == (field, detail)


def test_malformed_json_is_told_as_such(house: House, browser: Browser) -> None:
    """It would look like a fault of ours."""
    headers = house.token(Role.PRODUCER) | {"idempotency-key": "k", "content-type": "application/json"}
    answer = browser.post(URL, content=b'{"text": ', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    told = problems.of_input(
        msgspec.ValidationError("Expected `str` matching regex '^[0-9]{6}$' - at `$.a`"), Language.ZH, URL
    )
    assert told is not None
    assert (told.field, told.detail) == ("a", "a: 格式应为 ^[0-9]{6}$。")


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        (b'{"a":', "无法读取内容：内容不完整，提前结束。"),
        (b'{"a" 1}', "无法读取内容：从第 5 字节起不是有效的 JSON。"),
    ],
)
def test_content_that_is_no_json_is_told_in_chinese(said: bytes, detail: str) -> None:
    """A person would read a program's English."""
    with pytest.raises(msgspec.DecodeError) as refused:
        msgspec.json.decode(said)
    told = problems.of_input(refused.value, Language.ZH, URL)
    assert told is not None
    assert told.detail == detail


def test_a_duplicate_is_a_conflict(house: House, browser: Browser) -> None:
    """It would be a fault with no way out."""
    assert _post(browser, house, {"text": "x"}, key="a").status_code == 201
    answer = _post(browser, house, {"text": "x"}, key="b")
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")


def test_a_fault_of_ours_is_written_down_and_shows_nothing_of_the_inside(browser: Browser) -> None:
    """A stranger would read our insides; nobody could find the fault again."""
    sign_in(browser)
    with structlog.testing.capture_logs() as logs:
        answer = browser.get("/test-notes/break", headers={"accept": "application/json"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["id"] == logs[0]["id"]
    assert answer.json()["id"] in answer.json()["detail"]


def test_a_person_gets_a_page_in_the_chosen_language(browser: Browser) -> None:
    """A person would be shown JSON, or a language not chosen."""
    zh = browser.get("/nowhere", headers={"accept-language": "en"})
    assert zh.headers["content-type"].startswith("text/html")
    assert "这个地址没有内容" in zh.text
    browser.cookies.set("lang", "en")
    assert "There is nothing at this address." in browser.get("/nowhere").text


def test_a_role_that_may_not_is_told_so(house: House, browser: Browser) -> None:
    """Roles would be decoration."""
    headers = house.token(Role.DRIVER) | {"idempotency-key": "k"}
    answer = browser.post(URL, json={"text": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "role")


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/api/v1/nowhere", "/sign-in", "/api/schema"])
def test_every_answer_carries_the_security_headers(browser: Browser, path: str) -> None:
    """One page without them is the page an attacker uses."""
    answer = browser.get(path)
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value
    assert answer.headers["cache-control"] == "no-store"


def test_a_request_that_is_too_large_is_refused(house: House, browser: Browser) -> None:
    """One sender could fill the memory."""
    answer = _post(browser, house, {"text": "x" * 1_100_000})
    assert (answer.status_code, answer.json()["title"]) == (413, "Too large")


def test_an_edit_names_the_version_it_edits(house: House, browser: Browser) -> None:
    """The later of two editors would silently undo the earlier."""
    headers = house.token(Role.PRODUCER)
    assert browser.patch(URL, headers=headers).status_code == 428
    assert browser.patch(URL, headers=headers | {"if-match": 'W/"2"'}).status_code == 412
    taken = browser.patch(URL, headers=headers | {"if-match": 'W/"3"'})
    assert (taken.status_code, taken.headers["etag"]) == (200, 'W/"4"')


def test_what_is_no_text_is_told_and_is_no_fault_of_ours(house: House, browser: Browser) -> None:
    """A program with a broken encoder would be told that we are at fault, and try again for ever."""
    headers = house.token(Role.PRODUCER) | {"idempotency-key": "k", "content-type": "application/json"}
    answer = browser.post(URL, content=b'{"text":"\xff","kg":1}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    deep = browser.post(URL, content=b'{"text":' + b"[" * 5_000, headers=headers | {"accept-language": "zh"})
    assert (deep.status_code, deep.json()["detail"]) == (400, "无法读取内容：嵌套层数过深。")
    nul = _post(browser, house, {"text": "x\0", "kg": 1}, "zh")
    assert (nul.status_code, nul.json()["detail"]) == (422, "文本中含有空字符（NUL），无法读取或录入。")
    refused = DataError("INSERT", {}, Exception("PostgreSQL text fields cannot contain NUL (0x00) bytes"))
    told = problems.of_database(refused, Language.ZH, URL)
    assert told is not None
    assert (told.status, told.code) == (400, "malformed")
