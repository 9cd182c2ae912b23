"""How is a device's password made, and what is kept of it?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

ROUNDS = 101  # Mosquitto's own default for machine-made passwords of full entropy
SALT_BYTES = 12
KEY_BYTES = 64
PREFIX = "hd_"
"""Marks a device's password, so that a leaked one is recognised."""


def new_password() -> str:
    """Return a password of 256 bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(password: str) -> str:
    """Return by what a password of full entropy is found again: its SHA-256."""
    return hashlib.sha256(password.encode()).hexdigest()


def hash_password(password: str, salt: bytes | None = None) -> str:
    """Hash in the form brokers read: `$7$rounds$salt$key`, PBKDF2 with SHA-512 (mosquitto_passwd(1))."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS, KEY_BYTES)
    return f"$7${ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def hash_fits(password_hash: str, password: str) -> bool:
    """Tell whether a password fits such a hash, in constant time."""
    _, _, rounds, salt, key = password_hash.split("$")
    wanted = base64.b64decode(key)
    made = hashlib.pbkdf2_hmac("sha512", password.encode(), base64.b64decode(salt), int(rounds), len(wanted))
    return hmac.compare_digest(made, wanted)
