"""What do the facts of the rulebook's table stand on: a day, parties in order, and a database for the few."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.catalogue import files
from compliance.record.errors import DomainError, RuleBroken, Several
from compliance.record.who import SYSTEM, Who
from compliance.record.work import Work
from compliance.registry.gates import Party
from compliance.registry.queries import Standing
from compliance.registry.rules import Licence, LicenceKind, LicenceLine, Mode
from tests.factories.parties import OIL, SCRAP, YEARS, Cast

A_DAY = timedelta(days=1)
MINE, THEIRS = UUID(int=1), UUID(int=2)
OIL_TYPE, SCRAP_TYPE = (
    next(one for one in reversed(files.waste_types()) if one.code == code) for code in (OIL, SCRAP)
)


@dataclass(frozen=True)
class Scene:
    """One day on the market; `session` is of a database with the cast, and forgotten afterwards."""

    on: date
    cast: Cast
    open_session: Callable[[], Session]

    @property
    def session(self) -> Session:
        """Return the session, which begins when a case first asks for it."""
        return self.open_session()

    def work(self, who: Who = SYSTEM) -> Work:
        """Return a unit of work on the scene's day, noon in China."""
        return Work(self.session, self.now, who)

    @property
    def now(self) -> datetime:
        """Return noon of the day in China."""
        return datetime(self.on.year, self.on.month, self.on.day, 4, tzinfo=UTC)


Told = Iterable[DomainError]
Ask = Callable[[Scene], object]
"""What a gate says of some facts: errors that are returned, or one that is raised."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A rule's facts twice: kept, and broken."""

    kept: Ask
    broken: Ask


def told(ask: Ask, scene: Scene) -> list[RuleBroken]:
    """Return the rules that a gate names, returned or raised."""
    try:
        found = ask(scene)
    except Several as several:
        found = several.errors
    except DomainError as one:
        found = [one]
    return [one for one in found if isinstance(one, RuleBroken)] if isinstance(found, Iterable) else []


def licence(**more: Any) -> Licence:
    """Return a licence for waste oil, 1,000 t a year, nothing drawn."""
    usual: dict[str, Any] = {
        "id": MINE,
        "organisation_id": MINE,
        "number": "HW-1",
        "kind": LicenceKind.COMPREHENSIVE,
        "modes": frozenset({Mode.USE}),
        "classes": frozenset(),
        "valid_from": YEARS[0],
        "valid_to": YEARS[1],
        "lines": (LicenceLine(OIL, 1_000_000, 0),),
    }
    return Licence(**(usual | more))


def permit(**more: Any) -> Licence:
    """Return a carrier's permit for dangerous goods of class 6."""
    usual: dict[str, Any] = {"number": "DG-1", "kind": LicenceKind.DANGEROUS_GOODS, "lines": ()}
    return licence(**(usual | {"classes": frozenset({"3", "6"})} | more))


def party(*licences: Licence, **standing: Any) -> Party:
    """Return an organisation as the gates see it, in good standing but for what is said."""
    usual: dict[str, Any] = {"name": "Works", "wanted": (), "since": None, "until": None, "reason": None}
    usual |= {"insured_to": YEARS[1], "emergency_to": YEARS[1]}
    return Party(Standing(**(usual | standing)), list(licences), [])


def line(drawn_kg: int) -> LicenceLine:
    """Return a line of a licence of which so much is taken."""
    return LicenceLine(OIL, 1_000_000, drawn_kg)
