"""Does the script of a bundle check signatures as the rest of the world does?"""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance.papers.verify_bundle import p256_holds, signature_holds
from compliance.signing_keys.rules import Algorithm
from tests.factories.terminals import Terminal

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
MESSAGE = "称重 32000 kg".encode()
SIGNATURE = KEY.sign(MESSAGE)


def test_a_signature_of_another_library_holds() -> None:
    """A court would be told that a sound ticket is forged."""
    assert signature_holds(PUBLIC, MESSAGE, SIGNATURE)


@pytest.mark.parametrize(
    ("key", "message", "signature"),
    [
        (PUBLIC, MESSAGE + b"0", SIGNATURE),
        (PUBLIC, MESSAGE, SIGNATURE[:-1] + bytes([SIGNATURE[-1] ^ 1])),
        (PUBLIC, MESSAGE, bytes([SIGNATURE[0] ^ 1]) + SIGNATURE[1:]),
        (bytes(32), MESSAGE, SIGNATURE),
        (b"\xff" * 32, MESSAGE, SIGNATURE),
        (PUBLIC, MESSAGE, SIGNATURE[:32] + b"\xff" * 32),
        (PUBLIC[:-1], MESSAGE, SIGNATURE),
        (PUBLIC, MESSAGE, b""),
    ],
)
def test_nothing_else_holds(key: bytes, message: bytes, signature: bytes) -> None:
    """A forged ticket would be called sound."""
    assert not signature_holds(key, message, signature)


def test_the_script_reads_a_terminals_p256_signature_as_others_do() -> None:
    """What a cab without Ed25519 signed would be called forged, or a forged one be believed."""
    terminal, other = Terminal(Algorithm.P256), Terminal(Algorithm.P256)
    key, text = bytes.fromhex(terminal.public_key), "已装车".encode()
    signature = bytes.fromhex(terminal.sign("已装车"))
    assert p256_holds(key, text, signature)
    assert not p256_holds(key, b"x", signature)
    assert not p256_holds(bytes.fromhex(other.public_key), text, signature)
    assert not p256_holds(key, text, b"\0" * 64)
    assert not p256_holds(key[:-1] + b"\1", text, signature)
