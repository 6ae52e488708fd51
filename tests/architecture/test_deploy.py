"""`docs/deploy.md` says what is: every setting in both languages, configurations that their programs take."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.needs import nginx_program

ROOT = Path(__file__).resolve().parents[2]
PAGES = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("deploy.md", "deploy.zh-CN.md")]


def blocks(language: str) -> list[str]:
    """The blocks of a language in the English page."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGES[0], re.M | re.S)


@pytest.mark.parametrize("page", PAGES, ids=["English", "Chinese"])
def test_every_setting_is_explained_and_no_other(page: str) -> None:
    read = set(re.findall(r'"(ROUNDS_[A-Z_]+)"', (ROOT / "server" / "config.py").read_text(encoding="utf-8")))
    told = set(re.findall(r"^\| `(ROUNDS_[A-Z]+(?:_[A-Z]+)*)`(?:[,、] ?`(ROUNDS_[A-Z]+)`)?", page, re.M))
    assert {name for pair in told for name in pair if name} == read


@pytest.mark.parametrize("page", PAGES, ids=["English", "Chinese"])
def test_every_command_that_is_named_exists(page: str) -> None:
    source = (ROOT / "server" / "cli.py").read_text(encoding="utf-8")
    known = set(re.findall(r'add_parser\(\s*"([a-z-]+)"', source))
    named = set(re.findall(r"server\.cli ([a-z-]+)", page))
    assert len(named) >= 4
    assert named <= known


@pytest.mark.cluster
def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    certificate: list[str | Path] = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=x",
        "-keyout", tmp_path / "key.pem", "-out", tmp_path / "fullchain.pem",
    ]  # fmt: skip
    subprocess.run(certificate, check=True, capture_output=True)
    site = blocks("nginx")[0].replace("/etc/ssl/rounds", str(tmp_path))
    conf = tmp_path / "nginx.conf"
    conf.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{site}\n}}\n")
    command: list[str | Path] = [nginx_program() or "", "-t", "-p", tmp_path, "-c", conf, "-e", "stderr"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_the_units_run_as_a_user_who_may_write_where_they_write(tmp_path: Path) -> None:
    service, backup, timer = blocks("ini")
    for unit in (service, backup):
        assert "User=rounds" in unit
        assert "ROUNDS_DATA=/srv/rounds/data" in unit
    assert "ReadWritePaths=/srv/rounds" in service
    assert "OnCalendar=" in timer
    if shutil.which("systemd-analyze") is not None:
        assert complaints(tmp_path, [service, backup, timer]) == []


def complaints(folder: Path, units: list[str]) -> list[str]:
    """What systemd has to say about the units, less their user, programs and folders, which are not here."""
    paths = [folder / name for name in ("rounds.service", "rounds-backup.service", "rounds-backup.timer")]
    for path, text in zip(paths, units, strict=True):
        kept = [line for line in text.splitlines() if not line.startswith(("User=", "WorkingDirectory="))]
        path.write_text("\n".join(kept).replace("/opt/rounds/.venv/bin/python", "/bin/true") + "\n")
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stderr.splitlines() if str(folder) in line]
