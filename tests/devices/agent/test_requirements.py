"""Do the agents need nothing that their requirements do not name?"""

from __future__ import annotations

import ast
import re
import sys
import tomllib

from tests.architecture.source import ROOT, modules

IMPORTED_AS = {"pyserial": "serial", "paho-mqtt": "paho"}
COMMANDS = (
    "marketplace/__main__.py",
    "marketplace/cli.py",
    "marketplace/agent_commands.py",
    "marketplace/commission_commands.py",
    "marketplace/commission_words.py",
    "marketplace/device_commands.py",
    "marketplace/gate_commands.py",
    "marketplace/gate_words.py",
)
OWN = {"devices", "marketplace", "compliance", "tracking", "matching"}


def named(file: str) -> set[str]:
    """Return what a requirements file names."""
    lines = (ROOT / "requirements" / file).read_text("utf-8").splitlines()
    return {re.split(r"[~<>=\[]", line)[0] for line in lines if line and line[0].isalnum()}


def test_the_agents_import_only_what_their_requirements_name() -> None:
    """A scale's small PC would have to carry a web server and a solver, or the agent fail at the gate."""
    allowed = {IMPORTED_AS.get(name, name) for name in named("edge.in")} | OWN | set(sys.stdlib_module_names)
    strange = []
    for module in modules("devices", "marketplace"):
        if not module.within("devices", *COMMANDS):
            continue
        for node in module.tree.body:
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            strange += [f"{module.path}: {one}" for one in names if one.split(".")[0] not in allowed]
    assert strange == []


def test_the_package_asks_for_no_more_than_the_agents_need() -> None:
    """`pip install huanlian[edge]` would pull the server's packages."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["dynamic"]
    assert told["dependencies"]["file"] == ["requirements/edge.in"]
    assert told["optional-dependencies"]["edge"]["file"] == ["requirements/edge.in"]
    assert not named("edge.in") & named("server.in")
    assert (ROOT / "requirements" / "base.in").read_text("utf-8").split("\n")[1:] == [
        "-r edge.in",
        "-r server.in",
        "",
    ]
