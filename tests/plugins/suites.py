"""Which suites ran, and which were left out because a part of the system is not on this machine?

Tests marked `postgis`, `mosquitto` or `browser` need a part. Where it is missing they are left out and the
end of the run says so, with the command that brings the part; with CI=true a missing part is an error.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tools.parts import PARTS, Part, install_command

pytest_plugins = ("tests.plugins.thrift",)

LEFT_OUT = pytest.StashKey[Counter[str]]()
NEEDED = {part.marker: part for part in PARTS if part.marker}


def missing_parts() -> dict[str, Part]:
    """Return the parts that this machine lacks, by the marker that needs them."""
    return {marker: part for marker, part in NEEDED.items() if part.find() is None}


def in_ci() -> bool:
    """Tell whether nothing may be left out."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def pytest_configure(config: pytest.Config) -> None:
    """Begin with nothing left out."""
    config.stash[LEFT_OUT] = Counter()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose part is missing, and count them; refuse to where nothing may be left out."""
    missing = missing_parts()
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        lacks = [marker for marker in missing if item.get_closest_marker(marker)]
        (dropped if lacks else kept).append(item)
        config.stash[LEFT_OUT].update(lacks)
    if dropped and in_ci():
        lines = [
            f"{missing[marker].name}: {install_command(missing[marker])}" for marker in config.stash[LEFT_OUT]
        ]
        raise pytest.UsageError("\n".join(["CI=true and a part of the system is missing:", *lines]))
    if dropped:
        items[:] = kept
        config.hook.pytest_deselected(items=dropped)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand a worker's count of what was left out to the process that reports."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        left_out = session.config.stash[LEFT_OUT]
        output["left_out"] = dict(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take a worker's count; every worker collects the same tests, so the largest is the count."""
    counted = Counter(getattr(node, "workeroutput", {}).get("left_out", {}))
    config: pytest.Config = node.config
    left_out = config.stash[LEFT_OUT]
    left_out |= counted


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say at the end which suites ran, and which did not for want of what."""
    reports = [
        report
        for outcome in ("passed", "failed", "error", "xfailed", "xpassed")
        for report in terminalreporter.stats.get(outcome, [])
        if isinstance(report, pytest.TestReport)
    ]
    terminalreporter.section("suites")
    for line in ran(reports):
        terminalreporter.line(line, green=True)
    left_out = config.stash[LEFT_OUT]
    for marker, count in sorted(left_out.items()):
        part = NEEDED[marker]
        terminalreporter.line(
            f"  left out  {marker:<14} {count} tests: {part.name} is missing; {install_command(part)}",
            yellow=True,
        )
    if left_out:
        terminalreporter.line("`make system` installs what is missing.", yellow=True)
    elif reports:
        terminalreporter.line("Nothing was left out for want of a system part.", green=True)


def ran(reports: Iterable[pytest.TestReport]) -> list[str]:
    """Return one line per suite: its folder under tests/, and each part's marker, with how many tests ran."""
    counts: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for nodeid, suites, bad in {(r.nodeid, suites_of(r), r.failed) for r in reports}:
        del nodeid
        counts.update(suites)
        failed.update(suites if bad else ())
    return [
        f"  ran       {name:<14} {count} tests" + (f", {failed[name]} failed" if failed[name] else "")
        for name, count in sorted(counts.items())
    ]


def suites_of(report: pytest.TestReport) -> tuple[str, ...]:
    """Name the suites a test belongs to."""
    parts = Path(report.nodeid.partition("::")[0]).parts
    folder = parts[1] if len(parts) > 2 else "tests"
    return (folder, *(f"+ {marker}" for marker in NEEDED if marker in report.keywords))
