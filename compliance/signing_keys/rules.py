"""Was this said by that key, and does it follow what the key said before?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from compliance.record.errors import N_, Conflict, DomainError, Invalid

MOST_KEYS = 10
"""So many living keys of one person: a phone, a tablet, and those that were forgotten."""
HALF = 32


class Algorithm(StrEnum):
    """With what a terminal signs: Ed25519 (RFC 8032) where its browser has it, else ECDSA on P-256."""

    ED25519 = "ed25519"
    P256 = "p256"


Hash = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a terminal signs for one act: the exact text of this object is what the signature covers.

    `seq` counts from 1 without gaps and `previous` is the SHA-256 of the statement before, empty for the
    first. `seen` holds the fields of the manifest as the terminal showed them, `at` the terminal's clock,
    `number` the reserved number of an issue, `label` the digital code read off a container (M6).
    """

    v: Literal[1]
    key: UUID
    seq: Annotated[int, msgspec.Meta(ge=1)]
    previous: Hash
    act: Annotated[str, msgspec.Meta(max_length=20)]
    subject: UUID
    intent: Annotated[str, msgspec.Meta(min_length=8, max_length=100)]
    seen: Annotated[dict[str, str | int | None], msgspec.Meta(max_length=20)]
    at: datetime
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    number: Annotated[str, msgspec.Meta(max_length=14)] = ""
    label: Annotated[str, msgspec.Meta(max_length=60)] = ""


@dataclass(frozen=True, slots=True)
class Head:
    """How far a key's chain has come: the newest number and the hash of its statement."""

    seq: int = 0
    hash: str = ""


class ChainBroken(Conflict):
    """A statement does not follow what its key said before; `seq` and `hash` are where the chain stands."""

    code = "chain_broken"

    def __init__(self, head: Head) -> None:
        self.head = head
        super().__init__(
            N_("This does not follow what the terminal said before: its chain stands at {seq}."),
            field="items",
            way_out=N_("Sign what waits anew, from number {next} on after {hash}."),
            values={"seq": head.seq, "next": head.seq + 1, "hash": head.hash or "-"},
        )


class NotItsSignature(DomainError):
    """A signature is not that of the key which is named."""

    code = "signature_wrong"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            N_("The signature does not fit the key and the text."),
            field="signature",
            way_out=N_("Send the text exactly as it was signed, or enrol the terminal anew."),
        )


def hash_of(statement: str) -> str:
    """Return the SHA-256 of a statement's text, by which the next one names it."""
    return hashlib.sha256(statement.encode()).hexdigest()


def claim(person_id: UUID, algorithm: Algorithm, public_key: str) -> str:
    """Return what a new key signs to show that the terminal holds it."""
    return f"huanlian signing key\n{person_id}\n{algorithm}\n{public_key}"


def require_signed(algorithm: Algorithm, public_key: str, text: str, signature: str) -> None:
    """Raise `NotItsSignature` unless the key has signed the text; both are hexadecimal.

    Ed25519: 32 bytes of key, 64 of signature. P-256: the uncompressed point, and r and s of 32 bytes each
    (the raw forms of WebCrypto).
    """
    try:
        key, sign = bytes.fromhex(public_key), bytes.fromhex(signature)
        if len(sign) != 2 * HALF:
            raise NotItsSignature
        if algorithm is Algorithm.ED25519:
            Ed25519PublicKey.from_public_bytes(key).verify(sign, text.encode())
            return
        r, s = int.from_bytes(sign[:HALF], "big"), int.from_bytes(sign[HALF:], "big")
        point = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key)
        point.verify(encode_dss_signature(r, s), text.encode(), ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        raise NotItsSignature from None


def read(text: str) -> Statement:
    """Read a statement's text; `Invalid` for one that is none."""
    try:
        found = msgspec.json.decode(text, type=Statement)
    except msgspec.MsgspecError as fault:
        raise Invalid(
            N_("This is no statement of a terminal: {fault}"), field="items", values={"fault": str(fault)}
        ) from None
    if found.at.tzinfo is None:
        raise Invalid(N_("A moment needs its offset from UTC."), field="at")
    return found


def require_next(head: Head, said: Statement) -> None:
    """Raise `ChainBroken` unless a statement follows the chain's head."""
    if (said.seq, said.previous) != (head.seq + 1, head.hash):
        raise ChainBroken(head)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is no longer what the terminal showed."""

    field: str
    seen: str | int | None
    found: str | int | None


def differences(
    seen: Mapping[str, str | int | None], found: Mapping[str, str | int | None]
) -> tuple[Difference, ...]:
    """Return what has changed since the terminal showed it; what it did not know then is no difference."""
    return tuple(
        Difference(name, told, found[name])
        for name, told in seen.items()
        if name in found and told not in {None, ""} and told != found[name]
    )
