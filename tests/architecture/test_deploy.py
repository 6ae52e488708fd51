"""`docs/deploy.md` says what is: every setting in both languages, and configurations that their programs take."""

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
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=x",
                   "-keyout", tmp_path / "key.pem", "-out", tmp_path / "fullchain.pem"]  # fmt: skip
    subprocess.run(certificate, check=True, capture_output=True)
    site = blocks("nginx")[0].replace("/etc/ssl/rounds", str(tmp_path))
    conf = tmp_path / "nginx.conf"
    conf.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{site}\n}}\n")
    command = [nginx_program() or "", "-t", "-p", tmp_path, "-c", conf, "-e", "stderr"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_the_units_start_commands_that_exist_as_a_user_who_may_write_where_they_write() -> None:
    service, backup, timer = blocks("ini")
    for unit in (service, backup):
        assert "User=rounds" in unit
        assert "ROUNDS_DATA=/srv/rounds/data" in unit
    assert "ReadWritePaths=/srv/rounds" in service
    assert "OnCalendar=" in timer


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        return  # not on every machine; the one above reads them all the same
    names = ("rounds.service", "rounds-backup.service", "rounds-backup.timer")
    for name, text in zip(names, blocks("ini"), strict=True):
        # Its user, programs and folders are not on this machine.
        kept = [line for line in text.splitlines() if not line.startswith(("User=", "WorkingDirectory="))]
        (tmp_path / name).write_text(
            "\n".join(kept).replace("/opt/rounds/.venv/bin/python", "/bin/true") + "\n"
        )
    done = subprocess.run(["systemd-analyze", "verify", *(tmp_path / name for name in names)],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line] == []
