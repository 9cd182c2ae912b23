"""How does a terminal in the cab sign while it has no signal?"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from compliance.record.credential import Credential
from compliance.record.database import transaction
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.signing_keys import service
from compliance.signing_keys.rules import Algorithm, claim
from compliance.signing_keys.service import NewKey
from tests.factories.trade import Market
from tracking.kept_acts.service import Item


@dataclass
class Terminal:
    """A terminal with a key of its own, and what it has signed so far."""

    algorithm: Algorithm = Algorithm.ED25519
    key_id: UUID = field(default_factory=uuid4)
    seq: int = 0
    previous: str = ""
    _key: Any = None

    def __post_init__(self) -> None:
        p256 = self.algorithm is Algorithm.P256
        self._key = ec.generate_private_key(ec.SECP256R1()) if p256 else Ed25519PrivateKey.generate()

    @property
    def public_key(self) -> str:
        """Return the public half as WebCrypto gives it, in hexadecimal."""
        p256 = self.algorithm is Algorithm.P256
        encoding, form = (
            (Encoding.X962, PublicFormat.UncompressedPoint) if p256 else (Encoding.Raw, PublicFormat.Raw)
        )
        raw: bytes = self._key.public_key().public_bytes(encoding, form)
        return raw.hex()

    def sign(self, text: str) -> str:
        """Sign a text as WebCrypto does, in hexadecimal."""
        if self.algorithm is Algorithm.ED25519:
            return str(self._key.sign(text.encode()).hex())
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(SHA256())))
        return (r.to_bytes(32, "big") + s.to_bytes(32, "big")).hex()

    def new_key(self, person_id: UUID, label: str = "驾驶室平板") -> NewKey:
        """Return the request by which it enrols."""
        said = claim(person_id, self.algorithm, self.public_key)
        return NewKey(label, self.algorithm, self.public_key, self.sign(said))

    def keep(self, act: str, subject: UUID, at: datetime, seen: dict[str, Any], **more: Any) -> Item:
        """Sign one act and chain it to the one before."""
        said = {
            "v": 1,
            "key": str(self.key_id),
            "seq": self.seq + 1,
            "previous": self.previous,
            "act": act,
            "subject": str(subject),
            "intent": str(uuid4()),
            "seen": seen,
            "at": at.isoformat(),
        } | more
        text = json.dumps(said, ensure_ascii=False)
        self.seq, self.previous = self.seq + 1, hashlib.sha256(text.encode()).hexdigest()
        return Item(text, self.sign(text))


def enrolled(market: Market, who: Who, algorithm: Algorithm = Algorithm.ED25519) -> Terminal:
    """Return a terminal whose key is bound to a person."""
    terminal = Terminal(algorithm)
    assert who.person_id is not None
    with transaction(market.engine) as session:
        work = Work(session, market.at, who, credential=Credential.PASSWORD)
        terminal.key_id = service.enrol(work, terminal.new_key(who.person_id)).id
    return terminal
