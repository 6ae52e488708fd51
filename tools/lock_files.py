"""Locks name what to install and its hash, never where from: `python -m tools.lock_files [root]`.

Each machine fetches from the index it trusts, so no committed file may carry the address of one. npm
locks are also looked at for packages without an entry, on which `npm ci` stops on other systems.
"""

from __future__ import annotations

import json
import re
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tools.steps import say
from tools.tracked import project_files

SETTINGS = (
    "requirements*.txt",
    "requirements*.in",
    "uv.*",
    ".npmrc",
    "pip.conf",
    "uv.toml",
    "pyproject.toml",
)
"""Names of files in which no address of any kind has business."""

ADDRESS = re.compile(r"https?://|git\+|index-url|find-links|_authToken|registry\s*=", re.IGNORECASE)
REGISTRY = re.compile(
    r"registry\.npmjs\.|registry\.yarnpkg\.|npmmirror\.|pypi\.org/simple|files\.pythonhosted\."
    r"|/pypi/+simple|mirrors\.[a-z]+\.(?:com|edu|cn)|/repository/(?:npm|pypi)",
    re.IGNORECASE,
)


def settings_complaints(path: str, text: str) -> list[str]:
    """Lines of a lock or settings file that say where packages come from."""
    numbered = enumerate(text.splitlines(), 1)
    return [
        f"{path}:{number} names an address: {line.strip()}"
        for number, line in numbered
        if ADDRESS.search(line)
    ]


def registry_complaints(path: str, text: str) -> list[str]:
    """Lines of any other file that name a package registry."""
    numbered = enumerate(text.splitlines(), 1)
    return [f"{path}:{number} names a package registry" for number, line in numbered if REGISTRY.search(line)]


def npm_complaints(path: str, text: str) -> list[str]:
    """What is wrong with an npm lock: addresses, entries without version or hash, missing entries."""
    packages: dict[str, dict[str, Any]] = json.loads(text)["packages"]
    complaints = []
    names = {place.rsplit("node_modules/", 1)[-1] for place in packages}
    for place, entry in packages.items():
        if "resolved" in entry:
            complaints.append(f"{path}: {place} names an address")
        if place and not ("version" in entry and "integrity" in entry):
            complaints.append(f"{path}: {place} has no version or no hash")
        for wanted in {**entry.get("dependencies", {}), **entry.get("optionalDependencies", {})}:
            if wanted not in names:
                complaints.append(f"{path}: {place} needs {wanted}, which has no entry")
    return complaints


def complaints_of(root: Path, path: Path) -> list[str]:
    """Everything wrong with one file; files that are not text have nothing to say here."""
    try:
        text = (root / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return []
    if path.name in {"package-lock.json", "npm-shrinkwrap.json"}:
        return npm_complaints(str(path), text)
    if path.name == "uv.lock":
        return [f"{path} always carries addresses: lock with tools/relock.sh"]
    if any(fnmatch(path.name, pattern) for pattern in SETTINGS):
        return settings_complaints(str(path), text)
    return registry_complaints(str(path), text)


def main(root: Path) -> int:
    """Look through every file of the project."""
    complaints = [line for path in project_files(root) for line in complaints_of(root, path)]
    for complaint in complaints:
        say(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
