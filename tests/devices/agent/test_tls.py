"""Does an agent trust a server by the authority that it was given, and no other server?"""

from __future__ import annotations

import ipaddress
import json
import ssl
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from devices.agent.enrolment import EnrolmentRefused, enrol
from devices.agent.https import ServerPlace, read_server
from devices.agent.photos import HttpsPost, Outcome
from devices.codecs.enrolment_json import EnrolmentAnswer
from tests.devices.agent.bench import enrolling, served

WHO = EnrolmentAnswer("scale-1", "t1", "scale", 1, "mqtts://broker:8883", "word", 5)
PICTURE = b"\xff\xd8\xff" + bytes(80) + b"\xff\xd9"
KEY_USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def certificate(name: str, issuer: str, key: EllipticCurvePrivateKey, by: EllipticCurvePrivateKey) -> bytes:
    """Return a certificate in PEM form, good for 127.0.0.1; its own issuer is an authority."""
    is_ca, now = name == issuer, datetime.now(UTC)
    use = "key_cert_sign" if is_ca else "digital_signature"
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**{one: one == use for one in KEY_USES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
    )
    return built.sign(by, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """What a server of an authority of its own shows; the authority's certificate is in `ca.pem`."""
    ours, its = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    (tmp_path / "ca.pem").write_bytes(certificate("authority", "authority", ours, ours))
    private = its.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "server.pem").write_bytes(private + certificate("server", "authority", its, ours))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    return context


class Photos(BaseHTTPRequestHandler):
    """A server that takes any photo."""

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(json.dumps({"sha256": sha256(data).hexdigest()}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_an_agent_enrols_at_a_server_of_an_authority_of_its_own(tmp_path: Path, tls: ssl.SSLContext) -> None:
    """Whoever runs a server behind an own authority would not get a device in, and not read why."""
    with enrolling(WHO, tls) as url:
        with pytest.raises(EnrolmentRefused, match="enrol --ca FILE"):
            enrol(url, "GOOD-CODE", tmp_path / "own")
        (tmp_path / "odd.pem").write_text("no certificate")
        for odd in ("odd.pem", "absent.pem"):
            with pytest.raises(EnrolmentRefused, match=odd):
                enrol(url, "GOOD-CODE", tmp_path / "own", ca_file=str(tmp_path / odd))
        enrol(url, "GOOD-CODE", tmp_path / "own", ca_file=str(tmp_path / "ca.pem"))
        assert read_server(tmp_path / "own") == ServerPlace(url, (tmp_path / "ca.pem").read_text("ascii"))


def test_photos_go_over_tls_to_the_server_that_is_trusted(tmp_path: Path, tls: ssl.SSLContext) -> None:
    """A device's password and a lorry's picture would go to whoever stands in between."""
    digest = sha256(PICTURE).hexdigest()
    with served(Photos, tls) as url:
        trusted = ServerPlace(url, (tmp_path / "ca.pem").read_text("ascii"))
        assert HttpsPost(trusted, "word")(digest, PICTURE) is Outcome.STORED
        assert HttpsPost(ServerPlace(url), "word")(digest, PICTURE) is Outcome.AWAY
