"""How does a time-stamping authority elsewhere stamp a text (RFC 3161 over HTTP)?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import httpx
from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from compliance.anchors.service import Stamp, StampRefused
from marketplace.stamps import checking

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
TIMEOUT_S = 20.0


class RemoteAuthority:
    """An authority at an address, with the roots that its certificates must lead to."""

    simulated = False

    def __init__(self, url: str, roots: Path, client: httpx.Client | None = None) -> None:
        self.name = url
        self.roots = roots.read_bytes()
        self.certificates = x509.load_pem_x509_certificates(self.roots)
        self.client = client or httpx.Client(timeout=TIMEOUT_S)

    def stamp(self, text: bytes, at: datetime) -> Stamp:
        """Ask for a time stamp, and check it before it is believed; raises `StampRefused`."""
        asked = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256).build()
        try:
            answer = self.client.post(
                self.name, content=asked.as_bytes(), headers={"Content-Type": QUERY, "Accept": REPLY}
            )
            answer.raise_for_status()
        except httpx.HTTPError as failure:
            raise StampRefused(f"{self.name}: {failure}") from failure
        wrong = checking.fault(answer.content, text, self.certificates)
        if wrong:
            raise StampRefused(f"{self.name}: {wrong}")
        return Stamp(answer.content, checking.moment_of(answer.content))

    def fault(self, token: bytes, text: bytes) -> str:
        """Say what is wrong with a time stamp over a text."""
        return checking.fault(token, text, self.certificates)
