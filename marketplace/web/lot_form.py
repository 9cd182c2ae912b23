"""What did a producer write on the listing form, and what is wrong with it, field by field?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from compliance.catalogue import queries as catalogue
from compliance.catalogue import service as catalogue_service
from compliance.record.clock import SHANGHAI
from compliance.record.errors import N_, DomainError, Invalid, NotFound, raise_all
from compliance.record.numbers import number_of
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry import service as registry_service
from marketplace.edge.problems import Reason, reasons_by_field
from marketplace.lots.rules import (
    Division,
    Figure,
    LotDraft,
    draft_faults,
    figure_faults,
    price_is_well_formed,
)
from marketplace.lots.tables import Lot
from marketplace.web.forms import Form
from marketplace.web.translation import Language

NEW_SITE = "new"
STANDS_FOR = {"kg": "tonnes", "price": "amount", "location": "lat", "division_code": "division"}
"""Under which field of the form a fault of the draft is shown."""
WINDOW = timedelta(days=14)


class Payer(StrEnum):
    """Who the producer expects to pay for the waste."""

    RECEIVER = "receiver"
    PRODUCER = "producer"
    OPEN = "open"


class LotForm(msgspec.Struct):
    """The fields as they come from the page: text, whatever was typed."""

    code: str = ""
    site_id: str = ""
    site_name: str = ""
    division: str = ""
    lat: str = ""
    lon: str = ""
    tonnes: str = ""
    ready_from: str = ""
    ready_to: str = ""
    payer: str = Payer.OPEN.value
    amount: str = ""
    parts: str = Division.SPLIT.value
    packaging: str = ""
    moisture_percent: str = ""
    ash_percent: str = ""
    chlorine_percent: str = ""
    sulphur_percent: str = ""
    metal_percent: str = ""
    heavy_metals_mg_kg: str = ""
    calorific_mj_kg: str = ""
    note: str = ""
    look: str = ""
    intent: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Faults:
    """Collects what is wrong, so that a person is told everything at once."""

    found: list[DomainError]

    def add(self, field: str, message: str, way_out: str = "") -> None:
        """Note one fault of one field."""
        self.found.append(Invalid(message, field=field, way_out=way_out))

    def concern(self, field: str | None) -> bool:
        """Tell whether a field is known to be wrong already."""
        return any(STANDS_FOR.get(one.field or "", one.field) == field for one in self.found)


def fresh(work: Work) -> LotForm:
    """Return the form of a new lot: ready from the next hour for two weeks, on the first own site."""
    local = work.now.astimezone(SHANGHAI)
    start = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    own = registry.sites_visible_to(work.session, work.who)
    return LotForm(
        site_id=str(own[0].id) if own else NEW_SITE,
        ready_from=_typed(start),
        ready_to=_typed(start + WINDOW),
        intent=str(work.new_id()),
    )


def of_lot(row: Lot) -> LotForm:
    """Return the form of a lot as it stands."""
    payer = Payer.OPEN if row.price is None else Payer.PRODUCER if row.price < 0 else Payer.RECEIVER
    return LotForm(
        code=row.code,
        site_id=str(row.site_id),
        tonnes=f"{Decimal(row.kg) / 1000:f}",
        ready_from=_typed(row.ready_from),
        ready_to=_typed(row.ready_to),
        payer=payer.value,
        amount="" if row.price is None else f"{abs(row.price):f}",
        parts=row.division,
        packaging=row.packaging,
        **row.composition,
        note=row.note,
        version=str(row.version),
    )


def given_back(form: LotForm, held: dict[str, list[str]]) -> LotForm:
    """Return a form with what was typed before the sign-in ran out."""
    known = {name: values[0] for name, values in held.items() if values and name in form.__struct_fields__}
    return msgspec.structs.replace(form, **known)


def shown(form: LotForm, refusal: DomainError | None, language: Language) -> Form:
    """Return what the page shows: every value as typed, every fault beside its field."""
    errors: dict[str, list[Reason]] = {}
    for field, reasons in (reasons_by_field(refusal, language) if refusal else {}).items():
        errors.setdefault(STANDS_FOR.get(field, field), []).extend(reasons)
    known = {*form.__struct_fields__, ""}
    for field in [name for name in errors if name not in known]:
        errors.setdefault("", []).extend(errors.pop(field))
    return Form(msgspec.structs.asdict(form), errors)


def draft_of(work: Work, form: LotForm) -> LotDraft:
    """Return the draft that a form means, its new site put on the register; raises every fault at once."""
    faults = Faults([])
    site_id = _site(work, form, faults)
    draft = LotDraft(
        site_id=site_id or UUID(int=0),
        code=form.code.strip(),
        kg=_kg(form, faults),
        ready_from=_moment(form.ready_from, "ready_from", work.now, faults),
        ready_to=_moment(form.ready_to, "ready_to", work.now + WINDOW, faults),
        price=_price(form, faults),
        division=Division.WHOLE if form.parts == Division.WHOLE.value else Division.SPLIT,
        packaging=_text(form.packaging, "packaging", 60, faults),
        note=_text(form.note, "note", 400, faults),
        composition=_composition(form, faults),
    )
    _check_code(work, draft.code, faults)
    for fault in [*draft_faults(draft, work.now, work.today), *figure_faults(draft.composition)]:
        if not faults.concern(STANDS_FOR.get(fault.field or "", fault.field)):
            faults.found.append(fault)
    raise_all(faults.found)
    return draft


def _check_code(work: Work, code: str, faults: Faults) -> None:
    if not code:
        faults.add(
            "code", N_("Say what kind of waste it is."), N_("Search by code, Chinese words or pinyin.")
        )
        return
    try:
        catalogue_service.require(work, code, work.today, "code")
    except DomainError as unknown:
        faults.found.append(unknown)


def _site(work: Work, form: LotForm, faults: Faults) -> UUID | None:
    if form.site_id == NEW_SITE:
        return _new_site(work, form, faults)
    own = {str(site.id): site.id for site in registry.sites_visible_to(work.session, work.who)}
    if form.site_id not in own:
        faults.add("site_id", N_("Choose one of your own sites, or add a new one."))
    return own.get(form.site_id)


def _new_site(work: Work, form: LotForm, faults: Faults) -> UUID | None:
    before = len(faults.found)
    name = _text(form.site_name, "site_name", 120, faults)
    if not name:
        faults.add("site_name", N_("Give the new site a name."))
    lat, lon = _degrees(form.lat, "lat", faults), _degrees(form.lon, "lon", faults)
    try:
        catalogue.prefecture_of(work.session, form.division)
    except NotFound:
        faults.add("division", N_("Choose the district or county in which the site lies."))
    except Invalid as too_wide:
        faults.found.append(too_wide)
    assert work.who.organisation_id is not None
    try:
        if lat is not None and lon is not None:
            registry_service.check_place(work, lat, lon)
    except DomainError as outside:
        faults.found.append(outside)
    if len(faults.found) > before or lat is None or lon is None:
        return None
    return registry_service.add_site(work, work.who.organisation_id, name, lat, lon, form.division).id


def _degrees(text: str, field: str, faults: Faults) -> float | None:
    try:
        number = float(text)
    except ValueError:
        faults.add(field, N_("Point at the site on the map, or type degrees such as 30.592849."))
        return None
    if not -180 <= number <= 180:
        faults.add(field, N_("Point at the site on the map, or type degrees such as 30.592849."))
        return None
    return number


def _kg(form: LotForm, faults: Faults) -> int:
    """Return the mass in whole kilograms; 1 stands in for one that cannot be read."""
    number = number_of(form.tonnes)
    if number is None:
        faults.add("tonnes", N_("Write the mass in tonnes as a number, such as 24.5."))
        return 1
    if abs(number) > Decimal(10) ** 12 or number * 1000 != (number * 1000).to_integral_value():
        faults.add("tonnes", N_("A mass has at most three decimals: it is counted in whole kilograms."))
        return 1
    return int(number * 1000)


def _price(form: LotForm, faults: Faults) -> Decimal | None:
    """Return the signed price: what the receiver pays the producer per tonne (P1, P6)."""
    if form.payer not in set(Payer):
        faults.add("payer", N_("Say who pays whom."))
        return None
    if form.payer == Payer.OPEN.value:
        return None
    amount = number_of(form.amount)
    if amount is None or amount < 0 or not price_is_well_formed(amount):
        faults.add(
            "amount",
            N_("Write the amount in CNY per tonne with at most two decimals."),
            N_("Without a sign: who pays is chosen above."),
        )
        return None
    return -amount if form.payer == Payer.PRODUCER.value else amount


def _composition(form: LotForm, faults: Faults) -> dict[Figure, Decimal]:
    """Return the figures that were stated; an empty field says that nobody has measured it."""
    stated = {}
    for figure in Figure:
        text = getattr(form, figure.value).strip()
        number = number_of(text)
        if text and number is None:
            faults.add(figure.value, N_("Write a plain number, such as 35.5, or leave it empty."))
        elif number is not None:
            stated[figure] = number
    return stated


def _moment(text: str, field: str, stand_in: datetime, faults: Faults) -> datetime:
    """Return a moment typed in Shanghai time."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    except ValueError:
        faults.add(field, N_("Choose a day and a time."))
        return stand_in


def _text(text: str, field: str, longest: int, faults: Faults) -> str:
    plain = text.strip()
    if len(plain) > longest:
        faults.add(field, N_("This text is too long."))
    return plain[:longest]


def _typed(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def places(session: Session, province: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the counties of a province under their prefectures, as (name, [(code, name)])."""
    prefectures = catalogue.divisions_under(session, f"{province}0000")
    return [
        (
            prefecture.name_zh,
            [(row.code, row.name_zh) for row in catalogue.divisions_under(session, prefecture.code)]
            or [(prefecture.code, prefecture.name_zh)],
        )
        for prefecture in prefectures
    ]
