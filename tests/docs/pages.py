"""Where are the how-to documents, what stands in their blocks of code, and what do these need?"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"


def blocks(name: str, language: str) -> list[str]:
    """Return the blocks of code of one document in one language, in order."""
    text = (HOW_TO / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def with_curl(folder: Path) -> str:
    """Return a PATH with our `python3`, and with a stand-in for `curl` where the machine has none."""
    folder.mkdir()
    (folder / "python3").symlink_to(sys.executable)
    if shutil.which("curl") is None:
        stand_in = folder / "curl"
        stand_in.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("curl.py")}" "$@"\n'
        )
        stand_in.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
