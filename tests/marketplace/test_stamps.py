"""Do time stamps hold for their text alone, and is an authority's answer checked before it is believed?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from rfc3161_client import decode_timestamp_response

from compliance.anchors.service import StampRefused
from marketplace.stamps.remote import RemoteAuthority
from marketplace.stamps.simulated import simulated_authority

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def test_a_stamp_holds_for_its_text_and_its_authority_alone(tmp_path: Path) -> None:
    """A stamp of yesterday would prove a record of today, or anybody's stamp ours."""
    ours, other = simulated_authority(tmp_path / "a", AT), simulated_authority(tmp_path / "b", AT)
    stamp = ours.stamp(b"anchor", AT)
    assert stamp.at == AT
    assert ours.fault(stamp.token, b"anchor") == ""
    assert ours.fault(stamp.token, b"another") != ""
    assert other.fault(stamp.token, b"anchor") != ""
    assert ours.fault(b"nonsense", b"anchor") != ""
    again = simulated_authority(tmp_path / "a", AT)
    assert again.fault(stamp.token, b"anchor") == ""
    assert "simulated" in ours.name
    assert ours.simulated


def test_an_authoritys_answer_is_checked_before_it_is_believed(tmp_path: Path) -> None:
    """A proxy on the way could answer in the authority's place."""
    real = simulated_authority(tmp_path, AT)
    roots = tmp_path / "roots.pem"
    roots.write_bytes(real.roots)
    answers: list[httpx.Response] = []

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["content-type"] == "application/timestamp-query"
        return answers.pop(0)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    authority = RemoteAuthority("https://tsa.example/tsr", roots, client)
    answers.append(httpx.Response(200, content=real.stamp(b"anchor", AT).token))
    stamp = authority.stamp(b"anchor", AT)
    assert decode_timestamp_response(stamp.token).tst_info.gen_time == AT
    answers.append(httpx.Response(200, content=real.stamp(b"else", AT).token))
    with pytest.raises(StampRefused):
        authority.stamp(b"anchor", AT)
    answers.append(httpx.Response(503))
    with pytest.raises(StampRefused):
        authority.stamp(b"anchor", AT)
