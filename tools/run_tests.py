"""Run all tests: `python -m tools.run_tests [--soak] [arguments for pytest]`.

What the machine lacks is installed where we may, else named with the command that installs it. Nothing
is left out in silence: what could not run is named at the end, and with CI=true it fails the run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.steps import PWA, PYTHON, ROOT, StepFailed, announced, loudly, quietly, say

VITEST_REPORT = ROOT / "build" / "vitest.json"


@dataclass(frozen=True)
class Need:
    """Something of the machine's that tests lean on."""

    package: str
    """Debian's name for it."""
    tests: str
    """The tests that cannot run without it, as a path below the root."""

    def is_met(self) -> bool:
        """Whether the machine has it."""
        if self.package == "chromium":
            return chromium() is not None
        fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
        return bool(fonts.stdout.strip())


NEEDS = (Need("chromium", "tests/browser"), Need("fonts-noto-cjk", "tests/browser"))


def chromium() -> str | None:
    """Where the browser is: ROUNDS_CHROMIUM, or the first of the usual names on the path."""
    named = os.environ.get("ROUNDS_CHROMIUM")
    return named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


def meet_needs() -> list[Need]:
    """Install what is missing where we are root and have apt; return what is missing still."""
    missing = [need for need in NEEDS if shutil.which("fc-list") is None or not need.is_met()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = ["fontconfig", *(need.package for need in missing)]
        try:
            with announced(f"Installing {' '.join(packages)}"):
                quietly(["apt-get", "update"])
                install = ["apt-get", "install", "--yes", "--no-install-recommends"]
                quietly([*install, *packages], DEBIAN_FRONTEND="noninteractive")
        except StepFailed as failure:
            say(str(failure))
    return [need for need in NEEDS if shutil.which("fc-list") is None or not need.is_met()]


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
    left_out = [f"--ignore={tests}" for tests in sorted({need.tests for need in missing})]
    status = loudly([PYTHON, "-m", "pytest", *left_out, *arguments], ROUNDS_CHROMIUM=chromium() or "")
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
