"""Do proofs hold for what happened, and for nothing else?"""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.anchors.offline import path_of, root_by_path, root_of

HASHES = [hashlib.sha256(bytes([number])).hexdigest() for number in range(70)]


def by_the_book(hashes: list[str]) -> bytes:
    """Work the root out as RFC 6962, 2.1 says it, without any cleverness."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashlib.sha256(b"\0" + bytes.fromhex(hashes[0])).digest()
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\1" + by_the_book(hashes[:split]) + by_the_book(hashes[split:])).digest()


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5, 8, 31, 64, 70])
def test_the_root_is_that_of_the_standard(size: int) -> None:
    """A verifier written by others would call every proof false."""
    assert root_of(HASHES[:size]) == by_the_book(HASHES[:size]).hex()


@settings(max_examples=50)
@given(st.data())
def test_every_event_leads_to_the_root_and_no_other_does(data: st.DataObject) -> None:
    """A forged event would be proved, or a true one not."""
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    hashes = HASHES[:size]
    path = path_of(hashes, index)
    assert root_by_path(hashes[index], path) == root_of(hashes)
    assert root_by_path(hashlib.sha256(b"other").hexdigest(), path) != root_of(hashes)
