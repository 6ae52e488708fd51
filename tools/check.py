"""Everything that can be told without running the product: `python -m tools.check`.

All steps run, also after one failed, so that one look shows everything there is to mend.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from tools.steps import BIN, PWA, PYTHON, ROOT, StepFailed, announced, quietly, say


@dataclass(frozen=True)
class Check:
    """One named step: a command that ends with 0 if all is well."""

    name: str
    command: tuple[str | Path, ...]
    cwd: Path = ROOT


CHECKS = (
    Check("Python formatting", (BIN / "ruff", "format", "--check", ".")),
    Check("Python lint", (BIN / "ruff", "check", ".")),
    Check("Python types", (BIN / "mypy",)),
    Check(
        "Python import directions", (BIN / "lint-imports", "--no-logo", "--cache-dir", "build/import-linter")
    ),
    Check("TypeScript formatting and lint", ("npx", "biome", "ci", "--colors=off", "."), PWA),
    Check("TypeScript types", ("npx", "vue-tsc", "--build"), PWA),
    Check("TypeScript import directions", ("npm", "run", "--silent", "imports"), PWA),
    Check("Size budget", (PYTHON, "-m", "tools.size_budget")),
    Check("Lock files", (PYTHON, "-m", "tools.lock_files")),
    Check("Generated files", (PYTHON, "-m", "tools.generated")),
    Check("Migrations", (PYTHON, "-m", "server.cli", "migrations-check")),
)


def main() -> int:
    """Run all checks; name those that failed."""
    failures: dict[str, str] = {}
    for check in CHECKS:
        try:
            with announced(check.name):
                quietly(check.command, cwd=check.cwd)
        except StepFailed as failure:
            failures[check.name] = str(failure)
    for name, text in failures.items():
        say(f"\n── {name} ──\n{text.strip()}")
    say(f"\nFailed: {', '.join(failures)}." if failures else "\nAll checks passed.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
