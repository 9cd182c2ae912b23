"""What do the documents of the reference say beside the code, and what do they look like?"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from typing import Any

from tools.reference_code import ROOT, Unclear

FOLDER = ROOT / "docs" / "reference"
NOTE = (
    "<!-- Made from the code by `python -m tools.reference`: change the code, or words.toml, and run it. -->"
)


@cache
def words() -> dict[str, Any]:
    """Return docs/reference/words.toml."""
    return tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))


def said(section: str, names: Iterable[str]) -> dict[str, Any]:
    """Return the words of a section; raise `Unclear` for a name without words or words without a name."""
    known: dict[str, Any] = words()
    for part in section.split("."):
        known = known[part]
    names = list(names)
    if missing := [name for name in names if name not in known]:
        raise Unclear(f"docs/reference/words.toml [{section}] says nothing of {', '.join(missing)}")
    if spare := [name for name in known if name not in names]:
        raise Unclear(f"docs/reference/words.toml [{section}] tells of what is not there: {', '.join(spare)}")
    return known


def intro(name: str) -> str:
    """Return a document's own prose."""
    return str(words()["pages"][name]).strip()


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    heads = list(head)
    lines = [heads, ["---"] * len(heads), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def tick(text: str) -> str:
    """Return a text as code, nothing for no text."""
    return f"`{text}`" if text else ""


def page(title: str, *parts: str) -> str:
    """Return one whole document."""
    return "\n\n".join([NOTE, f"# {title}", *parts]) + "\n"
