"""What does a unit see of its tables of a year: the plan, what became of it, and its industrial waste?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from compliance.ledgers import files, industrial, queries, years
from compliance.ledgers.comparing import WORDS, Matter
from compliance.ledgers.forms import SPECS, Form, Spec, cells
from compliance.ledgers.industrial import Flow
from compliance.record.errors import NotFound
from compliance.record.work import Work
from marketplace.edge.problems import Reason, reason_of
from marketplace.web.translation import Language, translate


class ComparedView(msgspec.Struct, frozen=True, kw_only=True):
    """One matter of one waste: what the plan says (null: nothing), what happened, and what is to be said."""

    code: str
    matter: Matter
    words: str
    planned_kg: int | None
    done_kg: int
    warnings: list[Reason]


class FlowView(msgspec.Struct, frozen=True, kw_only=True):
    """Where one waste went in one month, kilograms: how the stock changed, and what lay there at its end."""

    month: int
    code: str
    name: str
    generated_kg: int
    stored_kg: int
    stock_kg: int
    own_use_kg: int
    other_use_kg: int
    own_disposal_kg: int
    other_disposal_kg: int


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A table as a page shows it: headings, what kind of cells stand below each, and the rows."""

    form: str
    title: str
    heads: list[str]
    kinds: list[str]
    rows: list[list[str]]


def form_of(text: str) -> Form:
    """Return the table that an address names, or raise `NotFound`."""
    try:
        return Form(text)
    except ValueError:
        raise NotFound("table", text) from None


def title(spec: Spec, language: Language) -> str:
    """Return a table's name: `A.3 Generation`."""
    return f"{spec.number} {spec.zh if language is Language.ZH else spec.en}"


def shown(work: Work, unit: UUID, year: int, form: Form, language: Language) -> Shown:
    """Return a table for its page."""
    spec, chinese = SPECS[form], language is Language.ZH
    told = [cells(spec, row, chinese=chinese) for row in queries.year_rows(work.session, unit, year, form)]
    return Shown(
        form=form.value,
        title=title(spec, language),
        heads=files.headings(spec.columns, chinese=chinese),
        kinds=[column.kind for column in spec.columns],
        rows=[[line[column.key] for column in spec.columns] for line in told],
    )


def sheet_of(work: Work, unit: UUID, year: int, name: str, *, chinese: bool) -> files.Sheet:
    """Return a table of a year as a sheet: one that is filled, or `flow` and `leaving` of the ledger."""
    if name == "flow":
        return industrial.flow_sheet(industrial.flows(work.session, unit, year))
    if name == "leaving":
        return industrial.leaving(work.session, unit, year)
    form = form_of(name)
    return years.sheet(form, queries.year_rows(work.session, unit, year, form), chinese=chinese)


def compared(work: Work, unit: UUID, year: int, language: Language) -> list[ComparedView]:
    """Hold a year against its plan, in the reader's language."""
    return [
        ComparedView(
            code=one.code,
            matter=one.matter,
            words=translate(language, WORDS[one.matter]),
            planned_kg=one.planned_kg,
            done_kg=one.done_kg,
            warnings=[reason_of(told, language) for told in one.told],
        )
        for one in years.compared(work, unit, year)
    ]


def flows(work: Work, unit: UUID, year: int) -> list[FlowView]:
    """Return where a unit's industrial waste went, month by month."""
    return [_flow(one) for one in industrial.flows(work.session, unit, year)]


def _flow(one: Flow) -> FlowView:
    names: Sequence[str] = FlowView.__struct_fields__
    return FlowView(**{name: getattr(one, name) for name in names})
