"""Do the commands of the document about decoding still say what it says?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "decode.md"


def test_every_command_of_the_document_works() -> None:
    """An installer who copies a command at the roadside has nobody to ask."""
    commands = re.findall(r"^```sh\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    frame, stream, downlink = (
        subprocess.run(
            ["bash", "-c", command],
            env=os.environ | {"PATH": path},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.splitlines()
        for command in commands
    )
    assert json.loads(frame[0])["item_values"]["power_v"] == 75.4
    assert [json.loads(line).get("msg_id", "noise") for line in stream] == ["noise", "0x0002"]
    assert [line[2:6] for line in downlink] == ["8300", "8103", "8601"]
