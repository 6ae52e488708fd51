"""Signing PINs: six digits, known to their owner alone and kept as a slow salted verifier (X-07, domain 10).

The same figures on the tablet: WebCrypto's PBKDF2 over the UTF-8 bytes of the digits (`docs/decisions/0013`).
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import pbkdf2_hmac
from hmac import compare_digest

ITERATIONS = 600_000
VERIFIER_BYTES = 32
MOST_FAILURES = 5
CODE_DIGITS = 8
CODE_HOURS = 24

_EASIEST = ("123456", "654321")


@dataclass(frozen=True, slots=True)
class Secret:
    """What is kept of a PIN; ``salt`` and ``verifier`` in base64url without padding."""

    iterations: int
    salt: str
    verifier: str


def secret_of(pin: str, salt: bytes) -> Secret:
    """What is kept of a PIN. ``salt``: 16 random bytes, of this PIN alone."""
    return Secret(ITERATIONS, _base64url(salt), _derived(pin, salt, ITERATIONS))


def fits(pin: str, secret: Secret) -> bool:
    """Whether a PIN is the one that was set; takes as long and tells as little either way."""
    salt = urlsafe_b64decode(secret.salt + "=" * (-len(secret.salt) % 4))
    return compare_digest(_derived(pin, salt, secret.iterations), secret.verifier)


def is_trivial(pin: str) -> bool:
    """Whether everybody would try it first: one digit six times, or six in a row from either end."""
    return len(set(pin)) == 1 or pin in _EASIEST


def _derived(pin: str, salt: bytes, iterations: int) -> str:
    return _base64url(pbkdf2_hmac("sha256", pin.encode(), salt, iterations, VERIFIER_BYTES))


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


NOBODY = Secret(ITERATIONS, _base64url(bytes(16)), _base64url(bytes(VERIFIER_BYTES)))
"""Of no PIN: checked where there is none, so that the time tells nothing."""
