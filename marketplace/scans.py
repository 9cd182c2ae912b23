"""Where does an instance keep the scans that its parties upload?"""

from __future__ import annotations

from compliance.qualification.scans import Folder, ScanStore
from marketplace.settings import Settings


def store_of(settings: Settings) -> ScanStore:
    """Return the store of an instance: a folder under its own data."""
    return Folder(settings.var / "scans")
