"""An S3-compatible store of the tests' own: OpenStack Swift, started when asked for, gone when they end."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import pytest

from server.storage.blobs_s3 import S3Blobs, s3_store
from tools.cluster.swift import Swift, is_installed

ON_S3 = pytest.param("s3", marks=pytest.mark.cluster)
"""The value of a parameter whose tests need Swift."""


@functools.cache
def swift() -> Swift:
    """The store that all tests share. Not in memory: it keeps attributes that such folders may not have."""
    assert is_installed(), "Swift is missing: python -m tools.cluster.needs installs it"
    folder = Path(tempfile.mkdtemp(prefix="rounds-swift-"))
    made = Swift(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(made.stop)
    made.start()
    made.wait()
    return made


def s3_blobs(prefix: str) -> S3Blobs:
    """An empty place for blobs: ``prefix`` is this test's own."""
    bucket, _, query = swift().blobs_url.partition("?")
    return S3Blobs(s3_store(f"{bucket}/{prefix}?{query}", swift().credentials))
