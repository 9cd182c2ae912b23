"""Which manifests does a person see after narrowing them down by state, words, division, code and alerts?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import Session

from compliance.catalogue.tables import Division
from compliance.manifests import queries as manifests
from compliance.manifests.tables import Manifest
from compliance.record.who import Who
from compliance.registry.tables import Organisation, Site
from marketplace.oversight.rules import Reads, code_pattern, division_prefix, plain_of, reads
from tracking.alerts import queries as alerts
from tracking.alerts.kinds import Kind, Severity
from tracking.alerts.rules import STANDING
from tracking.alerts.tables import Alert
from tracking.fleet.rules import plate_key
from tracking.fleet.tables import Vehicle

ANY = "any"


@dataclass(frozen=True, slots=True)
class Wanted:
    """By what manifests are narrowed; empty leaves them as they are.

    `division` is a code of two, four or six digits: where the load comes from or goes to. `alert` is `any`,
    a severity or a kind of alert that still wants a look.
    """

    states: frozenset[str] = frozenset()
    text: str = ""
    division: str = ""
    code: str = ""
    alert: str = ""


def matching(who: Who, wanted: Wanted) -> Select[Manifest]:
    """Return the statement for the manifests a person may see, narrowed to those that are wanted."""
    statement = manifests.visible_to(who)
    if wanted.states:
        statement = statement.where(Manifest.state.in_(sorted(wanted.states)))
    pattern = code_pattern(wanted.code) if wanted.code else None
    if wanted.code:
        statement = statement.where(Manifest.code.like(pattern or wanted.code))
    if wanted.division:
        statement = statement.where(_within(wanted.division))
    if wanted.alert:
        statement = statement.where(Manifest.id.in_(_with_alert(who, wanted.alert)))
    return statement.where(_says(wanted.text)) if wanted.text else statement


def _within(division: str) -> ColumnElement[bool]:
    prefix = division_prefix(division)
    sites = select(Site.id).where(Site.division_code.startswith(prefix or "none", autoescape=True))
    return or_(Manifest.origin_site_id.in_(sites), Manifest.destination_site_id.in_(sites))


def with_such_alerts(alert: str) -> alerts.Wanted:
    """Return what narrows alerts down to those that a filter's word means, of those that want a look."""
    return alerts.Wanted(
        states=STANDING,
        kinds=frozenset({Kind(alert)}) if alert in set(Kind) else frozenset(),
        severities=frozenset({Severity(alert)}) if alert in set(Severity) else frozenset(),
    )


def _with_alert(who: Who, alert: str) -> Select[UUID | None]:
    found = alerts.matching(who, with_such_alerts(alert)).where(Alert.manifest_id.is_not(None))
    return found.with_only_columns(Alert.manifest_id)


def _says(text: str) -> ColumnElement[bool]:
    """Look a text up where its shape says; a part of a number costs a look at every manifest."""
    how, plain = reads(text), plain_of(text)
    if how is Reads.NUMBER:
        return or_(Manifest.number == plain, Manifest.national_number == plain)
    if how is Reads.CODE:
        return Manifest.code.like(code_pattern(plain) or plain)
    if how is Reads.DIGITS:
        return or_(
            Manifest.number.contains(plain, autoescape=True),
            Manifest.national_number.contains(plain, autoescape=True),
            Manifest.plate.contains(plain, autoescape=True),
        )
    return _named(text.strip())


def _named(text: str) -> ColumnElement[bool]:
    named = select(Organisation.id).where(
        or_(
            Organisation.name.contains(text, autoescape=True),
            Organisation.name_en.icontains(text, autoescape=True),
            Organisation.uscc == text.upper(),
        )
    )
    plated = select(Vehicle.id).where(Vehicle.plate_key.contains(plate_key(text), autoescape=True))
    return or_(
        Manifest.vehicle_id.in_(plated),
        Manifest.plate.contains(text, autoescape=True),
        Manifest.mover_id.in_(named),
        Manifest.carrier_id.in_(named),
        Manifest.receiver_id.in_(named),
    )


def standing_of(who: Who) -> ScalarSelect[int]:
    """Return how many alerts of a manifest in a list, among those a person may see, still want a look."""
    statement = alerts.matching(who, alerts.Wanted(states=STANDING)).where(Alert.manifest_id == Manifest.id)
    return statement.with_only_columns(func.count()).correlate(Manifest).scalar_subquery()


def divisions(session: Session) -> list[tuple[str, str]]:
    """Return the divisions that hold a site, with the provinces and prefectures above: (code, name)."""
    codes = set(session.scalars(select(Site.division_code).distinct()))
    wanted = codes | {f"{code[:4]}00" for code in codes} | {f"{code[:2]}0000" for code in codes}
    rows = session.execute(
        select(Division.code, Division.name_zh).where(Division.code.in_(wanted)).order_by(Division.code)
    )
    return [(code, name) for code, name in rows]
