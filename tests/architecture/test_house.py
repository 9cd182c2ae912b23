"""Does the code keep the rules of its own house? Who is exempt, and why, stands beside each rule."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT, body_lines, dotted, files, modules

MODULE_LINES = 400
FUNCTION_LINES = 40
EVERYTHING = ("marketplace", "tracking", "compliance", "devices", "matching", "tools", "tests", "benchmarks")

MAY_BE_LONG = ("marketplace/migrations/versions",)
"""A revision is the tables as they were on a day: a list, written once and read by a machine."""

MAY_CATCH_ALL = (
    "marketplace/worker.py",
    "compliance/record/subscribers.py",
    "tracking/intake/consumer.py",
    "devices/transports",
)
"""The worker parks a poisoned event, the ingest buries a poisoned message, a transport outlives its peers."""

MAY_COMMIT = ("compliance/record", "marketplace/edge", "devices/outbox.py")
"""One request or one message is one transaction; the outbox is a device's own file, not the record."""

MAY_ASK_THE_TIME = ("compliance/record/clock.py", "devices/agent/clock.py")
"""Everything else is handed a clock, so that tests and the demonstration can set it."""

SIGNING = {
    "compliance/manifests/service.py": {"_sign"},
    "compliance/manifests/corrections.py": {"answer"},
    "compliance/manifests/exceptions.py": {"decide"},
    "compliance/pipelines/periods.py": {"issue", "confirm", "treat"},
    "compliance/qualification/service.py": {"accept"},
    "compliance/signing_keys/service.py": {"enrol"},
    "marketplace/web/pages/account.py": {"issue"},
}
"""Every function that puts a person's word on a manifest, a receipt or a licence, or hands out what signs."""
SIGNED_ROWS = {"ManifestSignature", "ManifestRevisionAnswer"}

CLOCKS = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns))$")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|NotImplemented" r"Error)\b")


def test_a_module_can_be_read_in_one_sitting() -> None:
    """A file grown past 400 lines hides its second purpose from whoever has to change the first."""
    found = [
        f"{module.path}: {module.lines}"
        for module in modules(*EVERYTHING)
        if module.lines >= MODULE_LINES and not module.within(*MAY_BE_LONG)
    ]
    assert found == []


def test_a_function_fits_on_a_screen() -> None:
    """A function of more than 40 lines is changed by people who have seen half of it."""
    found = [
        f"{module.path}:{function.lineno} {function.name}: {body_lines(function)}"
        for module in modules(*EVERYTHING)
        for function in module.functions()
        if body_lines(function) > FUNCTION_LINES and not module.within(*MAY_BE_LONG)
    ]
    assert found == []


def test_every_module_says_what_question_it_answers() -> None:
    """A newcomer would have to read a file to learn whether to read it."""
    assert [m.path for m in modules(*EVERYTHING) if m.text.strip() and not ast.get_docstring(m.tree)] == []


def test_every_public_function_and_class_says_what_it_does() -> None:
    """A caller would have to read the body to learn units, errors and source."""
    found = [
        f"{module.path}:{node.lineno} {node.name}"
        for module in modules("marketplace", "tracking", "compliance", "devices", "matching", "tools")
        if not module.within("marketplace/migrations")
        for node in public(module.tree)
        if not ast.get_docstring(node)
    ]
    assert found == []


def public(tree: ast.Module | ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """List the public functions, classes and methods of a module."""
    found: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
            found.append(node)
            if isinstance(node, ast.ClassDef):
                found.extend(public(node))
    return found


def test_every_test_says_what_would_break_for_whom() -> None:
    """A red test would not tell the reader whether anybody has to care."""
    found = [
        f"{module.path}:{function.lineno} {function.name}"
        for module in modules("tests")
        for function in module.functions()
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert found == []


def test_only_the_worker_and_the_transports_catch_everything() -> None:
    """A broad `except` elsewhere would turn a broken rule into silence."""
    found = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        if not module.within(*MAY_CATCH_ALL)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]
    assert found == []


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler catches everything and neither raises it again nor hands it to a future."""
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    broad = any(name is None or dotted(name) in {"Exception", "BaseException"} for name in names)
    return broad and not any(hands_on(node) for node in ast.walk(handler))


def hands_on(node: ast.AST) -> bool:
    """Tell whether a node raises again what was caught, or gives it to whoever waits for a result."""
    if isinstance(node, ast.Raise):
        return node.exc is None
    return isinstance(node, ast.Call) and dotted(node.func).endswith("set_exception")


def test_only_the_edge_commits() -> None:
    """A service that commits would leave a request half done when its second half is refused."""
    found = [
        f"{module.path}:{call.lineno}"
        for module in modules()
        if not module.within(*MAY_COMMIT)
        for call in module.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    ]
    assert found == []


def test_only_the_clock_asks_the_time() -> None:
    """Code that reads the machine's clock would disagree with the demonstration's, and with every test."""
    found = [
        f"{module.path}:{call.lineno} {dotted(call.func)}"
        for module in modules()
        if not module.within(*MAY_ASK_THE_TIME)
        for call in module.calls()
        if CLOCKS.search(dotted(call.func))
    ]
    assert found == []


def test_rules_name_their_types() -> None:
    """A rule that takes anything would be checked by nobody."""
    found = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        if module.path.endswith("/rules.py")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and node.id == "Any"
    ]
    assert found == []


def test_nothing_is_left_unfinished() -> None:
    """A promise to finish later would ship as if it were finished."""
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in files()
        if path.suffix in {".py", ".js", ".css", ".html", ".sh"} and path != Path(__file__)
        if (match := UNFINISHED.search(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_no_test_is_skipped_by_hand() -> None:
    """A skipped test would rot unseen; a missing part of the system is counted and said instead."""
    words = {"pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.xfail", "pytest.mark.xfail"}
    found = [
        f"{module.path}:{node.lineno}"
        for module in modules("tests")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and dotted(node) in words
    ]
    assert found == []


def test_the_floors_hold() -> None:
    """An import upwards would tie the ground floor to the market, and the rooms to each other."""
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_signs_without_asking_by_what() -> None:
    """A new route would sign for whoever sits at an unlocked PC."""
    for module in modules("marketplace", "tracking", "compliance", "devices", "matching", "tools"):
        if module.within("marketplace/migrations"):
            continue
        for function in module.functions():
            calls = [dotted(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)]
            asks = any(call.endswith("work.signed_by") for call in calls)
            signs = bool(SIGNED_ROWS.intersection(calls)) or function.name in SIGNING.get(module.path, ())
            assert asks or not signs, f"{module.path}: {function.name}"


def test_every_browser_request_says_by_what_it_would_sign() -> None:
    """A page that opens its own work would sign as the product does, without any password."""
    found = [
        module.path
        for module in modules("marketplace", "tracking", "compliance", "devices", "matching", "tools")
        if module.within("marketplace/edge", "marketplace/web")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and dotted(node.func) == "Work"
    ]
    assert sorted(set(found)) == [
        "marketplace/edge/api/device_self.py",
        "marketplace/edge/device_door.py",
        "marketplace/edge/door.py",
    ], "a device signs nothing; every other route goes through the door"
