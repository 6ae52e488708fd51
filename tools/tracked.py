"""Which files belong to the project."""

from __future__ import annotations

import subprocess
from pathlib import Path


def project_files(root: Path) -> list[Path]:
    """Files that git tracks below `root` and new ones that it does not ignore, relative to `root`."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted({Path(name) for name in names if name and (root / name).is_file()})
