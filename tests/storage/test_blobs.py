"""One suite for every place that holds blobs: the local folder and an S3-compatible store."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore
import pytest

from server.failures import Failure
from server.storage.blob_place import Blobs, open_blobs
from server.storage.blobs import LocalBlobs
from server.storage.blobs_s3 import PIECE, S3Blobs, s3_store
from tests.swift import ON_S3, s3_blobs, swift

SMALL, LARGE = b"photo" * 100, bytes(range(256)) * (PIECE // 100)


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(params=["local", ON_S3])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """An empty place of each kind in turn."""
    return LocalBlobs(tmp_path / "data") if request.param == "local" else s3_blobs(tmp_path.name)


@pytest.fixture
def s3(tmp_path: Path) -> S3Blobs:
    return s3_blobs(tmp_path.name)


@pytest.fixture
def put(blobs: Blobs, tmp_path: Path) -> Callable[[bytes], str]:
    """Stores bytes; their name."""

    def go(data: bytes) -> str:
        source = tmp_path / "upload.bin"
        source.write_bytes(data)
        blobs.put(name_of(data), source)
        source.unlink()
        return name_of(data)

    return go


def read(file: Any) -> bytes | None:
    if file is None:
        return None
    with file:
        return bytes(file.read())


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "in pieces"])
def test_what_was_put_comes_back_and_outlives_its_source(blobs: Blobs, put, data: bytes):
    name = put(data)
    assert read(blobs.open(name)) == data
    assert put(data) == name, "twice is once"
    assert read(blobs.open(name)) == data


def test_it_can_be_sought_in_as_a_range_asks(blobs: Blobs, put):
    name = put(LARGE)
    file = blobs.open(name)
    assert file is not None
    with file:
        assert file.seek(0, io.SEEK_END) == len(LARGE)
        for start, length in ((PIECE - 7, 20), (3, 5), (len(LARGE) - 4, 100), (0, PIECE + 1)):
            file.seek(start)
            assert file.read(length) == LARGE[start : start + length]
        assert file.seek(-3, io.SEEK_END) == len(LARGE) - 3
        assert file.read() == LARGE[-3:]


def test_what_is_not_there_is_nothing(blobs: Blobs):
    assert blobs.open("0" * 64) is None
    assert blobs.open_derivative("0" * 64, "thumb") is None
    assert list(blobs.names()) == []


def test_a_derivative_lies_beside_its_original(blobs: Blobs, put):
    name = put(SMALL)
    blobs.put_derivative(name, "thumb", b"small")
    blobs.put_derivative(name, "thumb", b"small")
    assert read(blobs.open_derivative(name, "thumb")) == b"small"
    assert read(blobs.open(name)) == SMALL


def test_who_sent_bytes_is_noted_beside_them(blobs: Blobs, put):
    name = put(SMALL)
    for sender in ("one", "two", "one"):
        blobs.note_sender(name, sender, b"{}")
    assert sorted(blobs.noted()) == [(name, "one"), (name, "two")]
    assert blobs.facts(name, "two") == b"{}"
    assert [found for found, _ in blobs.names()] == [name]


def test_originals_are_listed_by_hash_and_derivatives_are_not(blobs: Blobs, put):
    names = sorted(put(bytes([number]) * (number + 1)) for number in range(20))
    blobs.put_derivative(names[0], "thumb", b"small")
    listed = list(blobs.names())
    assert [name for name, _ in listed] == names
    assert sum(size for _, size in listed) == sum(range(1, 21))


def test_a_source_that_is_missing_leaves_nothing_behind(blobs: Blobs, tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        blobs.put("1" * 64, tmp_path / "no such file")
    assert blobs.open("1" * 64) is None


@pytest.mark.parametrize("name", ["../../secret", "A" * 64, "a" * 63, "a" * 64 + "\n", ""])
def test_only_a_hash_is_a_name(blobs: Blobs, name: str):
    with pytest.raises(ValueError, match="SHA-256"):
        blobs.open(name)


@pytest.mark.cluster
def test_bytes_that_the_store_gives_back_changed_do_not_count(
    s3: S3Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """A device deletes its only copy because we say that we hold it."""
    source = tmp_path / "upload.bin"
    source.write_bytes(SMALL)
    stored = obstore.put

    def garbled(store: Any, path: str, file: Any, **options: Any) -> Any:
        return stored(store, path, file.read()[:-1] + b"!", **options)

    monkeypatch.setattr(obstore, "put", garbled)
    with caplog.at_level(logging.ERROR), pytest.raises(Failure, match="busy"):
        s3.put(name_of(SMALL), source)
    monkeypatch.undo()
    s3.put(name_of(SMALL), source)
    assert read(s3.open(name_of(SMALL))) == SMALL, "and the next try mends it"


@pytest.mark.cluster
def test_a_bucket_that_is_not_there_is_told_at_the_start_and_is_busy_later(s3: S3Blobs, tmp_path: Path):
    s3.check()
    url = swift().blobs_url.replace("//rounds?", "//no-such-bucket?")
    gone = S3Blobs(s3_store(url, swift().credentials))
    with pytest.raises(ValueError, match="cannot be read"):
        gone.check()
    source = tmp_path / "upload.bin"
    source.write_bytes(SMALL)
    with pytest.raises(Failure, match="busy"):
        gone.put(name_of(SMALL), source)


def test_a_store_that_is_away_is_busy(tmp_path: Path):
    credentials = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    away = S3Blobs(s3_store("s3://rounds?endpoint=http://127.0.0.1:9", credentials))
    with pytest.raises(Failure, match="busy"):
        away.open("0" * 64)
    with pytest.raises(ValueError, match="cannot be read"):
        away.check()


@pytest.mark.parametrize("url", ["s3://", "s3://key:secret@bucket", "s3://bucket?secret=x", "ftp://bucket"])
def test_an_address_that_is_not_understood_is_refused_in_words(tmp_path: Path, url: str):
    with pytest.raises(ValueError, match="ROUNDS_BLOBS_URL"):
        open_blobs(url, tmp_path)
