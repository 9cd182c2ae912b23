"""With which key does this scale sign?"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class KeyFileExposed(PermissionError):
    """Others than the owner may read the key file, so its signatures prove nothing."""


def load_or_create_key(path: Path) -> str:
    """Read the scale's private Ed25519 key (32 bytes, hexadecimal), making it on the first start.

    The file is created with mode 0600 and never overwritten. Raises `KeyFileExposed` on a wider mode.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise KeyFileExposed(path) from None
        return path.read_text("ascii").strip()
    private = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(private + "\n")
        file.flush()
        os.fsync(file.fileno())
    return private
