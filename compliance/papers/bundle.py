"""How are a load's papers packed so that a court can check them without this product?"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from compliance.papers.rules import hashes
from compliance.record.clock import SHANGHAI

SCRIPT = "verify.py"
RECORD = "record.json"
HASHES = "hashes.json"
README = "README.txt"


def packed(papers: Mapping[str, bytes], record: Mapping[str, object], readme: str, at: datetime) -> bytes:
    """Return a ZIP of papers, record, explanation, hashes and the script that checks them.

    The same content at the same moment gives the same bytes.
    """
    files = dict(papers) | {
        RECORD: json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode(),
        README: readme.encode(),
        SCRIPT: script(),
    }
    files[HASHES] = json.dumps(hashes(files), indent=1, sort_keys=True).encode()
    local = at.astimezone(SHANGHAI)
    stamp = (local.year, local.month, local.day, local.hour, local.minute, local.second)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return whole.getvalue()


@cache
def script() -> bytes:
    """Return the script that checks a bundle, as it stands in the product."""
    return (Path(__file__).parent / "verify_bundle.py").read_bytes()
