"""Does the document about scales name every protocol, and what guards it?"""

from __future__ import annotations

from pathlib import Path

from devices.codecs.scales import PROTOCOLS
from devices.weighbridge.scale_file import stability_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "connect-a-scale.md"


def test_the_table_of_protocols_is_the_code_s() -> None:
    """An operator who reads that a frame is checked, where it is not, would trust a noisy line."""
    told = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert told == [
        f"| `{name}` | {row.indicators} | {row.check} | {stability_of(name)} |"
        for name, row in PROTOCOLS.items()
    ]
