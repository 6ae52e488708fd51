"""Proves a signature by public libraries and decision 0013 alone; nothing of the product is used (X-07)."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

IN_THE_CHAIN = (
    "before", "seq", "change", "commit", "record", "kind", "op", "user", "device", "made_at", "offset",
    "arrived_at", "digest",
)  # fmt: skip


@dataclass
class Evidence:
    """What was fetched: the answer, the seal key, the photos' bytes by hash, and the chain hash that another
    tablet was given for the same place in the log."""

    answer: dict[str, Any]
    seal_key: dict[str, Any]
    photos: dict[str, bytes]
    witness: str


def problems(evidence: Evidence) -> Iterator[str]:
    """What does not hold, by name. Nothing of the product is used."""
    answer, log = evidence.answer, evidence.answer["log"]
    snapshot = answer["snapshot"]
    if not _signed(answer["device_public_key"], answer["device_signature"], snapshot):
        yield "device signature"
    shown = json.loads(snapshot)
    if _canonical(shown) != snapshot or shown["form"] != "rounds-signature-1":
        yield "snapshot form"
    if shown["signature"] != answer["row"]["id"] or shown["device"] != answer["row"]["device"]:
        yield "snapshot"
    for finding in shown["findings"]:
        for one in finding["photos"]:
            if hashlib.sha256(evidence.photos[one["sha256"]]).hexdigest() != one["sha256"]:
                yield "photo"
    yield from _seal_problems(evidence, snapshot)
    sent = json.loads(log["payload"])
    if (sent["record"], sent["set"]["snapshot"]) != (answer["row"]["id"], snapshot):
        yield "log payload"
    salt, payload = _bytes(log["salt"]), log["payload"].encode()
    if hashlib.sha256(salt + hashlib.sha256(payload).digest()).hexdigest() != log["digest"]:
        yield "log digest"
    if _chain(log) != log["chain"] or log["chain"] != evidence.witness:
        yield "chain"


def _seal_problems(evidence: Evidence, snapshot: str) -> Iterator[str]:
    answer, log, seal = evidence.answer, evidence.answer["log"], evidence.answer["seal"]
    if seal["key_id"] != _thumbprint(evidence.seal_key["public_key"]):
        yield "seal key"
    if not _signed(evidence.seal_key["public_key"], seal["seal"], seal["payload"]):
        yield "seal"
    said = json.loads(seal["payload"])
    right = {
        "form": "rounds-seal-1", "signature": answer["row"]["id"], "space": answer["space"],
        "snapshot_sha256": hashlib.sha256(snapshot.encode()).hexdigest(),
        "device_signature": answer["device_signature"], "arrived_at": log["arrived_at"],
        "seq": log["seq"], "chain": log["chain"],
    }  # fmt: skip
    if said != right or _canonical(said) != seal["payload"]:
        yield "seal payload"


def _signed(jwk: dict[str, str], hand: str, text: str) -> bool:
    x, y = (int.from_bytes(_bytes(jwk[name]), "big") for name in ("x", "y"))
    raw = _bytes(hand)
    pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        key.verify(pair, text.encode("utf-8"), ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _canonical(value: Any) -> str:
    """RFC 8785 where there are neither fractions nor keys beyond ASCII."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _chain(log: dict[str, Any]) -> str:
    offset = "" if log["offset"] is None else repr(float(log["offset"]))
    said = {**log, "seq": str(log["seq"]), "offset": offset}
    parts = [said[name] for name in IN_THE_CHAIN]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _thumbprint(jwk: dict[str, str]) -> str:
    named = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    digest = hashlib.sha256(named.encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
