"""The server's own key: made once, whatever starts at the same moment, and never overwritten (X-07)."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from server.evidence.seal import FILE, kept_seal_key, read_seal_key
from server.evidence.signatures import signed_by, verifies

ROOT = Path(__file__).parents[2]
# Waits until all of them are there, so that they really begin at one moment.
START = """
import sys, time
from pathlib import Path
from server.evidence.seal import kept_seal_key
data, number = Path(sys.argv[1]), sys.argv[2]
(data / f"ready-{number}").touch()
while not (data / "go").exists():
    time.sleep(0.001)
print(kept_seal_key(data).id)
"""


def test_it_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    assert read_seal_key(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    first = kept_seal_key(tmp_path / "new" / "data")
    file = tmp_path / "new" / "data" / FILE
    before = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = kept_seal_key(tmp_path / "new" / "data")
    assert (again.id, again.public_key) == (first.id, first.public_key)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [FILE]


def test_it_signs_what_others_can_check(tmp_path: Path) -> None:
    key = kept_seal_key(tmp_path)
    hand = key.sign("封签")
    assert verifies(key.public_key, hand, "封签".encode())
    assert not verifies(key.public_key, hand, "封缄".encode())
    assert not verifies(kept_seal_key(tmp_path / "other").public_key, hand, "封签".encode())


def test_processes_that_start_at_once_agree_on_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START, str(tmp_path)]
    started = [
        subprocess.Popen([*command, str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for number in range(6)
    ]
    while len(list(tmp_path.glob("ready-*"))) < len(started):
        assert all(process.poll() is None for process in started)
    (tmp_path / "go").touch()
    ids = {process.communicate(timeout=60)[0].strip() for process in started}
    assert ids == {kept_seal_key(tmp_path).id}
    assert list(tmp_path.glob(".seal-*")) == []


@pytest.mark.parametrize("content", [b"", b"rubbish", "curve"])
def test_what_is_no_key_of_ours_is_said_and_left_alone(tmp_path: Path, content: bytes | str) -> None:
    if isinstance(content, str):
        other = generate_private_key(SECP384R1())
        content = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ValueError, match=r"seal\.pem"):
        kept_seal_key(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


@pytest.mark.parametrize("kept", ["", "rubbish", "[]", "{}", '{"kty":"EC","crv":"P-256","x":1,"y":null}'])
def test_a_key_that_is_none_has_signed_nothing(kept: str) -> None:
    assert signed_by(kept, "A" * 86, "text") is False
