"""A signature proven without the product: what is here shares nothing with it but public libraries (X-07).

A tablet signs, hands in over HTTP, and somebody who trusts neither tablet nor server fetches what proves the
signature and checks it by decision 0013 alone. Then one byte of each part is changed.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.api.desk import MOMENT, Finding
from tests.api.estate import P029_A1, Estate, Tablet, photo_of
from tests.api.test_blobs import send
from tests.evidence.pictures import photo
from tests.people import HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, YAO_CHUNYAN
from tests.signing import DeviceKey, sign_in_with, signature

PICTURE = photo(3)
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


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """A signature as it was made, handed in and fetched, all of it over HTTP."""
    estate = Estate(tmp_path_factory.mktemp("evidence") / "data", MOMENT)
    yield _signed_and_fetched(estate)
    estate.close()


def _signed_and_fetched(estate: Estate) -> Evidence:
    lead, key, sha256 = Tablet(estate, HE_GUILAN), DeviceKey(), hashlib.sha256(PICTURE).hexdigest()
    sign_in_with(lead, key)
    send(estate, HE_GUILAN, PICTURE)
    shot = photo_of(HE_GUILAN, lead.check(P029_A1, MOMENT), P029_A1, sha256, bytes=len(PICTURE))
    assert lead.save(QINGYANLI, shot)["status"] == "applied"
    finding = Finding(lead, photos=(shot["record"],))
    assert lead.save(QINGYANLI, finding.evaluate(responsible_person=TANG_ZHIQIANG.id))["status"] == "applied"
    made = signature(lead, key, [finding.id], TANG_ZHIQIANG)
    assert lead.save(QINGYANLI, made)["status"] == "applied"
    witness = estate.tablet(YAO_CHUNYAN)
    page = witness.get(f"/sync/{QINGYANLI}/pull", since=0, limit=1000).get_json()
    assert page["more"] is False
    [row] = witness.get(f"/signatures/{QINGYANLI}", finding=finding.id).get_json()["signatures"]
    answer = witness.get(f"/signatures/{QINGYANLI}/{row['id']}").get_json()
    assert (row, row["sealed"], answer["log"]["seq"]) == (answer["row"], True, page["to"])
    with witness.get(f"/blobs/{sha256}") as blob:
        bytes_of = {sha256: blob.get_data()}
    return Evidence(answer, witness.get("/seal-key").get_json(), bytes_of, page["at"])


def test_everything_holds(fetched: Evidence) -> None:
    assert list(problems(fetched)) == []


def _other(text: str, at: int) -> str:
    """The same text with one other character that may stand there."""
    swap = {"A": "B", "0": "1", "9": "8", "f": "e"}
    return text[:at] + swap.get(text[at], "A" if text[at].isalpha() else "9") + text[at + 1 :]


def _character(*path: str) -> Callable[[Evidence], None]:
    """Changes one character in the middle of a text of the answer (or of the seal key)."""

    def spoil(evidence: Evidence) -> None:
        place: Any = evidence.seal_key if path[0] == "public_key" else evidence.answer
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = _other(place[path[-1]], len(place[path[-1]]) // 2)

    return spoil


def _in_snapshot(old: str, new: str) -> Callable[[Evidence], None]:
    def spoil(evidence: Evidence) -> None:
        text = evidence.answer["snapshot"]
        assert old in text
        evidence.answer["snapshot"] = text.replace(old, new, 1)

    return spoil


def _photo(evidence: Evidence) -> None:
    [(name, data)] = evidence.photos.items()
    evidence.photos[name] = data[:-1] + bytes([data[-1] ^ 1])


def _witness(evidence: Evidence) -> None:
    evidence.witness = _other(evidence.witness, 5)


def _in_seal(old: str, new: str) -> Callable[[Evidence], None]:
    def spoil(evidence: Evidence) -> None:
        seal = evidence.answer["seal"]
        spoilt = re.sub(old, new, seal["payload"], count=1)
        assert spoilt != seal["payload"]
        seal["payload"] = spoilt

    return spoil


SNAPSHOT = {"device signature", "seal payload", "log payload"}
SPOILS: dict[str, tuple[Callable[[Evidence], None], set[str]]] = {
    "description": (_in_snapshot("墙面有污迹", "墙面有污渍"), SNAPSHOT),
    "stroke": (_in_snapshot("[12,40,0]", "[12,41,0]"), SNAPSHOT),
    "photo": (_photo, {"photo"}),
    "device signature": (_character("device_signature"), {"device signature", "seal payload"}),
    "device key": (_character("device_public_key", "x"), {"device signature"}),
    "seal": (_character("seal", "seal"), {"seal"}),
    "seal key": (_character("public_key", "x"), {"seal key", "seal"}),
    "arrival in the seal": (_in_seal(r'"arrived_at":"2026', '"arrived_at":"2025'), {"seal", "seal payload"}),
    "place in the seal": (_in_seal(r'"seq":(\d)', r'"seq":9\1'), {"seal", "seal payload"}),
    "chain in the seal": (_in_seal(r'"chain":"(.)', r'"chain":"g'), {"seal", "seal payload"}),
    "arrival in the log": (_character("log", "arrived_at"), {"seal payload", "chain"}),
    "log payload": (_character("log", "payload"), {"log digest"}),
    "salt": (_character("log", "salt"), {"log digest"}),
    "digest": (_character("log", "digest"), {"log digest", "chain"}),
    "the log before": (_character("log", "before"), {"chain"}),
    "who handed it in": (_character("log", "user"), {"chain"}),
    "chain": (_character("log", "chain"), {"seal payload", "chain"}),
    "another tablet's chain": (_witness, {"chain"}),
}  # fmt: skip


@pytest.mark.parametrize("part", SPOILS)
def test_one_changed_character_is_found(fetched: Evidence, part: str) -> None:
    spoil, named = SPOILS[part]
    evidence = copy.deepcopy(fetched)
    spoil(evidence)
    assert evidence != fetched
    found = set(problems(evidence))
    assert named <= found
    assert found - named <= {"log payload"}  # a character of the payload may be one of the snapshot


def test_the_server_says_what_it_took_in_and_keeps_its_key_to_itself(fetched: Evidence) -> None:
    """No private half is told, in any answer."""
    told = json.dumps([fetched.answer, fetched.seal_key])
    assert '"d"' not in told
    assert "PRIVATE" not in told
    assert fetched.answer["row"]["signer"] == {"id": TANG_ZHIQIANG.id, "name": TANG_ZHIQIANG.name}
