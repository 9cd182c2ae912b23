"""Does a time stamp hold: right text, right authority, unbroken signature?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography.x509 import Certificate
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response


def fault(token: bytes, text: bytes, roots: Sequence[Certificate], common_name: str = "") -> str:
    """Say what is wrong with a time stamp (DER) over a text, given the roots that are trusted; or nothing."""
    builder = VerifierBuilder(roots=list(roots))
    if common_name:
        builder = builder.common_name(common_name)
    try:
        builder.build().verify_message(decode_timestamp_response(token), text)
    except (VerificationError, ValueError) as failure:
        return str(failure) or "the time stamp cannot be read"
    return ""


def moment_of(token: bytes) -> datetime:
    """Return the moment that a time stamp states."""
    return decode_timestamp_response(token).tst_info.gen_time
