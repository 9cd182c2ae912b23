"""What becomes of an entry: is it new, a correction, known already, or not to be taken, and why?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from compliance.ledgers.columns import COLUMNS, cells_of
from compliance.ledgers.rules import Draft, Table, faults
from compliance.record.errors import N_, DomainError, Invalid
from compliance.rulebook.rules import broken


class Outcome(StrEnum):
    """What became of one row."""

    INSERTED = "inserted"
    UPDATED = "updated"
    IGNORED = "ignored"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that is in the book: what it says, and whether a manifest made it."""

    draft: Draft
    from_manifest: bool = False


@dataclass
class Book:
    """The part of a unit's ledgers that some rows touch: entries by batch, and what came out of each.

    It is read once and kept in step while rows are judged, so that a preview and the taking in say the same,
    and a row may rest on an earlier one of its own file.
    """

    known: dict[str, Known] = field(default_factory=dict)
    drawn: dict[str, dict[str, int]] = field(default_factory=dict)
    by_loads: dict[str, int] = field(default_factory=dict)
    """What loads took of each: they give way to a correction, since what left is known by its manifest."""

    def judge(self, draft: Draft, today: date, *, hazardous: bool) -> tuple[Outcome, list[DomainError]]:
        """Judge one entry against the book; a failed one leaves the book as it is."""
        before = self.known.get(draft.batch) if draft.batch else None
        if before is not None and _same(before, draft):
            return Outcome.IGNORED, []
        found = [*faults(draft, today, hazardous=hazardous), *self._against(draft, today)]
        if found:
            return Outcome.FAILED, found
        return (Outcome.INSERTED if before is None else Outcome.UPDATED), []

    def note(self, draft: Draft) -> None:
        """Keep the book in step with an entry that was taken."""
        before = self.known.get(draft.batch)
        if before is not None:
            self.drawn.get(before.draft.source, {}).pop(draft.batch, None)
        if draft.batch:
            self.known[draft.batch] = Known(draft)
        if draft.source:
            key = draft.batch or f"row {len(self.drawn.get(draft.source, {}))}"
            self.drawn.setdefault(draft.source, {})[key] = draft.kg

    def _against(self, draft: Draft, today: date) -> list[DomainError]:
        before = self.known.get(draft.batch) if draft.batch else None
        if before is not None and before.from_manifest:
            return [
                Invalid(
                    N_("Entry {batch} follows a manifest and is corrected there."),
                    field="batch",
                    way_out=N_(
                        "Ask all signing parties for a correction of the manifest, or have the pipeline's"
                        " period reopened."
                    ),
                    values={"batch": draft.batch},
                )
            ]
        return [*self._out_of(draft, today), *self._what_came_out(draft, today)]

    def _out_of(self, draft: Draft, today: date) -> list[DomainError]:
        """An entry is of its source's waste, follows it in time, and takes no more than is left of it."""
        source = self.known.get(draft.source) if draft.source else None
        if source is None:
            return []
        said = source.draft
        found: list[DomainError] = []
        if said.code != draft.code or draft.day < said.day or said.table is Table.OUTSOURCED:
            found.append(
                broken(
                    "G4.source",
                    today,
                    field="source",
                    batch=draft.source,
                    code=said.code,
                    since=said.day.isoformat(),
                )
            )
        taken = {one: kg for one, kg in self.drawn.get(draft.source, {}).items() if one != draft.batch}
        left = said.kg - sum(taken.values()) - self.by_loads.get(draft.source, 0)
        if draft.kg > left:
            found.append(
                broken("G4.more_than_is_there", today, field="kg", kg=draft.kg, batch=draft.source, left=left)
            )
        return found

    def _what_came_out(self, draft: Draft, today: date) -> list[DomainError]:
        """A corrected entry still holds what was taken out of it since."""
        out = sum(self.drawn.get(draft.batch, {}).values()) if draft.batch else 0
        if draft.batch not in self.known or draft.kg >= out:
            return []
        return [
            broken(
                "G4.more_than_is_there",
                today,
                field="kg",
                kg=out,
                batch=draft.batch,
                left=draft.kg,
            )
        ]


def _same(before: Known, draft: Draft) -> bool:
    """Tell whether a row says what is there; which batches a load came out of is not asked of a row."""
    if not before.from_manifest:
        return before.draft == draft
    keys = {one.key for one in COLUMNS[draft.table]} - {"source"}
    kept, said = cells_of(before.draft), cells_of(draft)
    return before.draft.table is draft.table and all(kept[key] == said[key] for key in keys)
