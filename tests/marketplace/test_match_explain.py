"""Does a shell tell of one lot of the live market all that can be told?"""

from __future__ import annotations

import json
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result

from marketplace import instance
from marketplace.lots.rules import Figure
from marketplace.match_explain import explain, language_of_shell
from marketplace.needs import service as needs
from marketplace.needs.service import Edge
from marketplace.web.change_words import WORDS
from matching.changes import Step
from tests.factories.trade import Market


@pytest.fixture
def shell(market: Market, monkeypatch: pytest.MonkeyPatch) -> Market:
    """The small market, with a shell that stands in it."""
    monkeypatch.setattr("compliance.record.database.open_database", lambda _: market.engine)
    monkeypatch.setattr(instance, "clock_of", lambda _: market.now)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return market


def run(lot_id: UUID, *options: str) -> Result:
    """Ask about a lot."""
    return CliRunner().invoke(explain, [str(lot_id), *options], catch_exceptions=False)


def test_a_matched_lot_is_told_with_prices_reasons_and_how_it_stands(shell: Market) -> None:
    """An operator could not say on the telephone why a producer was sent where."""
    lot_id = shell.list_lot()
    told = json.loads(run(lot_id, "--json").stdout)
    assert (told["outcome"], told["rest_kg"], told["way_out"]) == ("served", 0, None)
    first, second = told["matches"]
    assert (first["processor"], first["cleared_kg"], second["cleared_kg"]) == ("processor", 20_000, 0)
    assert Decimal(first["fetch"]) == Decimal(told["quote"]) > Decimal(second["fetch"])
    assert told["whole"] == {"price": told["quote"], "kg": 20_000}, "nobody has to make room for it"
    assert Decimal(told["slack"]) == Decimal(first["fetch"]) - Decimal(second["fetch"])
    assert {reason["number"] for reason in first["reasons"]} >= {501, 504, 505}
    spoken = run(lot_id).stdout
    assert "this lot goes entire" in spoken
    assert "producer pays 2,300.00 CNY/t" in spoken
    assert "[505]" in spoken


def test_a_lot_that_asks_too_much_is_told_how_much(shell: Market) -> None:
    """A producer would guess how far to come down."""
    lot_id = shell.list_lot(price=Decimal(-1000))
    told = json.loads(run(lot_id, "--json").stdout)
    assert told["outcome"] == "unmatched"
    assert [one["code"] for one in told["rest_reasons"]] == ["no_gain"]
    (change,) = told["way_out"]["changes"]
    assert (change["step"], told["way_out"]["gained_kg"]) == ("lower_expectation", 20_000)
    assert Decimal(change["amount"]) == Decimal(-1000) - Decimal(told["quote"]) + Decimal("0.01")
    assert "Expect" in run(lot_id).stdout


def test_what_would_help_is_said_in_both_languages(shell: Market) -> None:
    """A producer who is refused for her waste would not learn what to have mended."""
    with shell.work("processor") as work:
        needs.open_need(
            work, shell.need(limits={Figure.MOISTURE: {Edge.MOST: Decimal(30)}}, price=Decimal(9))
        )
    lot_id = shell.list_lot(composition={Figure.MOISTURE: Decimal(31)}, price=Decimal(-100))
    english, chinese = run(lot_id).stdout, run(lot_id, "--lang", "zh").stdout
    assert "Expect" in english
    assert "Its limits for moisture, % (≤ 30) leave this lot out: 31." in english
    assert "含水率" in chinese
    assert "最高可得" in chinese


def test_a_lot_that_is_not_in_the_market_is_one_line_and_status_two(shell: Market) -> None:
    """A script would take an empty answer for one."""
    answer = run(uuid4())
    assert answer.exit_code == 2
    assert answer.stderr.startswith("LOT: no lot ")
    assert CliRunner().invoke(explain, ["no-id"]).exit_code == 2


def test_every_step_has_words() -> None:
    """A remedy would be shown as a bare code."""
    assert set(WORDS) == set(Step)


def test_the_shell_speaks_the_language_of_its_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """People in Wuhan would read English, or tests German."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert language_of_shell(None).value == "zh"
    assert language_of_shell("en").value == "en"
    monkeypatch.setenv("LC_ALL", "C")
    assert language_of_shell(None).value == "en"
