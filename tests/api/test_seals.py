"""The server's seal over HTTP: made with the push, told to whoever may read the signature (X-07, X-14)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.app import SEALS_BEGIN, bring_up_to_date
from server.config import Settings
from server.evidence.seal import SealKey, kept_seal_key
from server.storage.database import open_database
from tests.api.estate import LUO_XIUFEN, Estate
from tests.api.signed import Signing
from tests.factories import new_id, patch
from tests.people import HEADQUARTERS, LEAD_AT_XIQIAO, QINGYANLI, TANG_ZHIQIANG, XIQIAO, YAO_CHUNYAN, ZENG_KE


@pytest.fixture
def signing(estate) -> Signing:
    return Signing(estate)


def test_readers_of_the_signature_and_nobody_else_see_what_proves_it(signing: Signing, estate) -> None:
    change = signing.sign(signing.shown())
    signing.applied(change)
    path = f"/signatures/{QINGYANLI}/{change['record']}"
    for person in (TANG_ZHIQIANG, YAO_CHUNYAN):  # who signed, and the management
        tablet = estate.tablet(person)
        answer = tablet.get(path).get_json()
        assert answer["snapshot"] == change["set"]["snapshot"]
        assert answer["device_public_key"] == signing.key.jwk
        assert answer["seal"]["key_id"] == tablet.get("/seal-key").get_json()["key_id"]
        rows = tablet.get(f"/signatures/{QINGYANLI}", finding=signing.finding.id).get_json()["signatures"]
        assert [row["id"] for row in rows] == [change["record"]]
    colleague = estate.tablet(LUO_XIUFEN)  # reads the finding, and not who signed what
    assert colleague.get(path).status_code == 404
    listed = colleague.get(f"/signatures/{QINGYANLI}", finding=signing.finding.id)
    assert (listed.status_code, listed.get_json()) == (200, {"signatures": []})
    stranger = estate.tablet(LEAD_AT_XIQIAO)
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"/signatures/{QINGYANLI}", finding=signing.finding.id).status_code == 404
    assert stranger.get(f"/signatures/{XIQIAO}/{change['record']}").status_code == 404


def test_the_list_says_whether_a_signature_still_covers_what_stands(signing: Signing, estate) -> None:
    """Q1-4.4o: a deadline may move, a class may not; what is changed at the desk is signed no more."""
    change = signing.sign(signing.shown())
    signing.applied(change)

    def covers() -> bool:
        [row] = signing.lead.get(f"/signatures/{QINGYANLI}", finding=signing.finding.id).get_json()[
            "signatures"
        ]
        return bool(row["covers"])

    assert covers()
    version = signing.evaluated["id"]
    later = patch(
        "finding", signing.finding.id, {"evaluation": version}, {"due_at": "2026-12-24T18:00:00+08:00"}
    )
    signing.applied(later)
    assert covers()
    worse = patch("finding", signing.finding.id, {"evaluation": later["id"]}, {"class": "SER"})
    [conflict] = signing.lead.save(QINGYANLI, worse)["conflicts"]
    assert covers(), "until it is decided, what was signed stands"
    desk = estate.tablet(ZENG_KE)
    seen = desk.get(f"/conflicts/{conflict}").get_json()
    value = next(side["value"] for side in seen["rivals"] if side["change"] == worse["id"])
    asked = {"commit": new_id(), "seen": seen["seen"], "value": value, "reason": "属实"}
    assert desk.post(f"/conflicts/{conflict}/resolve", json=asked).status_code == 200
    assert not covers()


def test_what_is_no_signature_looks_like_none(signing: Signing) -> None:
    change = signing.sign(signing.shown())
    signing.applied(change)
    get, finding = signing.lead.get, signing.finding.id
    for ident in (new_id(), finding, "x", "..", "%00", change["id"]):
        assert get(f"/signatures/{QINGYANLI}/{ident}").status_code == 404, ident
    assert get(f"/signatures/{HEADQUARTERS}/{change['record']}").status_code == 404
    assert get(f"/signatures/nowhere/{change['record']}").status_code == 404
    for strange in (new_id(), change["record"], signing.photo):
        assert get(f"/signatures/{QINGYANLI}", finding=strange).status_code == 404
    for wrong in ("", "x", "%00"):
        assert get(f"/signatures/{QINGYANLI}", finding=wrong).status_code == 422


def test_the_newest_signature_of_a_finding_comes_first(signing: Signing) -> None:
    changes = [signing.sign(signing.shown()) for _ in range(3)]
    for change in changes:
        signing.applied(change)
    rows = signing.lead.get(f"/signatures/{QINGYANLI}", finding=signing.finding.id).get_json()["signatures"]
    assert [row["id"] for row in rows] == [change["record"] for change in reversed(changes)]
    assert rows[0]["seq"] > rows[1]["seq"] > rows[2]["seq"]


def test_seal_and_signature_are_taken_in_together_or_not_at_all(
    signing: Signing, estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = signing.sign(signing.shown())
    commit = signing.lead.commit(change)

    def broken(self: SealKey, text: str) -> str:
        raise OSError("no entropy left")

    with monkeypatch.context() as patch:
        patch.setattr(SealKey, "sign", broken)
        patch.setitem(estate.app.config, "PROPAGATE_EXCEPTIONS", False)
        answer = signing.lead.post(f"/sync/{QINGYANLI}/push", json=signing.lead.envelope(commit))
        assert answer.status_code == 500
    assert change["record"] not in signing.lead.pull(QINGYANLI)
    assert estate.database.rows("SELECT * FROM seals") == []
    [result] = signing.lead.push(QINGYANLI, commit)
    assert (result["status"], result["replayed"]) == ("applied", False)
    assert len(estate.database.rows("SELECT * FROM seals")) == 1


def test_a_parked_signature_is_sealed_when_it_is_taken_in_and_not_before(signing: Signing, estate) -> None:
    signing.verdict(signing.sign(signing.shown(strokes=[])))
    assert estate.database.rows("SELECT * FROM seals") == []


def test_sent_again_it_is_sealed_once(signing: Signing, estate) -> None:
    commit = signing.lead.commit(signing.sign(signing.shown()))
    signing.lead.push(QINGYANLI, commit)
    before = estate.database.rows("SELECT * FROM seals")
    [result] = signing.lead.push(QINGYANLI, commit)
    assert result["replayed"] is True
    assert estate.database.rows("SELECT * FROM seals") == before


@pytest.mark.embedded
def test_signatures_from_before_there_were_seals_are_sealed_by_that_start_alone(tmp_path: Path) -> None:
    estate = Estate(tmp_path / "data", "2026-11-03T10:00:00+08:00")
    signing = Signing(estate)
    change = signing.sign(signing.shown())
    signing.applied(change)
    [[made]] = estate.database.rows("SELECT payload FROM seals")
    with estate.database.write() as tx:
        tx.run("DELETE FROM seals")
        tx.run("DELETE FROM signed_findings")
    estate.close()
    settings = Settings(data=tmp_path / "data", secret_key="for tests")
    database = open_database("", settings.data)
    # A seal that is missing later was removed: nothing makes it anew.
    assert bring_up_to_date(settings, database) == []
    assert database.rows("SELECT * FROM seals") == []
    _forget(database, settings.data)
    assert bring_up_to_date(settings, database) == [SEALS_BEGIN]
    [[payload, key]] = database.rows("SELECT payload, key_id FROM seals")
    assert json.loads(payload) == json.loads(made)
    assert key == kept_seal_key(settings.data).id
    found = database.rows("SELECT finding, signature FROM signed_findings")
    assert found == [(signing.finding.id, change["record"])]
    database.close()


def _forget(database, data: Path) -> None:
    """Take the database back to before the seals."""
    with database.write() as tx:
        tx.run("DROP TABLE seals")
        tx.run("DROP TABLE signed_findings")
        tx.run("DELETE FROM schema_migration WHERE name = ?", (SEALS_BEGIN,))
