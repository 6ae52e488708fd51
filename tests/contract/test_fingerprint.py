"""A changed contract fails here until `schemas/version.py` says so."""

from schemas.export import documents, fingerprint
from schemas.version import HISTORY, PROTOCOL_VERSION


def test_last_history_line_is_today_s_contract() -> None:
    version, _, known = HISTORY[-1]
    assert (version, known) == (PROTOCOL_VERSION, fingerprint()), "add a line to schemas/version.py"


def test_versions_only_grow() -> None:
    versions = [line[0] for line in HISTORY]
    assert versions == sorted(versions)


def test_generated_files_are_fresh() -> None:
    stale = [path.name for path, text in documents().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make generate`"
