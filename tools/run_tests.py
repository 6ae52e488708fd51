"""Run all tests: `python -m tools.run_tests [--soak] [arguments for pytest]`.

What the machine lacks is installed where we may, else named with the command that installs it. Nothing
is left out in silence: what could not run is named at the end, and with CI=true it fails the run.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from pathlib import Path

from tools.needs import Need, chromium, meet_needs
from tools.steps import PWA, PYTHON, ROOT, loudly, say

VITEST_REPORT = ROOT / "build" / "vitest.json"


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
    left_out = dict.fromkeys(need.left_out for need in missing)
    status = loudly(
        [PYTHON, "-m", "pytest", *itertools.chain(*left_out), *arguments], ROUNDS_CHROMIUM=chromium() or ""
    )
    return status == 0


def main(arguments: list[str]) -> int:
    """Run everything, then say in a few lines what became of it."""
    soak = "--soak" in arguments
    if soak:
        os.environ["ROUNDS_SOAK"] = "1"
    missing = meet_needs()
    app_passed, not_run = run_vitest()
    python_passed = run_pytest([one for one in arguments if one != "--soak"], missing)
    not_run += [
        f"{need.tests}, for want of {need.package}: apt-get install {need.package}" for need in missing
    ]
    say(f"\nVitest {'passed' if app_passed else 'FAILED'}, pytest {'passed' if python_passed else 'FAILED'}.")
    for one in not_run:
        say(f"NOT RUN {one}")
    complete = not not_run or os.environ.get("CI") != "true"
    return 0 if app_passed and python_passed and complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
