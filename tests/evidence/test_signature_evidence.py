"""A signature proven without the product (X-07).

A tablet signs and hands in over HTTP; somebody who trusts neither tablet nor server fetches what proves the
signature and checks it by decision 0013 alone (`proof.py`). Then one byte of each part is changed.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.api.desk import MOMENT, Finding
from tests.api.estate import P029_A1, Estate, Tablet, photo_of
from tests.api.test_blobs import send
from tests.evidence.pictures import photo
from tests.evidence.proof import Evidence, problems
from tests.people import HE_GUILAN, QINGYANLI, TANG_ZHIQIANG, YAO_CHUNYAN
from tests.signing import DeviceKey, sign_in_with, signature

PICTURE = photo(3)


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
