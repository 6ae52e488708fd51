"""A full disk: said in words, nothing half-written, and the service goes on by itself when there is room."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import requests

from server import cli
from server.config import Settings
from tests.evidence.desk import sha256
from tests.evidence.pictures import photo
from tests.factories import inspection
from tests.faults.cutter import Cutter
from tests.faults.sender import Sender, tablet_upload
from tests.faults.small_disk import Disk, ShortFiles, may_mount, small_disk
from tests.house import House
from tests.people import HE_GUILAN
from tests.served import Served

MEGABYTES = 12
KINDS = ("mounted", "limited") if may_mount() else ("limited",)
PLACES = ("", "uploads", "blobs", "derivatives")
"""Below the data folder: where the small disk is."""
PHOTO = photo(7, size=(1600, 1200), quality=95)


@contextmanager
def cramped(folder: Path, kind: str, place: str = "") -> Iterator[tuple[Served, Disk]]:
    """A served house whose data, or a part of them, are on a disk that can be filled."""
    House(folder / "data").close()
    served = Served(folder / "data")
    try:
        if kind == "limited":
            served.start()
            yield served, ShortFiles(served)
            return
        with small_disk(folder / "data" / place, MEGABYTES) as disk:
            served.start()
            yield served, disk
            served.kill()
    finally:
        served.kill()


def verified(served: Served) -> bool:
    """Whether everything that is stored holds."""
    with redirect_stdout(StringIO()):
        return cli.verify_data(Settings(data=served.data, secret_key="unused")) == 0


def told(answer: requests.Response) -> None:
    """In words of both languages, and to come back."""
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (503, "storage_full"), answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert problem["message"]
    assert problem["message_en"]


@pytest.mark.parametrize("kind", KINDS)
def test_pushes_wait_and_nothing_is_half_written(tmp_path: Path, kind: str) -> None:
    with cramped(tmp_path, kind) as (served, disk):
        sender = Sender(served, HE_GUILAN)
        assert sender.push(sender.commit(inspection(HE_GUILAN))).status_code == 200
        disk.fill(leave=200_000)
        taken_in, refused = _push_until_refused(sender)
        told(refused)
        if kind == "mounted":
            served.kill()
            served.start()
            # Starting, the database put its log away, which made some room.
            disk.fill()
            told(sender.push(sender.made[-1]))
        else:
            told(sender.push())
        assert sender.get("/sync/scope").status_code == 200, "reading goes on, also after a restart"
        assert verified(served)
        held = sender.pull()
        assert all(change["record"] in held for one in taken_in for change in one["changes"])
        disk.free()
        last = sender.made[-1]
        [result] = sender.push(last).json()["results"]
        assert (result["status"], result["replayed"]) == ("applied", False)
        assert all(change["record"] in sender.pull() for change in last["changes"])
        assert verified(served)


def _push_until_refused(sender: Sender) -> tuple[list[dict[str, Any]], requests.Response]:
    """Commits of some 20 kB until one is not taken in."""
    taken_in: list[dict[str, Any]] = []
    for _ in range(200):
        commit = sender.commit(*(inspection(HE_GUILAN) for _ in range(60)))
        answer = sender.push(commit)
        if answer.status_code != 200:
            return taken_in, answer
        taken_in.append(commit)
    raise AssertionError("the disk never was full")


@pytest.mark.parametrize("place", PLACES)
def test_a_photo_waits_and_is_whole_when_there_is_room(tmp_path: Path, place: str) -> None:
    """Its bytes as they come, the landing among the originals, the thumbnail, and the note of it."""
    with cramped(tmp_path, KINDS[0], place) as (served, disk):
        sender = Sender(served, HE_GUILAN)
        half = len(PHOTO) // 2
        url = sender.begin(PHOTO)
        assert sender.patch(url, PHOTO[:half], 0).status_code == 204
        disk.fill()
        told(sender.patch(url, PHOTO[half:], half))
        offset = sender.offset(url)
        assert offset in (None, *range(half, len(PHOTO) + 1))
        assert sender.get(f"/blobs/{sha256(PHOTO)}").status_code == 404, "no half of it is given out"
        assert verified(served)
        disk.free()
        offset = sender.offset(url)
        assert offset is not None
        if offset < len(PHOTO):
            assert sender.patch(url, PHOTO[offset:], offset).status_code == 204
        got = sender.get(f"/blobs/{sha256(PHOTO)}")
        assert hashlib.sha256(got.content).hexdigest() == sha256(PHOTO)
        assert verified(served)


def test_room_can_be_made_on_a_full_disk(tmp_path: Path) -> None:
    """Ending an upload needs no room, and gives its own back."""
    with cramped(tmp_path, KINDS[0], "uploads") as (served, disk):
        sender = Sender(served, HE_GUILAN)
        url = sender.begin(PHOTO)
        sender.patch(url, PHOTO[:-1], 0)
        disk.fill()
        told(sender.create(PHOTO))
        assert sender.delete(url).status_code == 204
        assert sender.create(PHOTO).status_code == 201


def test_the_app_waits_with_its_photo(tmp_path: Path) -> None:
    """The app's uploader is told to wait, and sends only what is missing when there is room."""
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    with cramped(tmp_path, KINDS[0], "uploads") as (served, disk):
        sender = Sender(served, HE_GUILAN)
        disk.fill(leave=len(PHOTO) // 2)
        freed = threading.Timer(1.5, disk.free)
        with closing(Cutter(served.port, (), sender.headers)) as wire:
            freed.start()
            said = tablet_upload(wire, tmp_path / "photo.jpg", sha256(PHOTO), pause=0.2)
        freed.join()
        assert said["ends"]["limited"] >= 1
        assert said["ends"]["done"] == 1
        got = sender.get(f"/blobs/{sha256(PHOTO)}")
        assert hashlib.sha256(got.content).hexdigest() == sha256(PHOTO)
