"""`make verify` names swapped photos and what is wrong with signatures (issue 3, protocol.md section 8)."""

from __future__ import annotations

import json
from hashlib import sha256 as hash_of
from pathlib import Path
from typing import Any

from tests.api.desk import MOMENT, Finding
from tests.api.estate import P029_A1, Estate, Tablet, photo_of
from tests.evidence.desk import sha256
from tests.factories import new_id
from tests.people import HE_GUILAN, HEADQUARTERS, QINGYANLI, TANG_ZHIQIANG
from tests.signing import DeviceKey, canonical, sign_in_with, signed_record, snapshot
from tests.verify.house import OTHER_PICTURE, PICTURE, Evidence, SignedHouse
from tests.verify.tampering import data_of, named, set_data, shown_by


def test_a_swapped_photo_is_named_with_its_file(evidence: Evidence) -> None:
    evidence.file.chmod(0o644)
    evidence.file.write_bytes(OTHER_PICTURE)
    [line] = evidence.wrong()
    assert "照片被替换 a photo was swapped" in line
    assert "何桂兰" in line
    assert f"blobs/{evidence.file.parent.name}/{evidence.file.name}" in line
    assert evidence.built.photo in line
    assert hash_of(OTHER_PICTURE).hexdigest() in line


def test_a_missing_photo_is_named(evidence: Evidence) -> None:
    evidence.file.unlink()
    [line] = evidence.wrong()
    assert "the file of a photo is missing: space qyl, photo 照片" in line
    assert evidence.file.name in line


def test_a_photo_record_that_names_another_picture_is_named(evidence: Evidence) -> None:
    set_data(evidence, evidence.built.photo, sha256=hash_of(OTHER_PICTURE).hexdigest(), bytes=1)
    lines = evidence.wrong()
    named(lines, "a value of a record was changed", "field sha256")
    named(lines, "a signed photo is another one now", "唐志强", evidence.built.photo)
    named(lines, "a photo record describes its file wrongly", "field bytes", f"{len(PICTURE)} ≠ 1")


def test_a_signature_by_another_key_is_named(evidence: Evidence) -> None:
    text = data_of(evidence, evidence.built.signature)["snapshot"]
    set_data(evidence, evidence.built.signature, device_signature=DeviceKey().sign(text))
    lines = evidence.wrong()
    assert len(lines) == 3
    line = named(
        lines, "签名无效", "a signature is forged", "signature 签字 CL-04 墙面有污迹", "唐志强", "何桂兰"
    )
    assert f"record {evidence.built.signature}" in line
    named(lines, "a value of a record was changed", "field device_signature")
    named(lines, "a seal and its signature disagree", "field device_signature", "唐志强")


def test_other_strokes_are_named(evidence: Evidence) -> None:
    text = canonical({**shown_by(evidence), "strokes": [[[1, 2, 3]]]})
    set_data(evidence, evidence.built.signature, snapshot=text)
    lines = evidence.wrong()
    assert len(lines) == 3
    named(lines, "a signature is forged", "唐志强")
    named(lines, "a seal and its signature disagree", "field snapshot_sha256", "唐志强")
    named(lines, "a value of a record was changed", "field snapshot")


def resigned(evidence: Evidence, **parts: Any) -> list[str]:
    """Someone who has the tablet's key signs another snapshot; what is wrong but the log and the seal, which
    both notice in any case."""
    text = canonical({**shown_by(evidence), **parts})
    key = evidence.built.key
    set_data(evidence, evidence.built.signature, snapshot=text, device_signature=key.sign(text))
    lines = evidence.wrong()
    assert not any("forged" in line for line in lines)
    named(lines, "a value of a record was changed", "field snapshot")
    named(lines, "a seal and its signature disagree", "field snapshot_sha256")
    named(lines, "a seal and its signature disagree", "field device_signature")
    noticed = ("a value of a record was changed", "a seal and its signature disagree")
    return [line for line in lines if not any(words in line for words in noticed)]


def test_the_snapshot_of_a_foreign_finding_is_named(evidence: Evidence) -> None:
    other = shown_by(evidence, evidence.built.refusal)
    lines = resigned(evidence, **{name: other[name] for name in ("findings", "lines", "check")})
    for field in ("findings", "lines", "check"):
        named(lines, "a signature's record and its snapshot disagree", f"field {field}", "唐志强")
    assert any("leaves out a line" in line and evidence.built.finding in line for line in lines)
    assert any("does not belong to it" in line and evidence.built.unsigned in line for line in lines)


def test_a_snapshot_that_shows_other_than_was_signed_is_named(evidence: Evidence) -> None:
    shown = shown_by(evidence)
    shown["findings"][0]["class"]["code"] = "MIN"
    [line] = resigned(evidence, findings=shown["findings"])
    assert "what was read in a snapshot is not what its lines bind" in line
    assert "field class" in line


def test_a_signed_value_that_never_was_is_named(evidence: Evidence) -> None:
    shown = shown_by(evidence)
    shown["findings"][0]["description"] = "墙面很干净"
    shown["lines"][3]["value"]["description"] = "墙面很干净"
    lines = resigned(evidence, findings=shown["findings"], lines=shown["lines"])
    named(lines, "a signed value is not what the log says", "field description", "墙面很干净 ≠ 墙面有污迹")
    named(lines, "a signed field was changed", "field description")


def test_another_signer_or_a_snapshot_that_is_not_canonical_is_named(evidence: Evidence) -> None:
    signer = shown_by(evidence, evidence.built.refusal)["signer"]
    [line] = resigned(evidence, signer=signer)
    assert "a signature's record and its snapshot disagree" in line
    assert "field signer" in line


def test_a_snapshot_in_another_form_is_named(evidence: Evidence) -> None:
    [line] = resigned(evidence, form="rounds-signature-0")
    assert "a signed snapshot has the wrong form" in line


def test_a_lost_mark_is_named(evidence: Evidence) -> None:
    """Without its mark a signed field could be changed without anybody being asked."""
    evidence.run("UPDATE records SET signed = '{}' WHERE id = ?", evidence.built.unsigned)
    lines = evidence.wrong()
    assert len(lines) == 6
    named(lines, "a signed unit lost its mark", "field evaluation", "姚春燕", evidence.built.unsigned)


def test_a_replaced_device_key_is_named(evidence: Evidence) -> None:
    device = shown_by(evidence)["device"]
    evidence.run("UPDATE devices SET public_key = ? WHERE id = ?", json.dumps(DeviceKey().jwk), device)
    lines = evidence.wrong()
    assert all("a signature is forged" in line and f"device {device}" in line for line in lines)
    assert len(lines) == 4
    named(lines, "唐志强", "墙面有污迹")
    named(lines, "姚春燕", "扶手松动")


def test_a_device_without_key_or_with_rubbish_is_named(evidence: Evidence) -> None:
    device = shown_by(evidence)["device"]
    evidence.run("UPDATE devices SET public_key = 'rubbish' WHERE id = ?", device)
    assert len(evidence.wrong()) == 4
    evidence.run("UPDATE devices SET public_key = NULL WHERE id = ?", device)
    lines = evidence.wrong()
    named(lines, "the device of a signature has no key", "唐志强", "墙面有污迹")
    assert len(lines) == 4


def test_photos_that_arrived_in_another_order_than_they_were_shown_in_are_no_fault(tmp_path: Path) -> None:
    """After a restore what is new goes up before what is sent again. Found by the simulation with the real
    client: `make verify` called such a signature wrong."""
    estate, key = Estate(tmp_path / "data", MOMENT), DeviceKey()
    lead = Tablet(estate, HE_GUILAN)
    sign_in_with(lead, key)
    check = lead.check(P029_A1, MOMENT)
    shots = [photo_of(HE_GUILAN, check, P029_A1, sha256(PICTURE)) for _ in range(2)]
    finding = Finding(lead)
    evaluated = finding.evaluate(responsible_person=TANG_ZHIQIANG.id)
    later, earlier = (
        finding.patch({}, {}, add={"photos": [{"id": new_id(), "value": shot["record"]}]}) for shot in shots
    )
    for change in (*shots, evaluated, later, earlier):
        assert lead.save(QINGYANLI, change)["status"] == "applied"
    pulled = lead.pull(HEADQUARTERS) | lead.pull(QINGYANLI)
    shown = snapshot(pulled, [finding.id], new_id(), TANG_ZHIQIANG, HE_GUILAN, lead.device)
    [line] = [line for line in shown["lines"] if line["unit"] == "photos"]
    line["version"] = later["id"]
    assert lead.save(QINGYANLI, signed_record(shown, key))["status"] == "applied"
    estate.close()
    held = Evidence(estate.data, SignedHouse(estate.data, key))
    assert held.wrong() == []
    held.database.close()
