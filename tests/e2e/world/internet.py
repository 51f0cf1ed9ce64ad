"""Names of the internet, played on this machine over TLS: their certificate is of an authority of the tests' own."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID = datetime.timedelta(days=1)
_SIGNS = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Internet:
    """`ports` says where each name is found; `authority` is the certificate to trust, `tls` what servers use."""

    authority: Path
    tls: ssl.SSLContext
    ports: dict[str, int] = field(default_factory=dict)

    def variables(self) -> Mapping[str, str]:
        """For a process that is to trust them; requests looks for one of its own."""
        return {"SSL_CERT_FILE": str(self.authority), "REQUESTS_CA_BUNDLE": str(self.authority)}


def internet(folder: Path, names: Iterable[str]) -> Internet:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, names).public_bytes(serialization.Encoding.PEM)
    authority, private = folder / "authority.pem", folder / "private.pem"
    authority.write_bytes(certificate)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority, private)
    return Internet(authority, tls)


def _certificate(key: ec.EllipticCurvePrivateKey, names: Iterable[str]) -> x509.Certificate:
    """It vouches for itself; with all that RFC 5280 wants of an authority, as Python 3.13 asks for it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "of the tests alone")])
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - VALID)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(_SIGNS, critical=True)
        .sign(key, hashes.SHA256())
    )
