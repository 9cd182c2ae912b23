"""How does a machine without an authority stamp texts? By a simulator that says so in its own name.

It makes true RFC 3161 answers with a certificate of its own: whoever checks them sees that nobody vouches for
that certificate. Production does not use it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from compliance.anchors.service import Stamp
from marketplace.stamps import checking

NAME = "Huanlian simulated time stamp, no authority"
POLICY = "1.3.6.1.4.1.99999.1"
"""An object identifier that belongs to nobody."""
LIVES = timedelta(days=36_500)
SLACK = timedelta(days=3650)


class SimulatedAuthority:
    """A local signer with a key under the instance's private folder."""

    name = NAME
    simulated = True

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificates: Sequence[x509.Certificate]) -> None:
        self.key = key
        self.leaf, self.root = certificates
        self.roots = self.root.public_bytes(serialization.Encoding.PEM)

    def stamp(self, text: bytes, at: datetime) -> Stamp:
        """Return a time stamp over a text at the moment it is told."""
        token = _answer(self._signed(_info(text, at)))
        return Stamp(token, checking.moment_of(token))

    def fault(self, token: bytes, text: bytes) -> str:
        """Say what is wrong with a time stamp over a text."""
        return checking.fault(token, text, [self.root])

    def _signed(self, info: tsp.TSTInfo) -> cms.ContentInfo:
        content = info.dump()
        der = self.leaf.public_bytes(serialization.Encoding.DER)
        leaf = asn1_x509.Certificate.load(der)
        attributes = _attributes(content, der)
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    "issuer_and_serial_number",
                    cms.IssuerAndSerialNumber({"issuer": leaf.issuer, "serial_number": leaf.serial_number}),
                ),
                "digest_algorithm": {"algorithm": "sha256"},
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signature": self.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
            }
        )
        root = asn1_x509.Certificate.load(self.root.public_bytes(serialization.Encoding.DER))
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(content),
                },
                "certificates": [leaf, root],
                "signer_infos": [signer],
            }
        )
        return cms.ContentInfo({"content_type": "signed_data", "content": signed})


FILE = "simulated-time-stamp.pem"


def simulated_authority(folder: Path, at: datetime) -> SimulatedAuthority:
    """Return the instance's own simulator; its key and certificates are made at the first asking."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(_made(at))
    return _kept(path)


def known_authority(folder: Path) -> SimulatedAuthority | None:
    """Return the instance's simulator if it has stamped anything yet."""
    path = folder / FILE
    return _kept(path) if path.exists() else None


def _kept(path: Path) -> SimulatedAuthority:
    kept = path.read_bytes()
    key = serialization.load_pem_private_key(kept, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return SimulatedAuthority(key, x509.load_pem_x509_certificates(kept))


def _made(at: datetime) -> bytes:
    """Return a fresh key with its certificate and the root above it, PEM."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _named(f"{NAME}: root")
    root = _certificate(root_name, root_name, root_key, root_key, at).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    leaf = _certificate(_named(NAME), root_name, key, root_key, at).add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signed = [one.sign(root_key, hashes.SHA256()) for one in (leaf, root)]
    return private + b"".join(one.public_bytes(serialization.Encoding.PEM) for one in signed)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    at: datetime,
) -> x509.CertificateBuilder:
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - SLACK)
        .not_valid_after(at + LIVES)
        .add_extension(own, critical=False)
        .add_extension(above, critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _info(text: bytes, at: datetime) -> tsp.TSTInfo:
    imprint = hashlib.sha256(text).digest()
    return tsp.TSTInfo(
        {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": imprint},
            "serial_number": int.from_bytes(imprint[:8], "big") >> 1,
            "gen_time": at.replace(microsecond=0),
            "ordering": False,
        }
    )


def _attributes(content: bytes, certificate: bytes) -> cms.CMSAttributes:
    identity = tsp.ESSCertIDv2(
        {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "cert_hash": hashlib.sha256(certificate).digest(),
        }
    )
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
            cms.CMSAttribute(
                {
                    "type": "signing_certificate_v2",
                    "values": [tsp.SigningCertificateV2({"certs": [identity]})],
                }
            ),
        ]
    )


def _answer(token: cms.ContentInfo) -> bytes:
    answer = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})
    return bytes(answer.dump())
