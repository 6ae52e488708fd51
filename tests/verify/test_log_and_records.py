"""`make verify` names every row of log and records that was changed behind the server's back (issue 3)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.cli import verify_data
from server.config import Settings
from server.rules.acts import Act, Actor
from server.storage.acts import note_act
from server.storage.models import LogEntry
from server.storage.rows import read_log_row
from sync.chain import link
from tests.verify.house import Evidence
from tests.verify.tampering import named, seq_of, set_data


def test_an_untouched_house_is_clean_and_nothing_is_written(evidence: Evidence) -> None:
    before = {path: path.stat().st_mtime_ns for path in evidence.data.rglob("*") if path.is_file()}
    status, lines = evidence.verify()
    assert (status, len(lines)) == (0, 2), lines
    assert "4 signatures, 1 photos" in lines[1]
    assert lines[0].endswith("全部相符。")
    after = {path: path.stat().st_mtime_ns for path in evidence.data.rglob("*") if path.is_file()}
    # SQLite's own files for readers come and go with a connection.
    assert {p: t for p, t in after.items() if "sqlite3-" not in p.name} == {
        p: t for p, t in before.items() if "sqlite3-" not in p.name
    }


def test_an_empty_folder_is_no_clean_house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_data(Settings(data=tmp_path / "nothing")) == 2
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


def test_a_receipt_that_was_removed_is_named(evidence: Evidence) -> None:
    change = evidence.built.changes["evaluate"]
    commit = evidence.one('SELECT "commit" FROM log WHERE change = ?', change)
    evidence.run("DELETE FROM receipts WHERE id = ?", commit)
    [line] = evidence.wrong()
    assert f"a commit in the log has lost its receipt: space qyl, seq {seq_of(evidence, 'evaluate')}" in line
    assert "何桂兰" in line
    assert f"commit {commit}" in line


def test_a_receipt_that_was_moved_to_another_commit_is_named(evidence: Evidence) -> None:
    change = evidence.built.changes["moved"]
    commit = evidence.one('SELECT "commit" FROM log WHERE change = ?', change)
    evidence.run("UPDATE receipts SET space = 'hq' WHERE id = ?", commit)
    lines = evidence.wrong()
    named(lines, "a commit in the log has lost its receipt", f"commit {commit}")


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


def test_a_changed_or_removed_act_of_administration_is_named(evidence: Evidence) -> None:
    """Revoked tablets, disabled accounts, PINs: their journal is a chain too."""
    actor = Actor("admin", "desk", "2026-11-24T10:00:00+08:00")
    for reason in ("屏幕损坏", "丢失", "找回"):
        with evidence.database.write() as tx:
            note_act(tx, Act(actor, "device", "tablet", {}, {"state": "revoked"}, reason))
    count = evidence.one("SELECT MAX(number) FROM acts")
    assert evidence.wrong() == []
    evidence.run("UPDATE acts SET reason = 'x' WHERE number = ?", count - 1)
    [line] = evidence.wrong()
    assert (
        f"the journal of administrative acts was changed: its hash chain breaks here: act {count - 1}" in line
    )
    evidence.run("UPDATE acts SET reason = '丢失' WHERE number = ?", count - 1)
    evidence.run("DELETE FROM acts WHERE number = ?", count)
    [line] = evidence.wrong()
    assert f"act {count}" in line
