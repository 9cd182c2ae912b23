"""In which words and formats does this reader's paper speak?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from compliance.catalogue.rules import hazard_letters
from compliance.manifests.tables import Manifest
from compliance.papers.sheet import Cell, Notice
from compliance.record.errors import N_
from devices.codecs.ticket_json import Source, particulars
from marketplace.web.formats import (
    NONE,
    format_count,
    format_day,
    format_kg,
    format_moment,
    format_word,
)
from marketplace.web.translation import Language, translate
from tracking.weighings.tables import Weighing

HAZARDS = {
    "T": N_("toxic T"),
    "C": N_("corrosive C"),
    "I": N_("ignitable I"),
    "R": N_("reactive R"),
    "In": N_("infectious In"),
}
PROVISIONAL = N_(
    "Provisional number, given by this platform. It is not a number of the national hazardous-waste"
    " information system (M1)."
)
DRAFT = N_("Draft: not signed and without a number. It is no manifest, and nothing may travel on it (M7).")
CANCELLED = N_("Cancelled: nothing may travel on this manifest.")
SIMULATED = N_("Simulated world: parties, vehicles and scales are invented. This is no real transfer.")
PRINTED = N_("Printed {at} from the record of Huanlian. What counts is the record; check it by the QR code.")
NET = N_("net, calculated")
"""A scale shows no net of two weighings: it is reckoned, and marked so."""
PAGE = N_("Page {page} of {pages}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads one of the two languages."""

    language: Language

    def say(self, text: str, **values: object) -> str:
        """Return a text of the catalogue."""
        return translate(self.language, text, **values)

    def kg(self, kg: int | None) -> str:
        """Write a mass."""
        return format_kg(kg, self.language)

    def moment(self, at: datetime | None) -> str:
        """Write a moment in Shanghai time."""
        return format_moment(at, self.language)

    def day(self, day: date | None) -> str:
        """Write a calendar day."""
        return format_day(day, self.language)

    def word(self, code: str | None) -> str:
        """Write a code of the product as the word people use."""
        return format_word(code, self.language)

    def count(self, number: int | None) -> str:
        """Write a whole number."""
        return format_count(number, self.language)

    def cell(self, label: str, value: str | None, *, wide: bool = False, exact: bool = False) -> Cell:
        """Return a cell whose label is a text of the catalogue; nothing known reads as a dash."""
        return Cell(self.say(label), value or NONE, wide, exact)

    def hazards(self, hazards: str) -> str:
        """Write what is hazardous about a waste, from the catalogue's letters (C 1d)."""
        letters = hazard_letters(hazards)
        return ("、" if self.language is Language.ZH else ", ").join(
            self.say(HAZARDS.get(letter, letter)) for letter in letters
        )

    def foot(self, at: datetime) -> str:
        """Return what stands at the foot of every page."""
        return self.say(PRINTED, at=self.moment(at))

    def pages(self) -> str:
        """Return the words of the page number, its places open; typesetting fills them."""
        return self.say(PAGE)


def part_of(reader: Reader, row: Weighing) -> str:
    """Return what a ticket weighed of a load, marked where it was not weighed for it, or is void."""
    source = particulars(row.extra).source
    words = [reader.word(row.role)]
    words += [reader.word(f"weight_{source}")] if source is not Source.WEIGHED else []
    words += [reader.word("voided")] if row.voided_by is not None else []
    return " · ".join(words)


def standing(reader: Reader, manifest: Manifest, *, simulated: bool) -> tuple[Notice, ...]:
    """Return what must stand on every paper about a manifest: whose number it is, and whether it counts."""
    found = []
    if manifest.number is None:
        found.append(Notice(reader.say(CANCELLED if manifest.state == "cancelled" else DRAFT)))
    else:
        if manifest.state == "cancelled":
            found.append(Notice(reader.say(CANCELLED)))
        if not manifest.national_number:
            found.append(Notice(reader.say(PROVISIONAL)))
    if simulated:
        found.append(Notice(reader.say(SIMULATED)))
    return tuple(found)
