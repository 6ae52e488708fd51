"""What JSON can say and no text or number can keep: it parks alone, whole, and can be given up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.estate import P029, Estate
from tests.factories import inspection, new_id, patch
from tests.house import Client
from tests.people import HE_GUILAN, QINGYANLI, ZENG_KE


@pytest.mark.parametrize("where", ["value", "field", "kind", "base", "id", "record", "element", "commit"])
def test_what_no_text_is_made_of_parks_its_commit_alone(sign_in, where: str):
    """Half a character (a name cut in two) and U+0000; PostgreSQL's text keeps neither."""
    tablet, reviewer = sign_in(HE_GUILAN), sign_in(ZENG_KE)
    for text in ("\\ud83d", "裂缝\\udE00 end", "a\\u0000b"):
        before, after = (tablet.commit(inspection(HE_GUILAN)) for _ in range(2))
        odd = _with_here(tablet.commit(inspection(HE_GUILAN)), where)
        body = json.dumps(tablet.envelope(before, odd, after)).replace("HERE", text).encode()
        assert _statuses(tablet, body) == [("applied", False), ("parked", False), ("applied", False)]
        assert _statuses(tablet, body) == [("applied", True), ("parked", True), ("applied", True)]
        [row] = json.loads(tablet.get("/parked").data)["parked"]
        assert row["commit"] == json.loads(body)["commits"][1], "it is kept whole"
        tried = reviewer.post(f"/parked/{row['id']}/retry")
        assert (tried.status_code, tried.json["status"]) == (200, "parked")
        given_up = reviewer.post(f"/parked/{row['id']}/discard", json={"reason": "not a text"})
        assert given_up.status_code == 200


def _with_here(commit: dict[str, Any], where: str) -> dict[str, Any]:
    """The commit with HERE in one of its places."""
    change = commit["changes"][0]
    if where == "value":
        change["set"]["level"] = "HERE"
    elif where == "field":
        change["set"]["HERE"] = True
    elif where == "base":
        change["base"] = {"HERE": None}
    elif where == "element":
        change["add"] = {"photos": [{"id": new_id(), "value": {"HERE": 1}}]}
    elif where == "commit":
        commit["HERE"] = 1
    else:
        change[where] = "HERE"
    return commit


def _statuses(tablet: Client, body: bytes) -> list[tuple[str, bool]]:
    answer = tablet.post(f"/sync/{QINGYANLI}/push", data=body)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return [(result["status"], result["replayed"]) for result in answer.json["results"]]


@pytest.mark.parametrize("n", [2**53, 2**63, 2**64 - 1, 1e300])
def test_a_number_that_no_database_counts_to_parks_its_commit(sign_in, n: float):
    tablet = sign_in(HE_GUILAN)
    good, odd = (tablet.commit(inspection(HE_GUILAN)) for _ in range(2))
    results = tablet.push(QINGYANLI, {**odd, "n": n}, good)
    assert [result["status"] for result in results] == ["parked", "applied"]


def test_a_device_may_have_more_unsent_than_anybody_can_count(sign_in):
    tablet = sign_in(HE_GUILAN)
    for unsent in (2**31, 2**53 - 1):
        assert tablet.push(QINGYANLI, unsent=unsent) == []


def test_a_unit_of_any_name_can_be_given_up(sign_in):
    """A key of PostgreSQL's holds a few thousand bytes; what is discarded may have named anything."""
    tablet = sign_in(HE_GUILAN)
    visit = inspection(HE_GUILAN)
    tablet.save(QINGYANLI, visit)
    odd = patch("inspection", visit["record"], {"u" * 100_000: visit["id"]}, {"unplanned": True})
    result = tablet.save(QINGYANLI, odd)
    assert result["status"] == "parked"
    answer = sign_in(ZENG_KE).post(f"/parked/{result['commit']}/discard", json={"reason": "nonsense"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/sync/a%00b/pull"),
        ("GET", "/coverage/a%00b"),
        ("GET", f"/coverage/{QINGYANLI}/units/a%00b"),
        ("GET", f"/checks/{QINGYANLI}/a%00b"),
        ("GET", "/blobs/a%00b"),
        ("POST", "/parked/a%00b/retry"),
        ("POST", "/parked/%ED%A0%80/retry"),
    ],
)
def test_what_no_id_can_hold_is_not_found(sign_in, method: str, path: str):
    client = sign_in(ZENG_KE)
    answer = client.http.open(f"/api/v1{path}", method=method, headers=client.headers)
    assert answer.status_code == 404, answer.text


def test_a_page_after_what_no_id_can_hold_is_empty_or_not_found(estate: Estate):
    tablet = estate.tablet(HE_GUILAN)
    answer = tablet.get(f"/coverage/{QINGYANLI}/units/{P029}", before="a\0b")
    assert answer.status_code in (200, 404, 422), answer.text
