"""Which kind of waste does a person mean by a few typed words?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from compliance.catalogue.rules import DASHES, WasteCode, WasteType

_SEPARATORS = re.compile(r"[\s\x00,，;；、。()（）/]+")
_RUNS = re.compile(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Card:
    """Everything under which one kind of waste can be found, in lower case.

    `words` are common names that people use; each spoken field has its pinyin without blanks and its
    initials beside it.
    """

    code: str
    compact: str
    category: str
    name: str
    words: str
    industry: str
    description: str
    name_pinyin: str
    name_initials: str
    words_pinyin: str
    words_initials: str
    description_pinyin: str
    description_initials: str

    @property
    def text(self) -> str:
        """Return the card as stored text, one field a line, so that no hit spans two fields."""
        return "\n".join(getattr(self, name) for name in self.__slots__)

    @classmethod
    def read(cls, text: str) -> Card:
        """Return the card of a stored text."""
        return cls(*text.split("\n"))


def card(code: str, category: str, name: str, industry: str, description: str, words: Sequence[str]) -> Card:
    """Make the search card of a kind of waste."""
    said = [_plain(name), *(_plain(word) for word in words), _plain(description)]
    full = [pinyin(one) for one in said]
    short = [initials(one) for one in said]
    return Card(
        code=code.lower(),
        compact=code.lower().replace("-", ""),
        category=category.lower(),
        name=said[0],
        words=" ".join(said[1:-1]),
        industry=_plain(industry),
        description=said[-1],
        name_pinyin=full[0],
        name_initials=short[0],
        words_pinyin=" ".join(full[1:-1]),
        words_initials=" ".join(short[1:-1]),
        description_pinyin=full[-1],
        description_initials=short[-1],
    )


def pinyin(text: str) -> str:
    """Return a text's full pinyin without tones and blanks; `ü` is written `v`, as it is typed."""
    return "".join(_syllables(text))


def initials(text: str) -> str:
    """Return the first letter of each syllable; letters and digits of the text stay."""
    return "".join(syllable[0] for syllable in _syllables(text))


def _syllables(text: str) -> list[str]:
    from pypinyin import lazy_pinyin

    syllables: list[str] = []
    for run in _RUNS.findall(text):
        spoken = _HAN.match(run) is not None
        syllables += lazy_pinyin(run) if spoken else [sign for sign in run if sign.isalnum()]
    return syllables


def terms(query: str) -> tuple[str, ...]:
    """Split a query into terms: a code stays whole, the rest parts at punctuation and between scripts."""
    try:
        return (WasteCode.parse(query).text.lower(),)
    except ValueError:
        parts = _SEPARATORS.split(_plain(query))
    return tuple(run for part in parts for run in _RUNS.findall(part) if run != "-")


def loosened(wanted: Sequence[str]) -> tuple[str, ...]:
    """Take Chinese terms apart into single signs, for words typed without blanks between them."""
    return tuple(part for term in wanted for part in (dict.fromkeys(term) if _HAN.match(term) else (term,)))


def ranked(wanted: Sequence[str], hits: Sequence[tuple[WasteType, Card]], limit: int) -> list[WasteType]:
    """Return the kinds that a person most likely means by these terms, best first.

    A code counts before a common word or the category's name, these before the description, Chinese
    before pinyin; among equals, a whole family comes first, then waste of no particular industry.
    """

    def worth(hit: tuple[WasteType, Card]) -> tuple[int, int, bool, bool, str]:
        waste, one = hit
        places = [place(term, one) for term in wanted]
        specific = waste.code != waste.category
        return max(places), sum(places), specific, not waste.code.startswith("900-"), waste.code

    return [waste for waste, _ in sorted(hits, key=worth)[:limit]]


def place(term: str, one: Card) -> int:
    """Return how well a term fits a card: 0 is the code itself, higher is worse."""
    words, spoken, letters = one.words.split(), one.words_pinyin.split(), one.words_initials.split()
    tests = (
        term in {one.code, one.compact},
        one.code.startswith(term) or one.compact.startswith(term),
        term == one.category,
        term in one.code or term in one.compact,
        term in words,
        term == one.name,
        one.name.startswith(term),
        any(word.startswith(term) for word in words),
        one.description.startswith(term),
        term in one.name or term in one.words,
        term in one.description,
        term in one.industry,
        term in spoken or term in letters,
        term in {one.name_pinyin, one.name_initials},
        one.name_pinyin.startswith(term) or one.name_initials.startswith(term),
        one.description_pinyin.startswith(term) or one.description_initials.startswith(term),
        term in one.name_pinyin or term in one.words_pinyin,
        term in one.description_pinyin,
    )
    return tests.index(True) if True in tests else len(tests)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower().replace("\n", " ").translate(DASHES)
