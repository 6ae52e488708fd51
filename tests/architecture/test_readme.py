"""What the two READMEs promise is there: commands, accounts, folders and links."""

import re
from pathlib import Path

import pytest

from server.demo.accounts import ACCOUNTS, PASSWORD, PIN

ROOT = Path(__file__).parents[2]
READMES = ["README.md", "README.zh-CN.md"]
CODE = re.compile(r"`([^`\n]+)`")


@pytest.fixture(params=READMES)
def readme(request: pytest.FixtureRequest) -> str:
    return (ROOT / str(request.param)).read_text(encoding="utf-8")


def test_every_command_is_a_target_of_the_makefile(readme: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = set(re.findall(r"`make ([a-z-]+)`", readme))
    assert named
    assert named <= targets


def test_every_demo_account_is_listed_and_no_other(readme: str) -> None:
    table = [line.split("|")[1] for line in readme.splitlines() if re.match(r"\| `[a-z0-9]+`", line)]
    listed = {name for cell in table for name in CODE.findall(cell)}
    teams = {f"t{number:02}" for number in range(1, 13)}
    assert listed | teams == {account.username for account in ACCOUNTS}
    assert f"`{PASSWORD}`" in readme
    assert f"`{PIN}`" in readme


def test_links_and_pictures_lead_somewhere(readme: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", readme)
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert len(targets) > 8
    assert missing == []


def test_the_folder_map_names_folders_that_exist(readme: str) -> None:
    folders = re.findall(r"^([a-z]+)/ ", readme, re.M)
    assert {"schemas", "sync", "server", "pwa", "tests"} <= set(folders)
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
