"""Which manifest numbers does a terminal hold to issue without signal, and what becomes of the unused?

A number that was taken out of its series is on a manifest, given back to the series, or voided on the record
with its reason: the series has no gap that nobody explains (M2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from compliance.catalogue import queries as catalogue
from compliance.manifests import queries
from compliance.manifests.rules import number_of
from compliance.manifests.tables import Manifest, ManifestSerial
from compliance.record.errors import N_, Conflict, Forbidden, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.signing_keys import queries as keys
from compliance.signing_keys.tables import ReservedNumber, SigningKey

HELD_FOR = timedelta(days=7)
"""After so long without word from the terminal an unused number is void."""
EXPIRED = "逾期未使用 not used in time"
"""What stands on the record beside numbers that ran out."""
READY = 3
"""So many numbers a terminal that issues is given ahead."""
MOST_HELD = 20
"""So many numbers a terminal may hold at once: more than anybody issues in a day without signal."""


class State(StrEnum):
    """What became of a reserved number."""

    HELD = "held"
    USED = "used"
    RETURNED = keys.RETURNED
    VOIDED = "voided"


class Act(StrEnum):
    """What moves a reserved number."""

    USE = "use_up"
    GIVE_BACK = "give_back"
    VOID = "void"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.HELD, Act.USE): State.USED,
    (State.HELD, Act.GIVE_BACK): State.RETURNED,
    (State.HELD, Act.VOID): State.VOIDED,
    (State.VOIDED, Act.USE): State.USED,
}
"""A voided number may turn up on a manifest that was signed with it before: then it was used after all."""


def reserve(work: Work, key: SigningKey, site_id: UUID, count: int) -> Sequence[ReservedNumber]:
    """Take numbers out of the series of a site's prefecture for a terminal whose person issues there."""
    site = registry.site(work.session, site_id)
    issues = work.who.has(Role.PRODUCER) and site.organisation_id == work.who.organisation_id
    if not issues or key.person_id != work.who.person_id:
        raise Forbidden(N_("Numbers are reserved by whoever issues manifests from the own site."))
    if key.revoked_at is not None:
        raise Conflict(N_("The key of this terminal is revoked."), code="key_revoked")
    held = len(keys.numbers(work.session, key.id, State.HELD.value))
    if count < 1 or held + count > MOST_HELD:
        raise Invalid(
            N_("A terminal holds at most {most} numbers; this one has {held}."),
            field="count",
            values={"most": MOST_HELD, "held": held},
        )
    prefecture = catalogue.prefecture_of(work.session, site.division_code)
    year = work.today.year
    rows = [
        ReservedNumber(
            id=work.new_id(),
            key_id=key.id,
            organisation_id=key.organisation_id,
            number=number_of(year, prefecture, queries.next_serial(work.session, year, prefecture[:4])),
            state=State.HELD.value,
            reserved_at=work.now,
        )
        for _ in range(count)
    ]
    work.session.add_all(rows)
    work.session.flush()
    work.append("NumbersReserved", key.id, numbers=[row.number for row in rows])
    return rows


def keep_ready(work: Work, key: SigningKey, site_id: UUID, count: int = READY) -> Sequence[ReservedNumber]:
    """Return the numbers that a terminal holds for a site, after taking as many as it lacks of `count`."""
    prefix = _series(work, site_id)
    held = _held(work, key, prefix)
    if len(held) < count:
        reserve(work, key, site_id, count - len(held))
        held = _held(work, key, prefix)
    return held


def _held(work: Work, key: SigningKey, prefix: str) -> list[ReservedNumber]:
    found = keys.numbers(work.session, key.id, State.HELD.value)
    return [row for row in found if row.number.startswith(prefix)]


def _series(work: Work, site_id: UUID) -> str:
    """Return how the numbers begin that are given today to what leaves a site (M2)."""
    site = registry.site(work.session, site_id)
    return f"{work.today.year:04d}{catalogue.prefecture_of(work.session, site.division_code)[:4]}"


def use(work: Work, key_id: UUID, row: Manifest, text: str) -> None:
    """Put a reserved number on the manifest that was issued with it; the act itself is signed next."""
    found = keys.number(work.session, text)
    series = _series(work, row.origin_site_id)
    if found is None or found.key_id != key_id or not text.startswith(series):
        raise Conflict(
            N_("Number {number} is not reserved for this terminal, this year and this place."),
            code="number_not_reserved",
            field="number",
            values={"number": text},
        )
    if row.number is not None:
        raise Conflict(
            N_("The manifest bears number {number} already."),
            code="manifest_numbered",
            field="number",
            values={"number": row.number},
        )
    _move(work, found, Act.USE, "")
    found.manifest_id, row.number = row.id, text


def end(work: Work, rows: Iterable[ReservedNumber], reason: str) -> None:
    """End what a terminal holds unused: the newest of a series go back to it, any other is voided."""
    if not reason.strip():
        raise Invalid(N_("Say why the numbers are not used."), field="reason")
    for found in sorted(rows, key=lambda one: one.number, reverse=True):
        if found.state != State.HELD:
            continue
        key = (int(found.number[:4]), found.number[4:8])
        serial = work.session.get(ManifestSerial, key, with_for_update=True, populate_existing=True)
        if serial is not None and serial.last == int(found.number[8:]):
            serial.last -= 1
            work.session.flush()
            _move(work, found, Act.GIVE_BACK, reason)
        else:
            _move(work, found, Act.VOID, reason)


def void(work: Work, rows: Iterable[ReservedNumber], reason: str) -> None:
    """Void what a terminal holds unused, and give nothing back: it may have issued with one of them."""
    for found in rows:
        if found.state == State.HELD:
            _move(work, found, Act.VOID, reason)


def expire(work: Work) -> int:
    """Void what terminals have held for too long, or over the end of the year; return how many.

    Void and not given back: a terminal that is still without signal may have issued with one of them.
    """
    rows = keys.held_before(work.session, State.HELD.value, work.now - HELD_FOR, f"{work.today.year:04d}")
    void(work, rows, EXPIRED)
    return len(rows)


def _move(work: Work, found: ReservedNumber, act: Act, reason: str) -> None:
    target = NEXT.get((State(found.state), act))
    if target is None:
        raise Conflict(
            N_("Number {number} is {state} already."),
            code="number_ended",
            field="number",
            values={"number": found.number, "state": found.state},
        )
    found.state, found.ended_at = target.value, work.now
    found.reason = reason.strip()[:400]
    work.append(
        "ReservedNumberEnded", found.key_id, number=found.number, became=found.state, reason=found.reason
    )
