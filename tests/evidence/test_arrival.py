"""What happens when an upload is whole: judged once, stored once, durable before it is said to be held."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.evidence.images import Examined
from server.failures import Failure
from server.storage.blobs import LocalBlobs
from tests.evidence.desk import HE_GUILAN, TANG_ZHIQIANG, Desk, sha256
from tests.evidence.pictures import photo, png_that_says

PHOTO = photo(11)
HASH = sha256(PHOTO)


@pytest.fixture
def examined(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were unfolded, one entry for each time."""
    seen: list[Path] = []
    whole = desk.examiner.examine

    def examine(path: Path, declared: str) -> Examined:
        seen.append(path)
        return whole(path, declared)

    monkeypatch.setattr(desk.examiner, "examine", examine)
    return seen


def test_a_whole_upload_is_judged_once_however_many_look(desk: Desk, examined: list[Path]) -> None:
    upload = desk.announce(PHOTO)
    desk.uploads.append(upload, 0, PHOTO)
    with ThreadPoolExecutor(8) as pool:
        offsets = list(pool.map(lambda _: desk.tus.look(HE_GUILAN, upload.id)[1], range(8)))
    assert offsets == [len(PHOTO)] * 8
    assert (len(examined), desk.arrived) == (1, [HASH])


def test_bytes_that_are_held_are_not_unfolded_again(desk: Desk, examined: list[Path]) -> None:
    desk.send(PHOTO)
    desk.send(PHOTO)
    desk.send(PHOTO, user=TANG_ZHIQIANG)
    assert len(examined) == 1
    assert desk.register.senders_among([HASH]) == {HASH: {HE_GUILAN, TANG_ZHIQIANG}}


def test_bytes_that_were_refused_are_not_unfolded_again(desk: Desk, examined: list[Path]) -> None:
    bomb = png_that_says(8_000, 8_000)
    for user in (HE_GUILAN, TANG_ZHIQIANG):
        with pytest.raises(Failure) as caught:
            desk.send(bomb, "image/png", user)
        assert caught.value.detail["reason"] == "too_many_pixels"
    assert len(examined) == 1
    assert desk.blobs.open(sha256(bomb)) is None
    assert list(desk.uploads.root.rglob("*.bin")) == [], "the bytes are gone, the reason stays"


def test_a_machine_short_of_memory_refuses_nothing_for_good(
    desk: Desk, open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(image: object) -> bytes:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(desk.examiner, "_thumb", exhausted)
        with pytest.raises(MemoryError):
            desk.send(PHOTO)
    assert desk.register.refusals_among([HASH]) == []
    [(_, upload)] = desk.uploads.open_of(HE_GUILAN)
    assert open_desk().tus.look(HE_GUILAN, upload.id)[1] == len(PHOTO)
    assert desk.register.held(HASH) is not None


def test_a_blob_is_on_the_disk_before_it_has_its_name_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "upload.bin"
    source.write_bytes(PHOTO)
    blobs, steps = LocalBlobs(tmp_path), []
    flush, rename = os.fsync, Path.replace

    def note_flush(handle: int) -> None:
        steps.append(("flush", Path(f"/proc/self/fd/{handle}").readlink()))
        flush(handle)

    def note_rename(path: Path, target: Path) -> Path:
        steps.append(("rename", target))
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", note_flush)
    monkeypatch.setattr(Path, "replace", note_rename)
    blobs.put(HASH, source)
    folder = tmp_path / "blobs" / HASH[:2]
    assert [step for step, _ in steps][-3:] == ["flush", "rename", "flush"]
    assert steps[-3][1].parent == folder
    assert steps[-2][1] == folder / HASH[2:]
    assert steps[-1][1] == folder
    assert ("flush", tmp_path / "blobs") in steps, "the name of a new folder is flushed too"


@pytest.mark.parametrize("linked", [True, False])
def test_a_stored_blob_outlives_its_upload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    def no_links(*_: object) -> None:
        raise OSError("another file system")

    if not linked:
        monkeypatch.setattr(os, "link", no_links)
    source = tmp_path / "upload.bin"
    source.write_bytes(PHOTO)
    blobs = LocalBlobs(tmp_path)
    blobs.put(HASH, source)
    source.unlink()
    blobs.put(HASH, source)  # held already: nothing is read
    stored = blobs.open(HASH)
    assert stored is not None
    with stored:
        assert stored.read() == PHOTO


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    with pytest.raises(FileNotFoundError):
        blobs.put(HASH, tmp_path / "no such file")
    assert blobs.open(HASH) is None
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["../../secret", "A" * 64, "a" * 63, "a" * 64 + "\n", ""])
def test_only_a_hash_is_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        LocalBlobs(tmp_path).open(name)


def test_an_upload_that_a_restored_database_does_not_know_is_sent_anew(desk: Desk) -> None:
    """Found by the simulation with the real client: the tablet asked its old upload for ever, which said
    `done`, while `have` said that nothing is held."""
    upload = desk.send(PHOTO)
    assert desk.tus.look(HE_GUILAN, upload.id)[1] == len(PHOTO)
    with desk.database.write() as tx:
        tx.run("DELETE FROM blobs")
    with pytest.raises(Failure) as caught:
        desk.tus.look(HE_GUILAN, upload.id)
    assert caught.value.code == "upload_expired"
    desk.send(PHOTO)
    assert desk.register.held(HASH) is not None
