"""The front door: `make` explains itself, tells an old Python so, and set-up repeats only what changed."""

import re
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tools import check, generated, setup
from tools.steps import StepFailed

ROOT = Path(__file__).resolve().parents[2]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_lists_every_command():
    declared = re.search(r"^\.PHONY: (help .*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert declared is not None
    listed = re.findall(r"^  make (\w+) +\S", make().stdout, re.MULTILINE)
    assert sorted(listed) == sorted(declared.group(1).split())


@pytest.mark.parametrize("command", ["run", "test", "check", "setup"])
def test_an_old_python_is_told_what_is_wrong_before_anything_is_done(tmp_path: Path, command: str):
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2"\nexit 1\n')
    old.chmod(0o755)
    done = make(command, f"PYTHON={old}")
    assert done.returncode != 0
    assert f"Rounds needs Python 3.11 or newer; '{old}' is Python 3.9.2." in done.stdout
    assert "»" not in done.stdout


def test_a_missing_python_is_told_so():
    done = make("run", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "'no-such-python' is not on the path" in done.stdout


def test_a_step_is_done_once_and_again_when_what_it_was_made_from_changes(tmp_path: Path):
    done: list[str] = []
    for key in ("one", "one", "two"):
        setup.once(tmp_path / "stamps" / "app", key, "Building", partial(done.append, key))
    assert done == ["one", "two"]


def test_a_step_that_failed_is_tried_again(tmp_path: Path):
    def fail() -> None:
        raise StepFailed("no network")

    done: list[int] = []
    setup.once(tmp_path / "stamp", "one", "Building", lambda: done.append(1))
    with pytest.raises(StepFailed):
        setup.once(tmp_path / "stamp", "two", "Building", fail)
    setup.once(tmp_path / "stamp", "one", "Building", lambda: done.append(2))
    assert done == [1, 2]


def test_the_digest_tells_names_contents_and_words_apart(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("xy")
    second.write_text("")
    before = setup.digest([first, second])
    first.write_text("x")
    second.write_text("y")
    after = setup.digest([first, second])
    assert (
        len({before, after, setup.digest([first]), setup.digest([second]), setup.digest([first], "y")}) == 5
    )


def test_a_stale_generated_file_is_found_and_mended(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(generated, "ROOT", tmp_path)
    kinds = tmp_path / "schemas" / "generated" / "kinds.json"
    kinds.parent.mkdir(parents=True)
    kinds.write_text("old")
    monkeypatch.setattr(generated, "quietly", lambda command: kinds.write_text("new"))
    assert generated.main() == 1
    assert "schemas/generated/kinds.json was stale" in capsys.readouterr().out
    assert generated.main() == 0


def test_check_runs_every_step_and_names_those_that_failed(monkeypatch, capsys):
    steps = (
        check.Check("First", ("false",)),
        check.Check("Second", ("true",)),
        check.Check("Third", ("false",)),
    )
    monkeypatch.setattr(check, "CHECKS", steps)
    assert check.main() == 1
    assert capsys.readouterr().out.endswith("Failed: First, Third.\n")
    monkeypatch.setattr(check, "CHECKS", steps[1:2])
    assert check.main() == 0


def test_the_script_of_ci_is_sound_and_calls_both():
    script = ROOT / ".ci" / "run"
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert script.stat().st_mode & 0o111
    assert {"make check", "make test"} <= {line.split(" ||")[0] for line in script.read_text().splitlines()}


def test_running_takes_the_small_set_and_testing_adds_to_it_but_never_the_reverse(
    tmp_path: Path, monkeypatch
):
    (tmp_path / "node_modules").mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (tmp_path / name).write_text("{}")
    installed: list[bool] = []
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "PWA", tmp_path)
    monkeypatch.setattr(setup, "quietly", lambda command, **_: installed.append("--omit=dev" not in command))
    for dev in (False, False, True, True, False):
        setup.set_up_node(dev=dev)
    assert installed == [False, True]
    (tmp_path / "package-lock.json").write_text('{"packages": {}}')
    setup.set_up_node(dev=False)
    assert installed == [False, True, False]
