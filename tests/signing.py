"""Signing as a tablet does it (decision 0013): a P-256 key, a snapshot of findings as pulled, the record.

    key = DeviceKey()
    sign_in_with(tablet, key)
    change = signature(tablet, key, [finding_id], signer=TANG_ZHIQIANG)
    tablet.save(QINGYANLI, change)

Shares nothing with the product but the contract in `schemas/`: canonical JSON and signature are made here
with `json` and `cryptography` alone, so that what verifies them is tried on bytes that it did not write.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from schemas.catalogue import KINDS
from schemas.signing import SIGNED_LINES
from tests.factories import create, new_id
from tests.house import Client
from tests.people import HEADQUARTERS, PASSWORD, QINGYANLI, Person

SIGNED_AT = "2026-11-03T10:20:00+08:00"
STROKES = [[[12, 40, 0], [18, 36, 16], [31, 52, 33]], [[40, 40, 210], [44, 61, 242]]]
CLASSES = {"OBS": "观察项", "MIN": "轻微", "GEN": "一般", "SER": "严重"}
ATTRIBUTIONS = {"personal": "个人原因", "management": "管理原因"}

Row = Mapping[str, Any]
"""A record as pulled."""


class DeviceKey:
    """A device's P-256 key. ``jwk``: its public half, for the sign-in."""

    def __init__(self) -> None:
        self._key = generate_private_key(SECP256R1())
        numbers = self._key.public_key().public_numbers()
        self.jwk = {"kty": "EC", "crv": "P-256", "x": _number(numbers.x), "y": _number(numbers.y)}

    def sign(self, text: str) -> str:
        """ECDSA over the SHA-256 of the UTF-8 bytes: r‖s in base64url, as WebCrypto gives it."""
        r, s = decode_dss_signature(self._key.sign(text.encode(), ECDSA(SHA256())))
        return _base64url(r.to_bytes(32) + s.to_bytes(32))


def sign_in_with(client: Client, key: DeviceKey) -> None:
    """Sign in on a device that registers this key."""
    answer = client.try_to_sign_in(PASSWORD, public_key=key.jwk)
    assert answer.status_code == 200, answer.text
    client.headers = {"Authorization": f"Bearer {answer.json['token']}"}  # type: ignore[index]


def signature(
    client: Client, key: DeviceKey, findings: Sequence[str], signer: Person, *, space: str = QINGYANLI,
    audience: Sequence[str] = ("management",), record: str | None = None, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """A change that creates the signature of these findings, as this client has pulled them.

    ``more``: other parts of the snapshot than usual (``act``, ``reason``, ``witness``, ``strokes``, …).
    """
    pulled = client.pull(HEADQUARTERS) | client.pull(space)
    ident = record or new_id()
    shown = snapshot(pulled, findings, ident, signer, client.person, client.device) | more
    return signed_record(shown, key, audience)


def signed_record(
    shown: Mapping[str, Any], key: DeviceKey, audience: Sequence[str] = ("management",)
) -> dict[str, Any]:
    """The record of a snapshot, signed with this key; its fields repeat the snapshot."""
    text = canonical(shown)
    people = {name: shown[name]["id"] for name in ("signer", "recorded_by", "witness") if shown[name]}
    given = {name: shown[name] for name in ("reason", "clock_offset_ms") if shown[name] is not None}
    fields = {
        **{name: shown[name] for name in ("act", "check", "unit", "device", "signed_at")}, **people, **given,
        "findings": [finding["record"] for finding in shown["findings"]],
        "lines": [{name: line[name] for name in ("record", "unit", "version", "fields")}
                  for line in shown["lines"]],
        "snapshot": text, "device_signature": key.sign(text),
    }  # fmt: skip
    persons = [f"person:{ident}" for ident in dict.fromkeys((people["signer"], people["recorded_by"]))]
    return create("signature", fields, shown["signature"], audience=[*audience, *persons])


def snapshot(
    pulled: Mapping[str, Row], findings: Sequence[str], record: str, signer: Person, recorded_by: Person,
    device: str,
) -> dict[str, Any]:  # fmt: skip
    """What is on the screen of decision 0013: signed, in Chinese, by a PIN of version 1."""
    rows = [pulled[ident] for ident in findings]
    return {
        "form": "rounds-signature-1", "signature": record, "act": "signed", "check": rows[0]["data"]["check"],
        "unit": rows[0]["data"]["unit"], "device": device, "signer": _named(signer),
        "recorded_by": _named(recorded_by), "witness": None, "reason": None, "signed_at": SIGNED_AT,
        "clock_offset_ms": -1400, "identified": {"by": "pin", "pin_version": 1}, "language": "zh-CN",
        "findings": [_read(row, pulled) for row in rows],
        "lines": [_line(row, unit, bound) for row in rows for unit, bound in SIGNED_LINES["finding"]],
        "strokes": STROKES, "typed_name": None,
    }  # fmt: skip


def canonical(value: Any) -> str:
    """RFC 8785 for what a snapshot may hold: integers, texts, ASCII keys."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _line(row: Row, unit: str, bound: Sequence[str]) -> dict[str, Any]:
    """An empty list and none at all are both `null`, as on the tablet."""
    fields = list(bound or KINDS["finding"].units[unit].fields)
    return {
        "record": row["id"], "unit": unit, "version": row["versions"].get(unit, row["created_by_change"]),
        "fields": fields, "value": {name: row["data"].get(name) or None for name in fields},
    }  # fmt: skip


def _read(row: Row, pulled: Mapping[str, Row]) -> dict[str, Any]:
    data = row["data"]
    place = pulled[data["unit"]]
    items = {one["data"]["code"]: one["data"] for one in pulled.values() if one["kind"] == "check_item"}
    item, responsible = items[data["item"]], data.get("responsible_person")
    photos = [element["value"] for element in data.get("photos") or ()]
    return {
        "record": row["id"], "post": _place(pulled[data["post"]]),
        "area": _place(place) if place["kind"] == "area" else None,
        "item": {name: item[name] for name in ("code", "name", "criterion")},
        "description": data["description"], "no_photo_reason": data.get("no_photo_reason"),
        "photos": [{"id": photo, "sha256": pulled[photo]["data"]["sha256"]} for photo in photos],
        "class": {"code": data["class"], "name": CLASSES.get(data["class"], data["class"])},
        "attribution": {"code": data["attribution"], "name": ATTRIBUTIONS[data["attribution"]]},
        "responsible_person": {"id": responsible, "name": pulled[responsible]["data"]["name"]}
        if responsible else None,
    }  # fmt: skip


def _place(row: Row) -> dict[str, str]:
    return {"id": row["id"], "code": row["data"]["code"], "name": row["data"]["name"]}


def _named(person: Person) -> dict[str, str]:
    return {"id": person.id, "name": person.name}


def _number(value: int) -> str:
    return _base64url(value.to_bytes(32))


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
