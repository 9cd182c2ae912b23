"""Does every text of the product have its Chinese? `--update` writes the missing ones into the catalogue.

Texts are found by Babel: `N_("…")` and `translate(language, "…")` in Python, `{% trans %}` and `_("…")`
in the templates. English is what the code says itself, so there is one catalogue: Chinese.
"""

from __future__ import annotations

import argparse
import re
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "marketplace" / "web" / "locale" / "zh" / "LC_MESSAGES" / "messages.po"
PACKAGES = ("compliance", "tracking", "marketplace")
KEYWORDS = {
    "N_": None,
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "translate": (2,),
    "go": (3,),
}
BEGUN = datetime(2026, 11, 20, tzinfo=UTC)
"""A fixed day in the header, so that the file changes only where a text does."""
LANGUAGE_NEUTRAL = re.compile(r"^[\W\d_]*$")


def found() -> Catalog:
    """Return every text of the product with the places that say it."""
    catalogue = Catalog(locale="zh", project="Huanlian")
    for path, method in _files():
        options = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
        options = options if "jinja" in method else {}
        rows = extract_from_file(method, path, keywords=KEYWORDS, options=options)
        for line, message, comments, context in rows:
            place = (str(path.relative_to(ROOT)), line)
            catalogue.add(message, locations=[place], auto_comments=comments, context=context)
    return catalogue


def _files() -> Iterator[tuple[Path, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, "python"
        for path in sorted((ROOT / package).rglob("*.html")):
            yield path, "jinja2.ext:babel_extract"


def stored() -> Catalog:
    """Return the Chinese catalogue as it is."""
    if not CATALOGUE.exists():
        return Catalog(locale="zh", project="Huanlian")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


def faults(wanted: Catalog, have: Catalog) -> list[str]:
    """Return what is wrong: texts without Chinese, and Chinese that lost or invented a `{named}` place."""
    wrong = []
    for message in wanted:
        if not message.id or LANGUAGE_NEUTRAL.match(_first(message.id)):
            continue
        mine = have.get(message.id, message.context)
        where = f"{message.locations[0][0]}:{message.locations[0][1]}" if message.locations else ""
        if mine is None or not mine.string or not all(_all(mine.string)):
            wrong.append(f"{where}: no Chinese for {_first(message.id)!r}")
        elif mine.fuzzy:
            wrong.append(f"{where}: the Chinese for {_first(message.id)!r} is marked fuzzy")
        elif any(_places(text) - _places("".join(_all(message.id))) for text in _all(mine.string)):
            wrong.append(f"{where}: the Chinese for {_first(message.id)!r} has places the English has not")
    return wrong


def _first(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


def _all(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _places(text: str) -> set[str]:
    """Return the `{named}` and `%(named)s` places of a text."""
    named = set(re.findall(r"%\((\w+)\)", text))
    try:
        return named | {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        return named


def update(wanted: Catalog, have: Catalog) -> int:
    """Write the catalogue anew, every text in the order of its place; return how many still lack Chinese."""
    fresh = Catalog(
        locale="zh",
        header_comment="# The Chinese texts of Huanlian, kept by `python -m tools.translations --update`.",
        project="Huanlian",
        version="1",
        msgid_bugs_address="the project's issue list",
        last_translator="the maintainers",
        language_team="Chinese",
        creation_date=BEGUN,
        revision_date=BEGUN,
        charset="utf-8",
        fuzzy=False,
    )
    missing = 0
    for message in sorted(wanted, key=_place):
        if not message.id:
            continue
        mine = have.get(message.id, message.context)
        said = mine.string if mine is not None else ""
        missing += not said
        files = sorted({(place, 0) for place, _ in message.locations})
        fresh.add(message.id, said, locations=files, context=message.context)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, fresh, width=110, omit_header=False, include_lineno=False)
    return missing


def _place(message: Message) -> tuple[str, int]:
    place = message.locations[0] if message.locations else ("", 0)
    return place[0], place[1] or 0


def main() -> int:
    """Check, or update; exit 1 when a text lacks its Chinese."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write new texts, drop unused ones")
    wanted, have = found(), stored()
    if parser.parse_args().update:
        missing = update(wanted, have)
        print(f"{CATALOGUE.relative_to(ROOT)}: {len(wanted)} texts, {missing} still without Chinese")
    wrong = faults(wanted, stored())
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
