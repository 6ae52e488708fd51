"""Nothing counts as backed up before all of it is on the disk."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from server.storage import blobs, dump_sqlite
from server.storage.blobs import LocalBlobs
from server.storage.blobs_register import BlobRegister
from server.storage.spaces import Contained, Spaces
from server.upkeep import backup
from server.upkeep.backup import Made, make_backup
from tests.house import House
from tests.people import QINGYANLI

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def make(house: House, folder: Path) -> Made:
    return make_backup(
        house.database, LocalBlobs(house.data), house.data, folder, NOW, "test", lambda *_: None
    )


def backed_up(house: House) -> list[int | None]:
    return [row[0] for row in house.database.rows("SELECT backed_up_seq FROM spaces ORDER BY id")]


@pytest.mark.embedded
@pytest.mark.parametrize("step", ["dump", "flush", "rename"])
def test_a_backup_that_fails_moves_nothing_and_leaves_nothing(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    where: Any = {"dump": dump_sqlite, "flush": backup, "rename": Path}[step]
    with monkeypatch.context() as patch:
        patch.setattr(where, step, full)
        with pytest.raises(OSError, match="No space left"):
            make(house, tmp_path / "backups")
    assert backed_up(house) == [None] * 3
    assert [path.name for path in (tmp_path / "backups").iterdir()] == []
    made = make(house, tmp_path / "backups")
    assert backed_up(house) == [one.head for one in made.spaces]


@pytest.mark.embedded
def test_everything_is_flushed_before_it_counts(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    flush, note = blobs.flush, Spaces.note_backup

    def note_flush(path: Path) -> None:
        steps.append(path.name)
        flush(path)

    def note_counted(self: Spaces, one: Contained) -> bool:
        steps.append("counts")
        return note(self, one)

    for part in (backup, dump_sqlite):
        monkeypatch.setattr(part, "flush", note_flush)
    monkeypatch.setattr(Spaces, "note_backup", note_counted)
    make(house, tmp_path / "backups")
    counted = steps.index("counts")
    assert {"database.sqlite3", "manifest.json", "backups"} <= set(steps[:counted])
    assert set(steps[counted:]) == {"counts"}


@pytest.mark.embedded
def test_the_copy_of_a_damaged_database_does_not_count(house: House, tmp_path: Path) -> None:
    house.database.close()
    file = house.data / "rounds.sqlite3"
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(b"\xff" * 8192)
    with pytest.raises(Exception, match=r"damaged|malformed"):
        make(house, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.embedded
def test_photos_from_before_there_were_notes_get_theirs(house: House, tmp_path: Path) -> None:
    held, source = LocalBlobs(house.data), tmp_path / "photo"
    source.write_bytes(b"photo")
    name = hashlib.sha256(b"photo").hexdigest()
    held.put(name, source)
    BlobRegister(house.database).hold(name, "image/jpeg", 5, (2, 1), "somebody", NOW)
    make(house, tmp_path / "backups")
    copied = LocalBlobs(tmp_path / "backups")
    assert list(copied.noted()) == [(name, "somebody")]
    assert b'"width": 2' in copied.facts(name, "somebody")


def test_backed_up_never_goes_back_and_counts_for_its_own_generation_only(house: House) -> None:
    spaces = Spaces(house.database)
    row = spaces.get(QINGYANLI)
    assert row is not None
    assert spaces.note_backup(Contained(QINGYANLI, row.generation, row.head, row.at))
    assert not spaces.note_backup(Contained(QINGYANLI, row.generation, row.head - 1, ""))
    assert not spaces.note_backup(Contained(QINGYANLI, "before a restore", row.head + 1, ""))
    now = spaces.get(QINGYANLI)
    assert now is not None
    assert now.backed_up_seq == row.head
