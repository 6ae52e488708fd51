"""Whether the files derived from the contract are those the contract gives: `python -m tools.generated`."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.steps import PYTHON, ROOT, quietly, say

FOLDERS = ("schemas/generated", "pwa/src/contract")


def contents(root: Path) -> dict[str, bytes]:
    """All generated files by name."""
    files = [file for folder in FOLDERS for file in (root / folder).rglob("*") if file.is_file()]
    return {str(file.relative_to(root)): file.read_bytes() for file in files}


def main() -> int:
    """Generate anew and compare; the new files stay, so that committing them mends it."""
    before = contents(ROOT)
    quietly([PYTHON, "-m", "schemas.export"])
    quietly([PYTHON, "-m", "server.cli", "openapi", ROOT / "schemas" / "generated" / "openapi.json"])
    after = contents(ROOT)
    stale = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    for name in stale:
        say(f"{name} was stale; it is written anew now: commit it")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
