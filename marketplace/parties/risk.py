"""How much speaks against a company now, weighed by the least that the law threatens, and what adds up to it?

A point is 10,000 yuan of the least fine for what an open sign would be, if it were so. The number is a place
in the inspector's queue and no finding: every part of it is listed, and with too little record there is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select

from compliance.deadlines.rules import TERMS, Owner
from compliance.deadlines.rules import Kind as Clock
from compliance.deadlines.rules import State as ClockState
from compliance.deadlines.tables import Deadline
from compliance.manifests import queries as manifests
from compliance.manifests.tables import Manifest
from compliance.oversight import service as oversight
from compliance.oversight.circles import Bounds
from compliance.oversight.rules import Sign
from compliance.oversight.signs import SHEETS as SIGNS
from compliance.record.errors import NotFound
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.rulebook.explain import explain_id
from compliance.rulebook.penalties import least_yuan
from marketplace.parties.dossier import Party, alerted, concerns
from tracking.alerts import queries as alerts
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import STANDING
from tracking.alerts.sheets import SHEETS
from tracking.alerts.tables import Alert

POINT_YUAN = 10_000
LEAST_LOADS = 5
"""With fewer loads within a year there is no number: one sign more or less would say everything."""
RECORD = timedelta(days=365)
NO_BREACH = frozenset({Sign.LINKED})
"""To be linked with another company is not forbidden."""
AUTHORITIES = frozenset({Owner.AUTHORITY, Owner.ORIGIN_PROVINCE, Owner.RECEIVING_PROVINCE})
"""What an authority leaves undone speaks against nobody else."""


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of open sign: how many there are, its rule, and the least fine, None where none is known."""

    key: str
    name: str
    rule: str
    count: int
    least_yuan: int | None

    @property
    def points(self) -> int:
        """Return what it adds; nothing where no fine is known."""
        return self.count * (self.least_yuan or 0) // POINT_YUAN


@dataclass(frozen=True, slots=True)
class Risk:
    """What speaks against a company: `loads` is how many of its manifests were drawn up within a year."""

    loads: int
    parts: tuple[Part, ...]

    @property
    def score(self) -> int | None:
        """Return the sum of the parts, None where there is too little record for a number."""
        return sum(one.points for one in self.parts) if self.loads >= LEAST_LOADS else None


def of_company(work: Work, found: Party, bounds: Bounds) -> Risk:
    """Reckon what speaks against a company now; for who oversees alone (`Forbidden` by the analyses)."""
    parts = [*_signs(work, found.organisation.id, bounds), *_alerts(work, found), *_overdue(work, found)]
    ordered = sorted(parts, key=lambda one: (-one.points, one.key))
    return Risk(_loads(work, found.organisation.id), tuple(ordered))


def weighed(counts: Mapping[str, int], sheets: Mapping[str, tuple[str, str]], on: date) -> list[Part]:
    """Return counted signs with their rule's least fine on a day; `sheets` gives name and rule by key."""
    return [
        Part(key, sheets[key][0], sheets[key][1], count, _least(sheets[key][1], on))
        for key, count in counts.items()
    ]


def _least(rule: str, on: date) -> int | None:
    try:
        cases = explain_id(rule, on)
    except NotFound:
        return None
    return least_yuan(fine for one in cases for fine in one.penalties)


def _signs(work: Work, own: UUID, bounds: Bounds) -> Sequence[Part]:
    """Return what this year's analyses say about the company or one of its sites."""
    found = oversight.analyse(work, work.today.year, own, bounds).found
    mine = {own, *(site.id for site in registry.sites_of(work.session, own))}
    counts = Counter(one.sign for one in found if one.sign not in NO_BREACH and mine & set(one.subjects))
    sheets = {sign.value: (sheet.name, sheet.rule) for sign, sheet in SIGNS.items()}
    return weighed({sign.value: count for sign, count in counts.items()}, sheets, work.today)


def _alerts(work: Work, found: Party) -> Sequence[Part]:
    """Return the alerts about the company that still want a look."""
    wanted = alerts.matching(work.who, alerts.Wanted(states=STANDING)).where(alerted(found))
    counted = wanted.with_only_columns(Alert.kind, func.count()).group_by(Alert.kind)
    counts = {str(kind): int(count) for kind, count in work.session.execute(counted)}
    return weighed(counts, {kind.value: (SHEETS[kind].name, SHEETS[kind].rule) for kind in Kind}, work.today)


def _overdue(work: Work, found: Party) -> Sequence[Part]:
    """Return what the company has left undone beyond its day."""
    own = [kind.value for kind, term in TERMS.items() if term.owner not in AUTHORITIES]
    late = select(Deadline.kind, func.count()).where(
        Deadline.organisation_id == found.organisation.id,
        Deadline.state == ClockState.OVERDUE.value,
        Deadline.kind.in_(own),
    )
    counts = {str(kind): int(count) for kind, count in work.session.execute(late.group_by(Deadline.kind))}
    return weighed(counts, {kind.value: (TERMS[kind].words, TERMS[kind].rule) for kind in Clock}, work.today)


def _loads(work: Work, own: UUID) -> int:
    drawn = manifests.visible_to(work.who).where(concerns(own), Manifest.created_at >= work.now - RECORD)
    return int(work.session.scalar(drawn.with_only_columns(func.count())) or 0)
