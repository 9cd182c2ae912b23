"""Which scans and papers do the tests show?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from compliance.qualification import service
from compliance.qualification.entering import Terms
from compliance.qualification.rules import DocumentKind, Subject
from compliance.qualification.service import About, NewDocument
from compliance.qualification.tables import Document
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.registry.rules import Mode
from tests.factories.parties import OIL

PDF = b"%PDF-1.7\n" + b"0" * 200 + b"\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"0" * 200 + b"\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 200 + b"\xff\xd9"


class Memory:
    """A scan store that forgets with the test."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        """Keep a file."""
        sha256 = service.checked(data).sha256
        self.files[sha256] = data
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return a file."""
        return self.files[sha256]


def scanned(work: Work, data: bytes = PDF) -> str:
    """Upload a scan for the acting person's organisation."""
    return service.keep_scan(work, Memory(), data, "scan.pdf").sha256


def about(who: Who) -> About:
    """Return the acting person's organisation as a document's subject."""
    assert who.organisation_id is not None
    return About(Subject.ORGANISATION, who.organisation_id, who.organisation_id, "own")


def paper(work: Work, kind: DocumentKind, **more: Any) -> NewDocument:
    """Return a sound paper of a kind, its scan uploaded."""
    terms = {
        DocumentKind.COMPREHENSIVE_LICENCE: Terms((Mode.USE,), (), ((OIL, 1_000_000),), 1_000_000),
        DocumentKind.DANGEROUS_GOODS_PERMIT: Terms(classes=("3", "6")),
        DocumentKind.VEHICLE_CERTIFICATE: Terms(classes=("3",)),
    }
    new = NewDocument(
        kind=kind,
        number="4201000001",
        valid_from=date(2025, 1, 1),
        valid_to=date(2027, 12, 31),
        scan_sha256=scanned(work),
        terms=terms.get(kind, Terms()),
    )
    return replace(new, **more)


def submitted(work: Work, kind: DocumentKind, subject: About | None = None, **more: Any) -> Document:
    """Show a paper as the acting person."""
    return service.submit(work, subject or about(work.who), paper(work, kind, **more))


def subject_of(subject: Subject, subject_id: UUID, owner: UUID) -> About:
    """Return somebody or something of an organisation as a document's subject."""
    return About(subject, subject_id, owner, "one")
