"""Is everything in the repository the project's own, and does no page reach outside this server?"""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.architecture.source import ROOT, files

LARGEST_BYTES = 1_500_000
TEXT = {
    "",
    ".py",
    ".js",
    ".css",
    ".html",
    ".md",
    ".json",
    ".toml",
    ".txt",
    ".in",
    ".yml",
    ".yaml",
    ".sh",
    ".cfg",
    ".conf",
    ".csv",
    ".jsonl",
    ".po",
    ".svg",
    ".service",
    ".npmrc",
}
INDEXES = re.compile(
    "|".join(
        [
            r"pypi\." r"org",
            r"python" r"hosted\.org",
            r"registry\.npm" r"js",
            r"npm" r"mirror\.com",
            r"registry\.yarn" r"pkg",
            r"mirrors?\.(aliyun|tuna|ustc|cloud\.tencent)",
            r"file:" r"///",
            r"--(extra-)?index-" r"url[ =]",
        ]
    )
)
OUTSIDE = re.compile(r"""(src|href|url|fetch|import)\s*[=(]?\s*["'(]+\s*(https?:)?//""")
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)[^>]*>\s*\S|<style\b|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)
DATA_SCRIPT = re.compile(r'<script[^>]*type="application/(ld\+)?json"[^>]*>')


def texts() -> list[tuple[str, str]]:
    """Every text file of the project, by its place from the root."""
    chosen = [path for path in files() if path.suffix in TEXT and path != Path(__file__)]
    return [
        (path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8", errors="replace"))
        for path in chosen
    ]


def test_no_file_names_a_package_index() -> None:
    """A user behind another mirror would be sent to an address that their network does not reach."""
    assert [f"{place}: {found.group()}" for place, text in texts() if (found := INDEXES.search(text))] == []


def test_the_lock_file_has_hashes_and_no_addresses() -> None:
    """A changed package would be taken unseen, or fetched from one mirror only."""
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    third_party = {name: entry for name, entry in packages.items() if name}
    assert [name for name, entry in third_party.items() if "resolved" in entry] == []
    assert [
        name for name, entry in third_party.items() if not entry.get("integrity", "").startswith("sha512-")
    ] == []


def test_every_pinned_requirement_has_hashes() -> None:
    """A changed package would be installed unseen."""
    bare: list[str] = []
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        blocks = re.split(r"\n(?=[a-z0-9])", path.read_text(encoding="utf-8"), flags=re.IGNORECASE)
        bare += [
            f"{path.name}: {block.splitlines()[0]}"
            for block in blocks
            if "==" in block and "--hash=" not in block
        ]
    assert bare == []


def test_no_third_party_file_is_committed() -> None:
    """The project would carry a stale copy of somebody else's work, without its licence or its fixes."""
    strange = [
        path.relative_to(ROOT).as_posix()
        for path in files()
        if path.suffix in {".whl", ".tgz", ".zip", ".gz", ".so", ".mjs", ".woff", ".woff2", ".ttf", ".exe"}
        or path.name.endswith((".min.js", ".min.css"))
        or path.stat().st_size > LARGEST_BYTES
    ]
    assert strange == []


def test_no_page_reaches_outside() -> None:
    """An inspector's browser would tell an outside server which page of which waste was looked at."""
    web = [(place, text) for place, text in texts() if place.startswith("marketplace/web/")]
    code = [(place, text) for place, text in web if Path(place).suffix in {".html", ".js", ".css"}]
    assert [f"{place}: {found.group()}" for place, text in code if (found := OUTSIDE.search(text))] == []


def test_templates_hold_no_inline_script_or_style() -> None:
    """The content security policy would block it, and the page would fail only in a real browser."""
    pages = [(place, DATA_SCRIPT.sub("", text)) for place, text in texts() if place.endswith(".html")]
    assert [f"{place}: {found.group()[:60]}" for place, text in pages if (found := INLINE.search(text))] == []
