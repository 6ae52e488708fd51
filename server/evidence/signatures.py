"""Signatures by a device's key: ECDSA P-256 over SHA-256 (`protocol.md` section 8, decision 0013, X-07)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256


def verifies(jwk: Mapping[str, Any], signature: str, signed: bytes) -> bool:
    """Whether a signature is of these bytes by this key; a key or signature of no known form never is.

    ``jwk``: a public key as WebCrypto exports it. ``signature``: r‖s, 64 bytes, in base64url without padding.
    """
    try:
        if (jwk["kty"], jwk["crv"]) != ("EC", "P-256"):
            return False
        x, y = (int.from_bytes(_decoded(jwk[part])) for part in ("x", "y"))
        raw = _decoded(signature)
        if len(raw) != 64:
            return False
        pair = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key().verify(pair, signed, ECDSA(SHA256()))
    except (KeyError, TypeError, ValueError, AttributeError, InvalidSignature):
        return False
    return True


def signed_by(public_key: str, signature: str, text: str) -> bool:
    """The same for a key as it is kept, JWK as JSON text, and the UTF-8 bytes of a text."""
    try:
        jwk = json.loads(public_key)
    except ValueError:
        return False
    return verifies(jwk if isinstance(jwk, dict) else {}, signature, text.encode("utf-8", "surrogatepass"))


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
