"""Canonical JSON and the hashes over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

Encode = Callable[[Any], bytes]
"""Writes JSON with sorted keys, no spaces, UTF-8. A faster equal of `canonical` may be handed in."""

_LARGEST_INTEGER = 2**53 - 1
_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8: RFC 8785 for all that `check_signable` lets through.

    Fractions are written in Python's shortest form: fine for a hash that only this server computes (a
    commit holds the clock's offset), not for content that a device signs.
    """
    return _encoder.encode(value).encode("utf-8", "surrogatepass")


def check_signable(value: Any) -> None:
    """Raise `ValueError` where RFC 8785 in another language might write other bytes than `canonical`.

    That is: fractions, integers beyond 2^53, lone surrogates, and keys that are not ASCII (whose order in
    UTF-16 is not their order in Python).
    """
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"key {key!r} is not ASCII text")
            check_signable(item)
    elif isinstance(value, list):
        for item in value:
            check_signable(item)
    elif isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, int):
        if abs(value) > _LARGEST_INTEGER:
            raise ValueError(f"{value} is too large to be signed")
    elif value is not None:
        raise ValueError(f"{value!r} cannot be signed")


def read_signable(text: Any, form: str) -> dict[str, Any] | None:
    """The object in a text, if that is canonical JSON (RFC 8785) of this ``form``; else ``None``."""
    try:
        value = json.loads(text)
        check_signable(value)
        if canonical(value) != text.encode() or value["form"] != form:
            return None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@dataclass(slots=True)
class Fingerprint:
    """What identifies a commit as it was received."""

    hash: str
    """SHA-256, hex."""
    size: int
    """Bytes in canonical JSON."""
    changes: list[tuple[bytes, bytes]]
    """Each change in canonical JSON, and the SHA-256 of that."""


def fingerprint(raw: Any, encode: Encode = canonical) -> Fingerprint:
    """Hash a commit: the commit without its changes, then the hash of each change.

    So each change is written and hashed once, for this and for the log.
    """
    changes = raw.get("changes") if isinstance(raw, dict) else None
    if not isinstance(changes, list):
        whole = encode(raw)
        return Fingerprint(sha256(whole).hexdigest(), len(whole), [])
    rest = dict(raw)
    del rest["changes"]
    head = encode(rest)
    lines = [encode(change) for change in changes]
    hashes = [sha256(line).digest() for line in lines]
    text = sha256(b"".join((head, b"\n", *hashes))).hexdigest()
    return Fingerprint(text, len(head) + sum(map(len, lines)), list(zip(lines, hashes, strict=True)))


def derived_id(*parts: str) -> str:
    """A stable id in the form of a UUID (version 8), for what no device could name."""
    digest = bytearray(sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
