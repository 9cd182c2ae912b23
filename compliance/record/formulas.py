"""Which texts would a spreadsheet take for a formula, and how are they kept from it?"""

from __future__ import annotations

SIGNS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet carries out: an apostrophe stands before a formula's sign."""
    return f"'{text}" if text.startswith(SIGNS) else text
