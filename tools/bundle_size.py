"""How much JavaScript a tablet loads before its first screen: `python -m tools.bundle_size`.

Counted are the start page's script with all that it imports, the round among it, and the sign-in page,
which a new tablet shows first. Later screens and what is loaded after the first paint are not counted.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from tools.steps import PWA, say

INITIAL_LIMIT = 100_000
"""Bytes of gzipped JavaScript that the field app may start with (docs: design, section 7)."""

FIRST_SCREENS = ("src/field/signin/SignIn.vue",)
"""Chunks of their own that a start may show; a start with a list of over 80 units adds one for long lists."""

Manifest = dict[str, dict[str, Any]]


def initial_chunks(manifest: Manifest) -> set[str]:
    """Keys of the chunks that are loaded before the first screen of the field app."""
    found: set[str] = set()
    waiting = [*FIRST_SCREENS, *(key for key, chunk in manifest.items() if chunk.get("isEntry"))]
    while waiting:
        key = waiting.pop()
        if key in found:
            continue
        found.add(key)
        waiting += manifest[key].get("imports", [])
    return found


def gzipped(dist: Path, manifest: Manifest) -> dict[str, int]:
    """Gzipped bytes of each initial JavaScript file, largest first."""
    files = {str(manifest[key]["file"]) for key in initial_chunks(manifest)}
    sizes = {
        name: len(gzip.compress((dist / name).read_bytes(), 6)) for name in files if name.endswith(".js")
    }
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def measure(dist: Path = PWA / "dist") -> dict[str, int]:
    """The same for the built app."""
    return gzipped(dist, json.loads((dist / ".vite" / "manifest.json").read_text()))


def main() -> int:
    """Print each file and the sum."""
    sizes = measure()
    for name, size in sizes.items():
        say(f"{size / 1000:8.1f} kB  {name}")
    say(f"{sum(sizes.values()) / 1000:8.1f} kB of {INITIAL_LIMIT / 1000:.0f} kB")
    return 0 if sum(sizes.values()) <= INITIAL_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
