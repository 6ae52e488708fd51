"""`make verify` names what is wrong with the seals of a whole house (X-07, issue 3, decision 0013)."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from typing import Any

from server.evidence.seal import kept_seal_key
from tests.signing import canonical
from tests.verify.house import Evidence
from tests.verify.tampering import named


def sealed(evidence: Evidence) -> dict[str, Any]:
    text = evidence.one("SELECT payload FROM seals WHERE signature = ?", evidence.built.signature)
    found: dict[str, Any] = json.loads(text)
    return found


def reseal(evidence: Evidence, parts: Mapping[str, Any], hand: str | None = None) -> None:
    """Put another seal over the signature: with this ``hand``, else with the server's own key."""
    payload = canonical(sealed(evidence) | dict(parts))
    hand = hand or kept_seal_key(evidence.data).sign(payload)
    evidence.run("UPDATE seals SET payload = ?, seal = ? WHERE signature = ?", payload, hand,
                 evidence.built.signature)  # fmt: skip


def test_every_signature_is_sealed_with_the_key_of_the_folder(evidence: Evidence) -> None:
    assert evidence.wrong() == []
    rows = evidence.database.rows("SELECT signature, seq, key_id FROM seals")
    assert len(rows) == 4
    assert {row[2] for row in rows} == {kept_seal_key(evidence.data).id}


def test_a_missing_seal_is_named(evidence: Evidence) -> None:
    evidence.run("DELETE FROM seals WHERE signature = ?", evidence.built.signature)
    [line] = evidence.wrong()
    assert "签字没有封签 a signature without its seal" in line
    assert f"record {evidence.built.signature}" in line
    assert "唐志强" in line


def test_a_changed_seal_is_named(evidence: Evidence) -> None:
    hand = evidence.one("SELECT seal FROM seals WHERE signature = ?", evidence.built.signature)
    reseal(evidence, {"arrived_at": "2026-11-01T08:00:00+08:00"}, hand)
    lines = evidence.wrong()
    assert len(lines) == 2
    named(lines, "a server seal is forged", evidence.built.signature, "唐志强")
    named(lines, "a seal and its signature disagree", "field arrived_at", "2026-11-01T08:00:00+08:00 ≠")


def test_a_seal_that_somebody_with_the_key_made_anew_is_named(evidence: Evidence) -> None:
    for field, value in (("seq", 1), ("chain", "0" * 64), ("snapshot_sha256", "0" * 64), ("space", "hq")):
        right = sealed(evidence)[field]
        reseal(evidence, {field: value})
        [line] = evidence.wrong()
        assert "a seal and its signature disagree: space qyl, seq" in line
        assert f"field {field}" in line
        reseal(evidence, {field: right})
    assert evidence.wrong() == []


def test_a_forged_seal_is_named(evidence: Evidence) -> None:
    """By another key, under the id of the right one."""
    forger = kept_seal_key(evidence.data / "elsewhere")
    reseal(evidence, {}, forger.sign(canonical(sealed(evidence))))
    [line] = evidence.wrong()
    assert "服务器封签无效 a server seal is forged" in line
    assert f"key {kept_seal_key(evidence.data).id}" in line


def test_a_seal_of_another_key_is_named(evidence: Evidence) -> None:
    evidence.run("UPDATE seals SET key_id = 'another' WHERE signature = ?", evidence.built.signature)
    [line] = evidence.wrong()
    assert "a seal is by another key than that of seal.pem" in line
    assert "key another" in line


def test_a_changed_server_key_is_named_for_every_seal(evidence: Evidence) -> None:
    kept_seal_key(evidence.data / "elsewhere")
    shutil.move(evidence.data / "elsewhere" / "seal.pem", evidence.data / "seal.pem")
    lines = evidence.wrong()
    assert len(lines) == 4
    assert all("a seal is by another key than that of seal.pem" in line for line in lines)


def test_a_server_key_that_is_gone_or_spoilt_is_named_and_not_made_anew(evidence: Evidence) -> None:
    key = evidence.data / "seal.pem"
    key.unlink()
    assert len(evidence.wrong()) == 4
    assert not key.exists()
    key.write_text("rubbish")
    assert len(evidence.wrong()) == 4
    assert any("seal.pem holds no key of ours" in line for line in evidence.verify()[1])


def test_a_seal_without_its_signature_is_named(evidence: Evidence) -> None:
    evidence.run("UPDATE seals SET signature = 'nothing' WHERE signature = ?", evidence.built.signature)
    lines = evidence.wrong()
    assert len(lines) == 2
    named(lines, "a seal without its signature", "record nothing")
    named(lines, "a signature without its seal", evidence.built.signature)


def test_a_seal_in_another_form_is_named(evidence: Evidence) -> None:
    reseal(evidence, {"form": "rounds-seal-0"})
    [line] = evidence.wrong()
    assert re.search(r"a server seal is forged: .*, field form", line)


def test_a_signature_that_lacks_what_its_act_asks_for_is_named(evidence: Evidence) -> None:
    from tests.verify.test_signatures import resigned

    named(resigned(evidence, identified={"by": "none"}), "a signature lacks what its act asks for", "signed")
