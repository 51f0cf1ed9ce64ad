"""The local token issuer: an ES256 key pair whose private half never leaves its folder, and tokens signed with it.

`python -m local_runtime.issuer --home HOME --tenant demo --scope "orders:read orders:write" --minutes 60` prints one.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local_runtime.errors import RunTimeError
from local_runtime.home import Home

PRIVATE_KEY, PUBLIC_KEYS, NAMES = "private.pem", "jwks.json", "issuer.json"
MAX_MINUTES = 24 * 60


def ensure(folder: Path, *, issuer: str, audience: str) -> Path:
    """Make the key pair unless there is one, write down the names, and return the path of the public keys (JWKS)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = folder / PRIVATE_KEY
    if not private.exists():
        _write(private, _new_private_key(), 0o600)
    _write(folder / PUBLIC_KEYS, _json({"keys": [_public_jwk(private)]}), 0o644)
    _write(folder / NAMES, _json({"issuer": issuer, "audience": audience}), 0o644)
    return folder / PUBLIC_KEYS


def mint(folder: Path, *, tenant: str, scope: str, minutes: float, subject: str = "local-user") -> str:
    """A signed token for `tenant`; raises RunTimeError when the system has no issuer of its own."""
    import jwt

    if not 0 < minutes <= MAX_MINUTES:
        raise RunTimeError(f"minutes is {minutes:g}; allowed is more than 0 and up to {MAX_MINUTES}")
    try:
        names = json.loads((folder / NAMES).read_bytes())
        private = (folder / PRIVATE_KEY).read_bytes()
    except FileNotFoundError as error:
        raise RunTimeError(f"there is no issuer in {folder} ({error.filename} is missing): run `pulumi up`") from None
    now = int(time.time())
    claims = {
        "iss": names["issuer"],
        "aud": names["audience"],
        "sub": subject,
        "tenant": tenant,
        "scope": scope,
        "iat": now,
        "exp": now + round(minutes * 60),
    }
    key_id = json.loads((folder / PUBLIC_KEYS).read_bytes())["keys"][0]["kid"]
    return jwt.encode(claims, private, algorithm="ES256", headers={"kid": key_id})


def _new_private_key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_jwk(private: Path) -> dict[str, Any]:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(private.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise RunTimeError(f"{private} is not an elliptic-curve key: remove it and run `pulumi up` to make a new one")
    numbers = key.public_key().public_numbers()
    needed = {"crv": "P-256", "kty": "EC", "x": _number(numbers.x), "y": _number(numbers.y)}
    thumbprint = hashlib.sha256(_json(needed)).digest()  # RFC 7638: the same key always has the same id
    return {**needed, "kid": _base64(thumbprint), "use": "sig", "alg": "ES256"}


def _number(value: int) -> str:
    return _base64(value.to_bytes(32, "big"))


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _write(path: Path, content: bytes, mode: int) -> None:
    """All of it or what was there before: a reader may come at any moment."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    draft.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m local_runtime.issuer", description="Print a token.")
    parser.add_argument("--home", type=Path, required=True, help="the local system's folder")
    parser.add_argument("--tenant", required=True)
    parser.add_argument("--scope", default="orders:read orders:write")
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args(arguments)
    try:
        folder = Home(options.home).issuer
        print(mint(folder, tenant=options.tenant, scope=options.scope, minutes=options.minutes))
    except RunTimeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
