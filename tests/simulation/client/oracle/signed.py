"""What was signed stands, byte for byte, and nothing that it binds changes without a word (I15)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.simulation.client.dump import Evidence, Json, Line, SpaceDump
from tests.simulation.client.oracle.values import rivals_of


def signed_is_as_it_was_signed(evidence: Evidence) -> Iterator[str]:
    """I15: each signature that a tablet saved is stored byte for byte, and its key vouches for it."""
    for name, tablet in evidence.tablets.items():
        for saved in tablet["saved"]:
            for change in saved["changes"]:
                stored = evidence.server.spaces[saved["space"]].records.get(change["record"])
                if change["kind"] != "signature" or stored is None:
                    continue
                if any(stored.data.get(field) != value for field, value in change["set"].items()):
                    yield f"I15 {name} signed {change['set']}, stored is {stored.data}"
                elif not _vouched(evidence.server.keys.get(stored.data["device"]), stored.data):
                    yield f"I15 no key vouches for {change['record']} of {name}"


def nothing_signed_changes_in_silence(evidence: Evidence) -> Iterator[str]:
    """I15, I3: who changes a value that he saw signed, or that was signed meanwhile, becomes a rival."""
    for space in evidence.server.spaces.values():
        rivals = rivals_of(space)
        signatures = [line for line in space.log if line.kind == "signature"]
        for signature in signatures:
            for bound in json.loads(signature.content["set"]["snapshot"])["lines"]:
                for line in _later(space, signature, bound):
                    if (line.record, bound["unit"], line.change) not in rivals:
                        yield f"I15 {line.change} changed {bound['unit']} of {line.record}, which was signed"


def _later(space: SpaceDump, signature: Line, bound: Json) -> Iterator[Line]:
    """What came after a signature, on the very version that it binds, with another value; decisions apart."""
    for line in space.log[signature.seq :]:
        content = line.content
        if line.record != bound["record"] or "decides" in content:
            continue
        if content.get("base", {}).get(bound["unit"]) != bound["version"]:
            continue
        new = {
            field: content.get("set", {}).get(field) for field in bound["fields"] if field in content["set"]
        }
        if any(value != bound["value"].get(field) for field, value in new.items()):
            yield line


def _vouched(key: Json | None, data: Json) -> bool:
    if key is None:
        return False
    x, y = (int.from_bytes(_bytes(key[name])) for name in ("x", "y"))
    raw = _bytes(data["device_signature"])
    pair = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        public = EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
        public.verify(pair, data["snapshot"].encode(), ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
