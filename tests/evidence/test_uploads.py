"""What an upload says that it has is on the disk (protocol section 6, I10)."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.evidence.uploads import Upload, Uploads

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
UPLOAD = Upload(
    id="01930001-0000-7000-8000-000000000001", user="01930001-0000-7000-8000-000000000002", sha256="0" * 64,
    mime="image/jpeg", length=10, metadata="", created_at=NOW, expires_at=NOW + timedelta(days=7),
)  # fmt: skip


def test_what_the_offset_counts_is_flushed_before_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tablet never sends again what lies before the offset: told too early, a power cut would take it."""
    uploads = Uploads(tmp_path)
    uploads.create(UPLOAD)
    uploads.append(UPLOAD, 0, b"12345")
    flush, flushed = os.fsync, list[tuple[str, int]]()

    def note(handle: int) -> None:
        flush(handle)
        flushed.append((Path(f"/proc/self/fd/{handle}").readlink().name, os.fstat(handle).st_size))

    monkeypatch.setattr(os, "fsync", note)
    assert uploads.offset(UPLOAD) == 5
    assert flushed == [(f"{UPLOAD.id}.bin", 5)]
