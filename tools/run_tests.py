"""Run all tests: `python -m tools.run_tests [--soak] [arguments for pytest]`.

What the machine lacks is installed where we may, else named with the command that installs it. Nothing
is left out in silence: what could not run is named at the end, and with CI=true it fails the run.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.cluster import swift
from tools.needs import CLUSTER, Need, chromium, meet_needs
from tools.steps import PWA, PYTHON, ROOT, StepFailed, environment, loudly, say

VITEST_REPORT = ROOT / "build" / "vitest.json"
REST_LOG, FAULTS_LOG = ROOT / "build" / "pytest-rest.log", ROOT / "build" / "pytest-faults.log"
STORIES = "tests/browser"
FAULTS = (
    "tests/simulation", "tests/faults", "tests/garbage", "tests/cluster", "tests/upkeep", "tests/storage",
)  # fmt: skip
"""What starts and kills servers and databases, and waits for them most of the time."""


def run_vitest() -> tuple[bool, list[str]]:
    """Run the app's tests; return whether all passed, and the names of those that did not run."""
    VITEST_REPORT.parent.mkdir(exist_ok=True)
    VITEST_REPORT.unlink(missing_ok=True)
    report = ["--reporter=default", "--reporter=json", f"--outputFile.json={VITEST_REPORT}"]
    passed = loudly(["npx", "vitest", "run", *report], cwd=PWA) == 0
    return passed, not_run_by_vitest(VITEST_REPORT)


def not_run_by_vitest(report: Path) -> list[str]:
    """Names of the tests that Vitest passed over, from its JSON report."""
    if not report.exists():
        return ["Vitest ended without a report"]
    files = json.loads(report.read_text())["testResults"]
    tests = [(file["name"], test) for file in files for test in file["assertionResults"]]
    return [
        f"{name}: {test['fullName']}" for name, test in tests if test["status"] not in {"passed", "failed"}
    ]


def run_pytest(arguments: list[str], missing: list[Need]) -> bool:
    """Run Python's tests, all but those that the machine cannot carry."""
    return loudly(pytest_command(arguments, missing), ROUNDS_CHROMIUM=chromium() or "") == 0


def pytest_command(arguments: list[str], missing: list[Need]) -> list[str | Path]:
    """The command for Python's tests; what a missing package carries is left out."""
    left_out = dict.fromkeys(need.left_out for need in missing)
    # Of several -m pytest would heed the last.
    marks = " and ".join(option[1] for option in left_out if option[0] == "-m")
    others = [option for option in left_out if option[0] != "-m"]
    chosen = ["-m", marks] if marks else []
    return [PYTHON, "-m", "pytest", *itertools.chain(*others), *chosen, *arguments]


def run_side_by_side(missing: list[Need]) -> tuple[bool, list[str], bool]:
    """Run the app's tests and then the stories in Chromium, and beside them all other tests of Python.

    The stories wait for a browser most of the time, and what kills servers for those, so that all together
    take little longer than the longest. The output of the other tests comes at the end, whole.
    """
    rest = [f"--ignore={folder}" for folder in (STORIES, *FAULTS)]
    with beside(rest, REST_LOG, missing) as others, beside(FAULTS, FAULTS_LOG, missing) as faults:
        app_passed, not_run = run_vitest()
        stories_passed = chromium() is None or run_pytest([STORIES], missing)
        passed = [stories_passed, others.wait() == 0, faults.wait() == 0]
    for log in (REST_LOG, FAULTS_LOG):
        say(log.read_text())
    return app_passed, not_run, all(passed)


@contextmanager
def beside(arguments: Sequence[str], log: Path, missing: list[Need]) -> Iterator[subprocess.Popen[bytes]]:
    """A pytest that runs within the block and writes to a log; killed if the block is left before its end."""
    log.parent.mkdir(exist_ok=True)
    command = pytest_command([*arguments, "-o", f"cache_dir={log.with_suffix('')}"], missing)
    with log.open("w") as output:
        running = subprocess.Popen(
            [str(part) for part in command], cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield running
        finally:
            running.kill()


def without_swift() -> list[Need]:
    """Install the S3-compatible store of the cluster's tests; a need if that does not work."""
    try:
        swift.install()
    except StepFailed as failure:
        say(str(failure))
        return [Need("swift", *CLUSTER)]
    return []


def main(arguments: list[str]) -> int:
    """Run everything, then say in a few lines what became of it."""
    soak = "--soak" in arguments
    if soak:
        os.environ["ROUNDS_SOAK"] = "1"
    missing = [*meet_needs(), *without_swift()]
    chosen = [one for one in arguments if one != "--soak"]
    if chosen:
        app_passed, not_run = run_vitest()
        python_passed = run_pytest(chosen, missing)
    else:
        app_passed, not_run, python_passed = run_side_by_side(missing)
    not_run += [f"{need.tests}, for want of {need.package}: {need.remedy}" for need in missing]
    say(f"\nVitest {'passed' if app_passed else 'FAILED'}, pytest {'passed' if python_passed else 'FAILED'}.")
    for one in not_run:
        say(f"NOT RUN {one}")
    complete = not not_run or os.environ.get("CI") != "true"
    return 0 if app_passed and python_passed and complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
