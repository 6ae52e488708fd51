"""`make verify` names whatever was changed behind the server's back (issue 3, `protocol.md` section 8)."""

from __future__ import annotations

import json
from hashlib import sha256 as hash_of
from typing import Any

from server.storage.models import LogEntry
from server.storage.rows import read_log_row
from sync.chain import link
from tests.signing import DeviceKey, canonical
from tests.verify.house import OTHER_PICTURE, PICTURE, Evidence


def named(lines: list[str], *words: str) -> str:
    """The one line that says all of this."""
    found = [line for line in lines if all(word in line for word in words)]
    assert len(found) == 1, (words, lines)
    return found[0]


def data_of(evidence: Evidence, record: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(evidence.one("SELECT data FROM records WHERE id = ?", record))
    return found


def set_data(evidence: Evidence, record: str, **fields: Any) -> None:
    """Write values into a record, past the engine."""
    text = json.dumps({**data_of(evidence, record), **fields}, ensure_ascii=False)
    evidence.run("UPDATE records SET data = ? WHERE id = ?", text, record)


def shown_by(evidence: Evidence, signature: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data_of(evidence, signature or evidence.built.signature)["snapshot"])
    return found


def seq_of(evidence: Evidence, change: str) -> int:
    return int(
        evidence.one("SELECT seq FROM log WHERE change = ?", evidence.built.changes.get(change, change))
    )


def test_an_untouched_house_is_clean_and_nothing_is_written(evidence: Evidence) -> None:
    before = {path: path.stat().st_mtime_ns for path in evidence.data.rglob("*") if path.is_file()}
    status, lines = evidence.verify()
    assert (status, len(lines)) == (0, 2), lines
    assert "2 signatures, 1 photos" in lines[1]
    assert lines[0].endswith("全部相符。")
    after = {path: path.stat().st_mtime_ns for path in evidence.data.rglob("*") if path.is_file()}
    # SQLite's own files for readers come and go with a connection.
    assert {p: t for p, t in after.items() if "sqlite3-" not in p.name} == {
        p: t for p, t in before.items() if "sqlite3-" not in p.name
    }


def test_an_empty_folder_is_no_clean_house(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    from server import cli
    from server.config import Settings

    assert cli.verify_data(Settings(data=tmp_path / "nothing")) == 2
    assert not (tmp_path / "nothing").exists()
    assert "There are no data" in capsys.readouterr().out


def test_a_changed_payload_in_the_log_is_named(evidence: Evidence) -> None:
    seq = seq_of(evidence, "create")
    payload = evidence.one("SELECT payload FROM log WHERE change = ?", evidence.built.changes["create"])
    spoilt = payload.replace("墙面有污迹".encode(), "墙面很干净".encode())
    assert spoilt != payload
    evidence.run("UPDATE log SET payload = ? WHERE change = ?", spoilt, evidence.built.changes["create"])
    lines = evidence.wrong()
    named(
        lines, "the content or salt of a log row was changed", f"space qyl, seq {seq}, finding 问题", "何桂兰"
    )
    named(lines, "a value of a record was changed", "field description", "墙面很干净 ≠ 墙面有污迹")
    named(lines, "a signed value is not what the log says", "field description", "唐志强")


def test_a_changed_log_row_is_named(evidence: Evidence) -> None:
    seq = seq_of(evidence, "evaluate")
    evidence.run(
        "UPDATE log SET made_at = ? WHERE seq = ? AND space = 'qyl'", "2026-11-01T08:00:00+08:00", seq
    )
    [line] = evidence.wrong()
    assert f"a log row was changed: the hash chain breaks here: space qyl, seq {seq}, finding" in line
    assert "何桂兰" in line
    assert evidence.built.changes["evaluate"] in line


def test_two_changed_rows_are_both_named(evidence: Evidence) -> None:
    first, second = seq_of(evidence, "create"), seq_of(evidence, "moved")
    for seq in (first, second):
        evidence.run("UPDATE log SET arrived_at = 'x' WHERE seq = ? AND space = 'qyl'", seq)
    lines = evidence.wrong()
    assert len(lines) == 2
    named(lines, f"seq {first},")
    named(lines, f"seq {second},")


def test_a_row_whose_chain_was_written_anew_breaks_at_the_next(evidence: Evidence) -> None:
    seq = seq_of(evidence, "evaluate")
    evidence.run("UPDATE log SET made_at = 'x' WHERE seq = ? AND space = 'qyl'", seq)
    select = evidence.database.table(LogEntry).select
    row = evidence.database.row(f"{select} WHERE space = 'qyl' AND seq = ?", (seq,))
    before = evidence.one("SELECT chain FROM log WHERE space = 'qyl' AND seq = ?", seq - 1)
    assert row is not None
    evidence.run(
        "UPDATE log SET chain = ? WHERE space = 'qyl' AND seq = ?", link(before, read_log_row(row)), seq
    )
    [line] = evidence.wrong()
    assert f"the hash chain breaks here: space qyl, seq {seq + 1}," in line


def test_a_removed_log_row_is_named(evidence: Evidence) -> None:
    change = evidence.built.changes["moved"]
    seq = seq_of(evidence, "moved")
    evidence.run("DELETE FROM log WHERE change = ?", change)
    lines = evidence.wrong()
    named(lines, "log rows were removed", f"space qyl, seq {seq}")
    named(lines, "an acknowledged change is not in the log", f"seq {seq}", "何桂兰", change)
    named(lines, "names no change in the log", "field evaluation", evidence.built.finding, change)


def test_the_newest_log_row_removed_is_named(evidence: Evidence) -> None:
    head = evidence.one("SELECT head FROM spaces WHERE id = 'qyl'")
    evidence.run("DELETE FROM log WHERE space = 'qyl' AND seq = ?", head)
    named(evidence.wrong(), "the newest log rows were removed", f"space qyl, seq {head}")


def test_the_newest_row_removed_with_the_head_is_found_by_its_receipt(evidence: Evidence) -> None:
    head = evidence.one("SELECT head FROM spaces WHERE id = 'hq'")
    change = evidence.one("SELECT change FROM log WHERE space = 'hq' AND seq = ?", head)
    before = evidence.one("SELECT chain FROM log WHERE space = 'hq' AND seq = ?", head - 1)
    evidence.run("DELETE FROM records WHERE last_change = ?", change)
    evidence.run("DELETE FROM log WHERE change = ?", change)
    evidence.run("UPDATE spaces SET head = ?, at = ? WHERE id = 'hq'", head - 1, before)
    [line] = evidence.wrong()
    assert "an acknowledged change is not in the log: space hq" in line
    assert change in line


def test_a_changed_head_is_named(evidence: Evidence) -> None:
    evidence.run("UPDATE spaces SET at = ? WHERE id = 'qyl'", "0" * 64)
    [line] = evidence.wrong()
    assert "the head of the space is not that of its log: space qyl" in line


def test_what_was_erased_by_rule_is_said_and_not_wrong(evidence: Evidence) -> None:
    """A note that was overwritten long ago: its content may go, the chain stands."""
    change, seq = evidence.built.changes["moved"], seq_of(evidence, "moved")
    evidence.run("UPDATE log SET payload = ?, salt = ? WHERE change = ?", b"", b"", change)
    lines = evidence.wrong()
    status, said = evidence.verify()
    named(said, "· 按规定删除的内容 erased by rule: space qyl", f"seq {seq}")
    assert "(1 erased by rule)" in said[-1]
    # The value itself must go with its proof.
    assert (status, len(lines)) == (1, 1)
    named(
        lines, "still holds a value whose log content is erased", "field evaluation", evidence.built.finding
    )


def test_a_changed_signed_field_is_named_with_person_finding_and_field(evidence: Evidence) -> None:
    set_data(evidence, evidence.built.finding, **{"class": "MIN"})
    lines = evidence.wrong()
    assert len(lines) == 2
    named(
        lines, "a value of a record was changed", "finding 问题 CL-04 墙面有污迹", "field class", "GEN ≠ MIN"
    )
    line = named(lines, "已签字的字段被改动 a signed field was changed", "field class", "唐志强", "GEN ≠ MIN")
    assert evidence.built.finding in line
    assert "墙面有污迹" in line


def test_a_changed_unsigned_field_is_named(evidence: Evidence) -> None:
    set_data(evidence, evidence.built.finding, due_at="2027-11-09T18:00:00+08:00")
    [line] = evidence.wrong()
    assert "a value of a record was changed: space qyl" in line
    assert "field due_at" in line


def test_a_value_from_nowhere_and_one_gone_are_named(evidence: Evidence) -> None:
    set_data(evidence, evidence.built.finding, invented="x", corrections=[])
    lines = evidence.wrong()
    named(lines, "field invented")
    named(lines, "a value of a record was changed", "field corrections")
    assert len(lines) == 2


def test_a_record_put_back_to_an_earlier_version_is_named(evidence: Evidence) -> None:
    finding, changes = evidence.built.finding, evidence.built.changes
    versions = json.loads(evidence.one("SELECT versions FROM records WHERE id = ?", finding))
    versions["evaluation"] = changes["evaluate"]
    evidence.run("UPDATE records SET versions = ? WHERE id = ?", json.dumps(versions), finding)
    set_data(evidence, finding, due_at="2026-11-06T18:00:00+08:00")
    lines = evidence.wrong()
    named(lines, "names an earlier version as current", "field evaluation", changes["moved"])
    named(lines, "field due_at")


def test_a_change_made_to_count_nowhere_is_named(evidence: Evidence) -> None:
    """Everything beside the hashed content is put so that a change seems never to have counted."""
    finding, changes = evidence.built.finding, evidence.built.changes
    versions = json.loads(evidence.one("SELECT versions FROM records WHERE id = ?", finding))
    versions["evaluation"] = changes["evaluate"]
    evidence.run("UPDATE records SET versions = ? WHERE id = ?", json.dumps(versions), finding)
    set_data(evidence, finding, due_at="2026-11-06T18:00:00+08:00")
    evidence.run("UPDATE log SET replaced = '{}' WHERE change = ?", changes["moved"])
    [line] = evidence.wrong()
    assert "a change counts nowhere: neither current nor in a conflict" in line
    assert "field evaluation" in line
    assert changes["moved"] in line


def test_values_noted_beside_a_log_row_must_fit_its_content(evidence: Evidence) -> None:
    """The chain does not hash what the engine noted beside a payload: record and note are changed alike."""
    change = evidence.built.changes["moved"]
    values = json.loads(evidence.one('SELECT "values" FROM log WHERE change = ?', change))
    values["evaluation"]["class"] = "MIN"
    evidence.run('UPDATE log SET "values" = ? WHERE change = ?', json.dumps(values), change)
    set_data(evidence, evidence.built.finding, **{"class": "MIN"})
    lines = evidence.wrong()
    named(lines, "the values noted beside a log row do not fit its content", "field evaluation", change)
    named(lines, "a signed field was changed", "field class")


def test_rubbish_in_any_column_is_named_and_stops_nothing(evidence: Evidence) -> None:
    finding, changes = evidence.built.finding, evidence.built.changes
    evidence.run("UPDATE records SET data = '{' WHERE id = ?", evidence.built.unsigned)
    evidence.run("UPDATE log SET replaced = '[' WHERE change = ?", changes["last"])
    evidence.run("UPDATE records SET data = ? WHERE id = ?", "[]", finding)
    lines = evidence.wrong()
    named(lines, "a record cannot be read", evidence.built.unsigned)
    named(lines, "a record cannot be read", finding)
    assert any("a log row replaces another version" in line and changes["last"] in line for line in lines)


def test_a_removed_record_is_named(evidence: Evidence) -> None:
    evidence.run("DELETE FROM records WHERE id = ?", evidence.built.unsigned)
    lines = evidence.wrong()
    named(lines, "a record was removed; the log still has it", "finding 问题", "何桂兰", "扶手松动")
    named(lines, "names a finding that is not of its check", "姚春燕")


def test_a_record_from_nowhere_is_named(evidence: Evidence) -> None:
    row = evidence.database.row("SELECT * FROM records WHERE id = ?", (evidence.built.finding,))
    assert row is not None
    marks = ", ".join("?" * len(row))
    evidence.run(f"INSERT INTO records VALUES ({marks})", "0189aaaa-0000-7000-8000-000000000001", *row[1:])
    [line] = evidence.wrong()
    assert "a record that no log row made: space qyl, finding" in line


def test_head_data_of_a_record_are_checked(evidence: Evidence) -> None:
    for column, value in (("audience", "hr"), ("deleted", 1), ("author", "x"), ("seq", 1)):
        evidence.run(f"UPDATE records SET {column} = ? WHERE id = ?", value, evidence.built.finding)
    lines = evidence.wrong()
    for field in ("audience", "deleted", "author", "seq"):
        named(lines, "what stands beside a record's values", f"field {field}")
    assert len(lines) == 4


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
    assert len(lines) == 2
    line = named(
        lines, "签名无效", "a signature is forged", "signature 签字 CL-04 墙面有污迹", "唐志强", "何桂兰"
    )
    assert f"record {evidence.built.signature}" in line
    named(lines, "a value of a record was changed", "field device_signature")


def test_other_strokes_are_named(evidence: Evidence) -> None:
    text = canonical({**shown_by(evidence), "strokes": [[[1, 2, 3]]]})
    set_data(evidence, evidence.built.signature, snapshot=text)
    lines = evidence.wrong()
    assert len(lines) == 2
    named(lines, "a signature is forged", "唐志强")
    named(lines, "a value of a record was changed", "field snapshot")


def resigned(evidence: Evidence, **parts: Any) -> list[str]:
    """Someone who has the tablet's key signs another snapshot; what is wrong but the log."""
    text = canonical({**shown_by(evidence), **parts})
    key = evidence.built.key
    set_data(evidence, evidence.built.signature, snapshot=text, device_signature=key.sign(text))
    lines = evidence.wrong()
    assert not any("forged" in line for line in lines)
    return [line for line in lines if "a value of a record was changed" not in line]


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
    assert len(lines) == 2
    named(lines, "a signature is forged", "唐志强", f"device {device}")
    named(lines, "a signature is forged", "姚春燕", f"device {device}")


def test_a_device_without_key_or_with_rubbish_is_named(evidence: Evidence) -> None:
    device = shown_by(evidence)["device"]
    evidence.run("UPDATE devices SET public_key = 'rubbish' WHERE id = ?", device)
    assert len(evidence.wrong()) == 2
    evidence.run("UPDATE devices SET public_key = NULL WHERE id = ?", device)
    lines = evidence.wrong()
    named(lines, "the device of a signature has no key", "唐志强")
    assert len(lines) == 2
