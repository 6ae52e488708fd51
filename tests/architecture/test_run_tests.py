"""Nothing is skipped in silence: what did not run is named, and in CI it fails the run."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools import needs, run_tests
from tools.needs import NEEDS
from tools.run_tests import not_run_by_vitest

ROOT = Path(__file__).resolve().parents[2]

SKIPPED = (
    'import pytest\n\n@pytest.mark.skip(reason="the tablet is at home")\ndef test_round():\n    assert True\n'
)


def run_pytest(folder: Path, text: str, **more: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(text)
    without_ci = {key: value for key, value in os.environ.items() if key != "CI"}
    environment = {**without_ci, "PYTHONPATH": str(ROOT), **more}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tools.pytest_plugin",
        "--rootdir",
        str(folder),
        str(folder),
    ]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_skipped_test_is_named(tmp_path: Path):
    done = run_pytest(tmp_path, SKIPPED)
    assert done.returncode == 0
    assert "NOT RUN test_one.py::test_round: Skipped: the tablet is at home" in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        SKIPPED,
        SKIPPED.replace('skip(reason="the tablet is at home")', "xfail").replace("True", "False"),
        'import pytest\npytest.importorskip("no_such_package")\n\ndef test_round():\n    pass\n'
        + "\ndef test_x(): pass\n",
    ],
    ids=["skipped", "expected to fail", "a whole file"],
)
def test_in_ci_what_did_not_run_is_a_failure(tmp_path: Path, text: str):
    (tmp_path / "test_two.py").write_text("def test_that_runs():\n    pass\n")
    assert run_pytest(tmp_path, text).returncode == 0
    done = run_pytest(tmp_path, text, CI="true")
    assert "NOT RUN test_one.py" in done.stdout
    assert done.returncode == 1


def test_a_run_without_gaps_passes_in_ci(tmp_path: Path):
    done = run_pytest(tmp_path, "def test_round():\n    pass\n", CI="true")
    assert done.returncode == 0
    assert "NOT RUN" not in done.stdout


def test_tests_cannot_leave_this_machine():
    with socket.socket() as outwards, pytest.raises(PermissionError, match="stay on this machine"):
        outwards.connect(("192.0.2.1", 80))


def test_what_vitest_passed_over_is_named(tmp_path: Path):
    report = tmp_path / "vitest.json"
    statuses = {"walks": "passed", "breaks": "failed", "sleeps": "skipped", "waits": "todo"}
    tests = [{"fullName": name, "status": status} for name, status in statuses.items()]
    report.write_text(json.dumps({"testResults": [{"name": "round.test.ts", "assertionResults": tests}]}))
    assert not_run_by_vitest(report) == ["round.test.ts: sleeps", "round.test.ts: waits"]
    assert not_run_by_vitest(tmp_path / "none.json") == ["Vitest ended without a report"]


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("", 0)])
@pytest.mark.parametrize(
    ("package", "left_out", "named"),
    [
        ("chromium", ["--ignore=tests/browser"], "tests/browser"),
        ("postgresql", ["-m", "not postgres"], "tests marked postgres"),
    ],
)
def test_a_machine_that_lacks_something_runs_the_rest_and_says_what_is_missing(
    monkeypatch, capsys, package: str, left_out: list[str], named: str, ci: str, status: int
):
    asked: list[list[str]] = []

    def note(command: list[str], **_: str) -> int:
        asked.append(command)
        return 0

    monkeypatch.setenv("CI", ci)
    missing = [need for need in NEEDS if need.package == package]
    monkeypatch.setattr(run_tests, "meet_needs", lambda: missing)
    monkeypatch.setattr(run_tests, "run_vitest", lambda: (True, []))
    monkeypatch.setattr(run_tests, "loudly", note)
    assert run_tests.main(["-k", "coverage"]) == status
    assert asked[0][-2 - len(left_out) :] == [*left_out, "-k", "coverage"]
    said = capsys.readouterr().out
    assert f"NOT RUN {named}, for want of {package}: apt-get install {package}" in said


def test_a_need_that_is_not_met_is_installed_by_root_and_else_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    asked: list[list[str]] = []
    monkeypatch.setenv("ROUNDS_POSTGRES", str(tmp_path))
    monkeypatch.setattr(needs, "NEEDS", [need for need in NEEDS if need.package == "postgresql"])
    monkeypatch.setattr(needs, "quietly", lambda command, **_: asked.append(command))
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert [need.package for need in needs.meet_needs()] == ["postgresql"]
    assert asked == []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert [need.package for need in needs.meet_needs()] == ["postgresql"]
    assert asked[-1][-1] == "postgresql"
    for program in ("initdb", "postgres"):
        (tmp_path / program).touch()
    assert needs.meet_needs() == []


@pytest.mark.parametrize("stories", [0, 1])
@pytest.mark.parametrize("rest", [0, 1])
@pytest.mark.parametrize("faults", [0, 1])
def test_all_tests_run_in_three_lanes_and_each_can_fail_the_run(
    monkeypatch, capsys, tmp_path: Path, stories: int, rest: int, faults: int
):
    asked: list[list[str]] = []

    def note(command: list[str], **_: str) -> int:
        asked.append(command)
        return stories

    class Beside:
        def __init__(self, command: list[str], **how) -> None:
            asked.append(command)
            self.is_rest = "--ignore=tests/browser" in command
            how["stdout"].write("what the others said" if self.is_rest else "what the kills said")

        def wait(self) -> int:
            return rest if self.is_rest else faults

        def kill(self) -> None:
            pass

    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(run_tests, "REST_LOG", tmp_path / "rest.log")
    monkeypatch.setattr(run_tests, "FAULTS_LOG", tmp_path / "faults.log")
    monkeypatch.setattr(run_tests, "meet_needs", list)
    monkeypatch.setattr(run_tests, "chromium", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(run_tests, "run_vitest", lambda: (True, []))
    monkeypatch.setattr(run_tests, "loudly", note)
    monkeypatch.setattr(subprocess, "Popen", Beside)
    assert run_tests.main([]) == max(stories, rest, faults)
    ignored = {one.removeprefix("--ignore=") for one in asked[0] if one.startswith("--ignore=")}
    # Nothing is left out, and nothing runs twice.
    assert ignored == {"tests/browser", *(one for one in asked[1] if one.startswith("tests/"))}
    assert asked[2][-1] == "tests/browser"
    said = capsys.readouterr().out
    assert "what the others said" in said
    assert "what the kills said" in said
