"""How does a new device make itself known (`POST /api/v1/devices/enrol`)?

The device makes its own Ed25519 key and sends the public half with the one-time code that somebody was given
for it. `proof` shows that it holds the private half. The same code with the same key may be sent again while
it is valid: the answer was lost on the way, and the device is given a new password.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from devices.codecs.wire import Millis, Name, Seq, check, dump, load

ENROL_PATH = "/api/v1/devices/enrol"
OWN_PATH = "/api/v1/device"
OWN_PASSWORD_PATH = f"{OWN_PATH}/password"
_Key = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9-]{6,64}\Z")]


class EnrolmentRequest(msgspec.Struct, frozen=True):
    """What a device says to be enrolled; `code` in capitals, `proof` over the RFC 8785 form of the rest."""

    code: _Code
    public_key: _Key
    proof: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{128}\Z")]
    fw: Annotated[str, msgspec.Meta(max_length=64)] = ""


class EnrolmentAnswer(msgspec.Struct, frozen=True):
    """What the device needs to speak: its names, its broker and the keys that sign commands to it.

    `mqtt` is `mqtt://host:1883` or `mqtts://host:8883`; the user name is the device. `ca` is a PEM
    certificate where the broker's is not from a public authority. `t` is the server's time in ms.
    """

    device: Name
    tenant: Name
    kind: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,20}\Z")]
    inc: Seq
    mqtt: Annotated[str, msgspec.Meta(pattern=r"^mqtts?://[^\s/@]{1,255}\Z")]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    t: Millis
    command_keys: Annotated[list[_Key], msgspec.Meta(max_length=10)] = msgspec.field(default_factory=list)
    ca: Annotated[str, msgspec.Meta(max_length=20_000)] = ""


class OwnPassword(msgspec.Struct, frozen=True):
    """A new password, told this once."""

    password: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


def make_request(code: str, private_key_hex: str, fw: str = "") -> EnrolmentRequest:
    """Word and sign a request; a code may be typed in small letters and with blanks."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key_hex))
    public = key.public_key().public_bytes_raw().hex()
    plain = "".join(code.split()).upper()
    signed = _canonical(plain, public, fw)
    return check(
        {"code": plain, "public_key": public, "proof": key.sign(signed).hex(), "fw": fw}, EnrolmentRequest
    )


def proves(request: EnrolmentRequest) -> bool:
    """Say whether whoever asks holds the private half of the key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(request.public_key))
        signed = _canonical(request.code, request.public_key, request.fw)
        key.verify(bytes.fromhex(request.proof), signed)
    except (ValueError, InvalidSignature):
        return False
    return True


def encode_request(request: EnrolmentRequest) -> bytes:
    """Write a request."""
    return dump(request)


def decode_request(payload: bytes) -> EnrolmentRequest:
    """Read a request; look at its proof with `proves`."""
    return check(load(payload), EnrolmentRequest)


def encode_answer(answer: EnrolmentAnswer) -> bytes:
    """Write an answer."""
    check(msgspec.to_builtins(answer), EnrolmentAnswer)
    return dump(answer)


def decode_answer(payload: bytes) -> EnrolmentAnswer:
    """Read an answer; keys of a later release are passed over."""
    return check(load(payload), EnrolmentAnswer)


def _canonical(code: str, public_key: str, fw: str) -> bytes:
    return rfc8785.dumps({"code": code, "fw": fw, "public_key": public_key})
