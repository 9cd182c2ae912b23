"""Is every rule of the book kept by some facts and broken by others, on both sides of the Code?"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from compliance.record.database import open_database
from compliance.record.errors import RuleBroken
from compliance.registry.gates import against_carrier
from compliance.rulebook.basis import CODE_IN_FORCE
from compliance.rulebook.explain import explain
from compliance.rulebook.rules import UNSAID, Severity, article_on, rule, rules
from marketplace.web.translation import Language, translate
from tests.compliance.rulebook.table.flows import FLOWS
from tests.compliance.rulebook.table.market import MARKET
from tests.compliance.rulebook.table.movements import MOVEMENTS
from tests.compliance.rulebook.table.parties import PARTIES
from tests.compliance.rulebook.table.scene import OIL_TYPE, Ask, Pair, Scene, party, permit, told
from tests.factories import parties
from tests.factories.parties import Cast

LAST_OLD = date(2026, 8, 14)
DAYS = (LAST_OLD, CODE_IN_FORCE)
TABLE: dict[str, Pair] = PARTIES | MOVEMENTS | MARKET | FLOWS
NONE = {"insured_to": None}
IDS = [one.id for one in rules()]
WRITTEN = Path(__file__).parent / "table" / "law.csv"
"""By hand: each rule's gates, severity, its article on the last day of the act and on the first of the Code,
and the fine since then in yuan."""


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Cast]]:
    """One database with the cast for all cases; each is rolled back."""
    place = tmp_path_factory.mktemp("table") / "one.db"
    place.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{place}")
    yield engine, parties.committed(engine, parties.cast)
    engine.dispose()


Tried = Callable[[Ask, date], list[RuleBroken]]


@pytest.fixture
def tried(opened: tuple[Engine, Cast]) -> Iterator[Tried]:
    """Ask on a day, in a transaction that leaves no trace."""
    engine, cast = opened
    begun: list[Session] = []

    def session() -> Session:
        if not begun:
            begun.append(Session(engine))
        return begun[0]

    def ask(what: Ask, on: date) -> list[RuleBroken]:
        found = told(what, Scene(on, cast, session))
        while begun:
            begun.pop().close()
        return found

    yield ask
    while begun:
        begun.pop().close()


def law() -> dict[str, dict[str, str]]:
    """Read what the table says of each rule."""
    with WRITTEN.open(encoding="utf-8", newline="") as lines:
        return {row["rule"]: row for row in csv.DictReader(lines)}


def test_every_rule_has_its_facts_and_its_law() -> None:
    """A rule would be added, and nobody know whether it ever stops anything, or on which article it rests."""
    assert set(TABLE) == set(IDS)
    assert set(law()) == set(IDS)


@pytest.mark.parametrize("on", DAYS, ids=str)
@pytest.mark.parametrize("rule_id", IDS)
def test_a_rule_is_kept_and_broken(tried: Tried, rule_id: str, on: date) -> None:
    """A rule would stop nobody, or everybody."""
    pair = TABLE[rule_id]
    assert rule_id not in [one.rule for one in tried(pair.kept, on)]
    found = [one for one in tried(pair.broken, on) if one.rule == rule_id]
    assert found
    for one in found:
        assert one.article == article_on(rule_id, on)
        assert one.field
        said_in_both_languages(one)


def said_in_both_languages(one: RuleBroken) -> None:
    """Hold a refusal to what a person must be able to read: every fact, in either language, and a way out."""
    lacking = [name for name in rule(one.rule).places if one.values.get(name, UNSAID) in {UNSAID, ""}]
    assert lacking == []
    assert one.way_out
    for text in (one.message, one.way_out):
        english, chinese = (
            translate(language, text, **one.values) for language in (Language.EN, Language.ZH)
        )
        assert english.endswith(".")
        assert chinese.endswith("。")
        assert english != chinese
        assert "{" not in english + chinese


@pytest.mark.parametrize("rule_id", IDS)
def test_a_rule_rests_on_the_law_of_its_day(rule_id: str) -> None:
    """An article, a fine or a severity would change without anybody having meant it."""
    row, one = law()[rule_id], rule(rule_id)
    before, since = (explain(one, day) for day in DAYS)
    fines = [
        f"{fine.least_yuan}-{fine.most_yuan}" if fine.least_yuan is not None else "?"
        for fine in since.penalties
    ]
    assert (" ".join(sorted(one.gates)), one.severity) == (row["gates"], row["severity"])
    assert (before.article, since.article) == (row["until_2026_08_14"], row["from_2026_08_15"])
    assert " ".join(fines) == row["fines_yuan"]
    assert before.penalties == ()


def test_want_of_insurance_stops_a_load_since_the_code_alone(tried: Tried) -> None:
    """A load of July would be held to a duty of August, or one of August leave uninsured (L14)."""
    one = rule("L14.not_insured")
    assert [one.severity_on(day) for day in DAYS] == [Severity.WARN, Severity.BLOCK]
    stopped = [
        {
            found.rule
            for found in tried(lambda at: against_carrier(party(permit(), **NONE), OIL_TYPE, at.on), day)
        }
        for day in DAYS
    ]
    assert stopped == [set(), {one.id}]
