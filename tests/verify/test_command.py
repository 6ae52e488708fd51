"""`make verify` as it is called: on a folder that is being served, on the demo, and writing nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli import verify_data
from server.config import Settings
from tests.demo.conftest import MOMENTS
from tests.demo.test_load import Started
from tests.served import Served
from tests.signing import DeviceKey
from tests.verify.house import OTHER_PICTURE, Evidence
from tests.verify.tampering import data_of, set_data

ROOT = Path(__file__).parents[2]


def verify(data: Path) -> subprocess.CompletedProcess[str]:
    """What the Makefile runs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ROUNDS_")}
    return subprocess.run(
        [sys.executable, "-m", "server.cli", "verify"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**environment, "ROUNDS_DATA": str(data)},
    )  # fmt: skip


def test_the_command_exits_by_what_it_finds_and_makes_nothing(evidence: Evidence) -> None:
    (evidence.data / "secret_key").unlink(missing_ok=True)
    done = verify(evidence.data)
    assert (done.returncode, done.stderr) == (0, "")
    evidence.file.unlink()
    done = verify(evidence.data)
    assert (done.returncode, done.stderr) == (1, "")
    assert "the file of a photo is missing" in done.stdout
    assert not (evidence.data / "secret_key").exists()


def _changed_log_row(evidence: Evidence) -> None:
    change = evidence.built.changes["evaluate"]
    evidence.run("UPDATE log SET made_at = '2026-11-01T08:00:00+08:00' WHERE change = ?", change)


def _swapped_photo(evidence: Evidence) -> None:
    evidence.file.chmod(0o600)
    evidence.file.write_bytes(OTHER_PICTURE)


def _changed_signed_field(evidence: Evidence) -> None:
    set_data(evidence, evidence.built.finding, description="墙面很干净")


def _removed_row(evidence: Evidence) -> None:
    evidence.run("DELETE FROM log WHERE change = ?", evidence.built.changes["moved"])


def _forged_signature(evidence: Evidence) -> None:
    forged = DeviceKey().sign(data_of(evidence, evidence.built.signature)["snapshot"])
    set_data(evidence, evidence.built.signature, device_signature=forged)


def _removed_receipt(evidence: Evidence) -> None:
    commit = evidence.one('SELECT "commit" FROM log WHERE change = ?', evidence.built.changes["evaluate"])
    evidence.run("DELETE FROM receipts WHERE id = ?", commit)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (_changed_log_row, "a log row was changed: the hash chain breaks here"),
        (_swapped_photo, "a photo was swapped"),
        (_changed_signed_field, "a value of a record was changed"),
        (_removed_row, "log rows were removed"),
        (_forged_signature, "a signature is forged"),
        (_removed_receipt, "a commit in the log has lost its receipt"),
    ],
)
def test_the_command_finds_each(evidence: Evidence, tamper: Callable[[Evidence], None], said: str) -> None:
    tamper(evidence)
    done = verify(evidence.data)
    assert (done.returncode, done.stderr) == (1, "")
    found = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert any(said in line for line in found), done.stdout


def test_it_verifies_what_is_being_served(served: Served) -> None:
    done = verify(served.data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all of it holds." in done.stdout


def test_a_push_in_the_middle_is_no_difference(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else writes after the log was read and before the records are."""
    from server.storage import verify_reader

    log = verify_reader.VerifyReader.log

    def written_meanwhile(self: verify_reader.VerifyReader, space: str):
        yield from log(self, space)
        if space == "qyl":
            evidence.run("UPDATE records SET author = 'x' WHERE id = ?", evidence.built.finding)

    with monkeypatch.context() as patch:
        patch.setattr(verify_reader.VerifyReader, "log", written_meanwhile)
        assert evidence.wrong() == []
    assert len(evidence.wrong()) == 1


def test_the_demo_is_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Started(tmp_path, MOMENTS[0]).close()
    capsys.readouterr()
    assert verify_data(Settings(data=tmp_path)) == 0, capsys.readouterr().out
    assert "111 photos" in capsys.readouterr().out
