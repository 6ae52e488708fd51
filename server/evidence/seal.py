"""The server's own key: it fixes when a signature arrived and where in the log (decision 0013, X-07)."""

from __future__ import annotations

import os
import tempfile
from base64 import urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

FILE = "seal.pem"


class SealKey:
    """A P-256 key. ``public_key``: its public half as a JWK; ``id``: the thumbprint of that (RFC 7638)."""

    def __init__(self, private: EllipticCurvePrivateKey) -> None:
        self._private = private
        numbers = private.public_key().public_numbers()
        x, y = (_base64url(number.to_bytes(32)) for number in (numbers.x, numbers.y))
        self.public_key = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
        named = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
        self.id = _base64url(sha256(named.encode()).digest())

    def sign(self, text: str) -> str:
        """ECDSA over the SHA-256 of the UTF-8 bytes of a text: r‖s, 64 bytes, in base64url."""
        r, s = decode_dss_signature(self._private.sign(text.encode(), ECDSA(SHA256())))
        return _base64url(r.to_bytes(32) + s.to_bytes(32))


def kept_seal_key(data: Path) -> SealKey:
    """The key in ``data/seal.pem``; made once, for its owner's eyes, and never overwritten.

    Processes that start at once agree on one: each writes a whole file, and only one of these gets the name.

    Raises:
        ValueError: if the file holds no such key. It is left as it is: without it no seal can be proven.
    """
    found = read_seal_key(data)
    if found is not None:
        return found
    data.mkdir(parents=True, exist_ok=True)
    private = generate_private_key(SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    handle, name = tempfile.mkstemp(prefix=".seal-", dir=data)  # which makes it readable by its owner only
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, data / FILE)
    finally:
        temporary.unlink()
    _flush(data)
    kept = read_seal_key(data)
    assert kept is not None
    return kept


def read_seal_key(data: Path) -> SealKey | None:
    """The key in ``data/seal.pem`` if there is one; makes nothing.

    Raises:
        ValueError: as ``kept_seal_key``.
    """
    path = data / FILE
    try:
        private = load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(f"{path} holds no key of ours") from error
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise ValueError(f"{path} holds no P-256 key")
    return SealKey(private)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
