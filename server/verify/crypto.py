"""ECDSA P-256 over SHA-256 with a public JWK, as WebCrypto writes it: r‖s, 64 bytes, in base64url."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from sync.canonical import canonical, check_signable


def verifies(jwk: Mapping[str, Any], signature: str, signed: bytes) -> bool:
    """Whether a signature is of these bytes by this key; a key or signature of no known form never is."""
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


def read_canonical(text: Any, form: str) -> dict[str, Any] | None:
    """The object in a text, if it is canonical JSON (RFC 8785) of this form; else ``None``."""
    try:
        value = json.loads(text)
        check_signable(value)
        if canonical(value) != text.encode() or value["form"] != form:
            return None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
