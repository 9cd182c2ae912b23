"""Do the documents say what the code says, and do their links lead somewhere?"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tools import reference, reference_code, reference_words

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "deploy" / "README.md"])
MADE_LATER = "docs/images/"
"""Pictures are made by `make screenshots`; a fresh working copy may lack them."""


def test_the_reference_says_what_the_code_says() -> None:
    """A reader would miss a setting, event, rule, code, command or operation, or find an old one."""
    stale = reference.stale()
    assert stale == [], f"run `.venv/bin/python -m tools.reference` for {', '.join(stale)}"


def test_what_the_code_says_is_found_at_all() -> None:
    """A reader of the code that reads nothing would keep an empty reference up to date for ever."""
    kinds = reference_code.events()
    assert {"LotListed", "ManifestIssued", "TripStarted", "Weighed", "SettlementPaid"} <= set(kinds)
    assert {"payer", "fen"} <= set(kinds["LinePaid"].keys)
    codes = {one.code: one.status for one in reference_code.errors()}
    assert {"csrf": 403, "session_over": 401, "busy": 503, "lot_taken": 409}.items() <= codes.items()
    assert [one.default for one in reference_code.settings() if one.name == "DEMO_SPEED"] == ["30"]


def test_a_name_without_words_is_noticed() -> None:
    """A new event would stand in the reference with an empty line beside it."""
    with pytest.raises(reference_code.Unclear, match="says nothing of Unheard"):
        reference_words.said("events", [*reference_words.words()["events"], "Unheard"])
    with pytest.raises(reference_code.Unclear, match="tells of what is not there"):
        reference_words.said("events", [])


def _anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_between_documents_lead_somewhere() -> None:
    """A reader follows a link into nothing when a document is renamed."""
    broken = []
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", target) or target.startswith(MADE_LATER):
                continue
            name, _, anchor = target.partition("#")
            path = (document.parent / name).resolve() if name else document
            if not path.exists() or (anchor and anchor not in _anchors(path)):
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert broken == []


def test_the_glossary_names_things_that_exist() -> None:
    """A word of the glossary would send a reader to code that was renamed."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`((?:compliance|tracking|devices|matching|marketplace)\.[\w.]+)`", text))
    assert len(names) > 30
    assert sorted(name for name in names if not _exists(name)) == []


def _exists(name: str) -> bool:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False
