"""Which number has the national system given a manifest? People enter it; this product never makes one."""

from __future__ import annotations

from compliance.catalogue import queries as catalogue
from compliance.manifests import queries
from compliance.manifests.rules import NUMBER, State
from compliance.manifests.tables import Manifest
from compliance.record.errors import N_, Conflict, Forbidden
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.rulebook.rules import broken


def enter(work: Work, row: Manifest, number: str) -> Manifest:
    """Set the number of the national system beside the provisional one (M1, M2).

    The mover enters it from its own copy; one that stands there already is changed by a correction alone.
    Raises `M2.number` for what has no 14 digits or names another place than the load's origin,
    `Conflict` for another manifest's.
    """
    if work.who.organisation_id != row.mover_id or not work.who.has(Role.PRODUCER):
        raise Forbidden(N_("Only the {party} may do this on the manifest."), values={"party": "mover"})
    check(work, row, number)
    if row.national_number is not None:
        raise broken("M16.sealed_field", work.today, field="national_number", name=row.national_number)
    if State(row.state) in {State.DRAFT, State.CANCELLED}:
        raise Conflict(
            N_("A manifest that is {state} has no number of the national system."),
            code="manifest_state",
            values={"state": row.state},
        )
    row.national_number, row.changed_at = number.strip(), work.now
    work.append("NationalNumberEntered", row.id, number=row.national_number, provisional=row.number or "")
    return row


def _place(work: Work, row: Manifest) -> str:
    if row.number is not None:
        return row.number[4:8]
    origin = registry.site(work.session, row.origin_site_id)
    return catalogue.prefecture_of(work.session, origin.division_code)[:4]


def check(work: Work, row: Manifest, number: str) -> None:
    """Refuse a text that is no number of the national system, or that another manifest bears."""
    text = number.strip()
    if not NUMBER.match(text) or text[4:8] != _place(work, row):
        raise broken("M2.number", work.today, field="national_number", number=text[:20])
    taken = queries.with_national_number(work.session, text)
    if taken is not None and taken != row.id:
        raise Conflict(
            N_("This number stands on another manifest already."),
            code="national_number_taken",
            field="national_number",
            way_out=N_("Compare both with the national system."),
        )
