"""A server that comes back from a backup is filled up again by its devices (I14), photos included (I10)."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.factories import post
from tests.people import HAN_JINGYI, HE_GUILAN, QINGYANLI, TANG_ZHIQIANG
from tests.remote import Remote
from tests.served import Served
from tests.upkeep.conftest import Run
from tests.upkeep.keeper import Keeper


@pytest.fixture
def keepers(served: Served) -> list[Keeper]:
    """Two tablets."""
    address = f"http://127.0.0.1:{served.port}"
    director, place = Remote(address, HAN_JINGYI).sign_in(), post()
    director.save(QINGYANLI, place)
    people = ((100, HE_GUILAN), (200, TANG_ZHIQIANG))
    return [Keeper(address, person, place["record"], seed) for seed, person in people]


def back_up(run: Run, folder: Path) -> Path:
    """Back up; where the backup lies."""
    before = set(folder.glob("2*"))
    done = run("backup", folder)
    assert done.status == 0, done.out + done.err
    [place] = set(folder.glob("2*")) - before
    return place


def contained(place: Path) -> dict[str, int]:
    """How far a backup says that it goes."""
    manifest: dict[str, Any] = json.loads((place / "manifest.json").read_text())
    return {one["id"]: one["head"] for one in manifest["spaces"]}


def restart(served: Served, run: Run, place: Path, **options: Any) -> None:
    """Stop, restore, serve again."""
    served.stop()
    done = run("restore", place, **options)
    assert done.status == 0, done.out + done.err
    named = served.database_url.rpartition("/")[2] or "rounds.sqlite3"
    assert f"{named}. " in done.out, "it says what it has changed"
    served.start()


def test_a_restored_server_is_filled_up_again(served: Served, keepers, run: Run, tmp_path: Path) -> None:
    first, second = keepers
    for keeper in keepers:
        keeper.work()
        keeper.take_photo()
    place = back_up(run, tmp_path / "backups")
    for keeper in keepers:
        keeper.pull()
        assert keeper.held == {}, "what a backup holds need not be kept twice"
        for _ in range(3):
            keeper.work()
    later = second.take_photo()
    restart(served, run, place)
    assert second.remote.get(f"/blobs/{later}").status_code == 200, (
        "its bytes never went away, nor whose they are"
    )
    # The second one first: whose commits are missing must not matter to the other's.
    for keeper in (second, first, second):
        keeper.pull()
        assert keeper.rebuilt == 1
    assert [keeper.lost() for keeper in keepers] == [[], []]
    assert first.base == second.base
    for keeper in keepers:
        for name in keeper.photos:
            assert keeper.remote.post("/blobs/have", json={"sha256": [name]}).json() == {"held": [name]}
            assert keeper.remote.get(f"/blobs/{name}", size="thumb").status_code == 200
    done = run("verify")
    assert done.status == 0, done.out + done.err


@pytest.mark.long_on("sqlite")
def test_a_backup_holds_what_devices_are_told_that_it_holds(
    served: Served, keepers, run: Run, tmp_path: Path
) -> None:
    """Made while both push without pause: neither more nor less than its own head counts as backed up."""
    enough = threading.Event()

    def push(keeper: Keeper) -> None:
        while not enough.is_set():
            keeper.work()

    threads = [threading.Thread(target=push, args=(keeper,)) for keeper in keepers]
    for thread in threads:
        thread.start()
    try:
        places = [back_up(run, tmp_path / "backups"), back_up(run, tmp_path / "more")]
    finally:
        enough.set()
        for thread in threads:
            thread.join()
    head = contained(places[1])[QINGYANLI]
    assert contained(places[0])[QINGYANLI] < head, "they pushed meanwhile"
    keepers[0].pull()
    answer = keepers[0].remote.push(QINGYANLI)
    assert (answer["backed_up_seq"], answer["head"] > head) == (head, True)
    # All that the devices let go of is in there: restored alone, without their help, it holds it.
    kept = {ident for keeper in keepers for ident in (keeper.pull(), keeper.held)[1]}
    gone = {ident: commit for keeper in keepers for ident, commit in keeper.made.items() if ident not in kept}
    assert gone
    assert kept
    restart(served, run, places[1])
    keepers[0].held.clear()
    keepers[0].pull()
    records = {change["record"] for commit in gone.values() for change in commit["changes"]}
    assert records <= keepers[0].base.keys()


@pytest.mark.long_on("postgresql")
def test_an_older_backup_than_the_last_one(served: Served, keepers, run: Run, tmp_path: Path) -> None:
    """The newest one is unreadable, and the tablets have not heard of it: nothing is lost."""
    first, second = keepers
    first.work()
    old = back_up(run, tmp_path / "backups")
    for keeper in keepers:
        keeper.work()
    new = back_up(run, tmp_path / "more")
    [dumped] = new.glob("database.*")
    with dumped.open("r+b") as file:
        file.truncate(dumped.stat().st_size // 2)
    refused = run("restore", new)
    assert (refused.status, "is not the file that was backed up" in refused.err) == (2, True)
    second.pull()
    assert second.rebuilt == 0, "and nothing has changed"
    second.work()
    restart(served, run, old)
    first.pull()
    # What the second backup held is gone from it, but it had not been seen by the first tablet.
    assert first.lost() == []
    assert run("verify").status == 0


@pytest.mark.long_on("sqlite")
def test_what_would_do_harm_is_refused(served: Served, run: Run, tmp_path: Path) -> None:
    place = back_up(run, tmp_path / "backups")
    refused = run("restore", place)
    assert (refused.status, "stop it first" in refused.err) == (2, True)
    if served.database_url:
        # One on another machine has another data folder.
        refused = run("restore", place, data=tmp_path / "elsewhere")
        assert (refused.status, "stop all of them" in refused.err) == (2, True)
    served.stop()
    assert run("restore", tmp_path).status == 2
    (served.data / "seal.pem").write_text("another key")
    refused = run("restore", place)
    assert (refused.status, "another key" in refused.err) == (2, True)


@pytest.mark.embedded
def test_a_database_that_was_brought_back_by_other_means(
    served: Served, keepers, run: Run, tmp_path: Path
) -> None:
    """A snapshot of the machine, say: devices cannot see by themselves that what they had is gone."""
    [first, second], file = keepers, served.data / "rounds.sqlite3"
    first.work()
    first.pull()
    back_up(run, tmp_path)
    [snapshot] = tmp_path.glob("2*/database.sqlite3")
    for keeper in keepers:
        keeper.work()
    later = second.take_photo()
    refused = run("restored")
    assert (refused.status, "stop it first" in refused.err) == (2, True)
    served.stop()
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    shutil.copy(snapshot, file)
    assert run("restored").status == 0
    served.start()
    for keeper in (first, second, first):
        keeper.pull()
    assert [keeper.lost() for keeper in keepers] == [[], []]
    assert first.rebuilt == 1
    assert second.remote.post("/blobs/have", json={"sha256": [later]}).json() == {"held": [later]}
    assert run("verify").status == 0


@pytest.mark.embedded
def test_a_house_moves_to_another_machine(served: Served, keepers, run: Run, tmp_path: Path) -> None:
    """Into an empty folder: keys and photos come from the backup too. Only new photos are copied each time,
    and one that is not what its name says is named and left out."""
    keepers[0].take_photo()
    back_up(run, tmp_path / "backups")
    name = keepers[0].take_photo()
    file = served.data / "blobs" / name[:2] / name[2:]
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"!")
    done = run("backup", tmp_path / "backups")
    assert (done.status, f"✗ The photo is not what its name says: {name}" in done.out) == (1, True)
    assert "2 photos, 0 of them new" in done.out
    file.write_bytes(whole)
    served.stop()
    place, there = back_up(run, tmp_path / "backups"), tmp_path / "new machine"
    there.mkdir()
    if os.geteuid() == 0:
        os.chown(there, 65534, 65534)
    done = run("restore", place, data=there)
    assert done.status == 0, done.out + done.err
    if not served.database_url:
        restored = (there / "rounds.sqlite3").stat()
        assert (restored.st_uid, restored.st_gid) == (there.stat().st_uid, there.stat().st_gid)
    assert (there / "seal.pem").read_bytes() == (served.data / "seal.pem").read_bytes()
    assert (there / "seal.pem").stat().st_mode & 0o077 == 0
    done = run("verify", data=there)
    assert (done.status, "2 photos" in done.out) == (0, True), done.out + done.err


@pytest.mark.embedded
def test_what_the_machine_cannot_do_is_said_in_words(served: Served, run: Run) -> None:
    done = run("backup", "/proc/here")
    assert done.status == 4
    assert "could not be done" in done.err
    assert "Traceback" not in done.err
