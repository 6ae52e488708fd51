"""Set up everything below the checkout: `python3 -m tools.setup [--dev] [--no-build]`.

Each step leaves a stamp with a digest of what it was made from, so a second start only compares
digests. Digests and not file times, because a fresh clone gives every file the same age.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from tools.steps import BIN, PWA, PYTHON, ROOT, VENV, StepFailed, announced, quietly, say

UNBUILT = {"node_modules", "dist", ".vite", "tests"}
"""Folders of pwa/ that the app is not built from."""


def digest(paths: Iterable[Path], *more: str) -> str:
    """A digest over names and contents of files and any further words."""
    sha = hashlib.sha256()
    for word in more:
        sha.update(word.encode() + b"\0")
    for path in sorted(paths):
        content = path.read_bytes()
        sha.update(f"{path.relative_to(ROOT)}\0{len(content)}\0".encode() + content)
    return sha.hexdigest()


def once(stamp: Path, key: str, what: str, work: Callable[[], None]) -> None:
    """Do `work` unless `stamp` says that it was done for the same `key`."""
    if stamp.exists() and stamp.read_text() == key:
        return
    with announced(what):
        stamp.unlink(missing_ok=True)
        work()
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(key)


def make_venv() -> None:
    """Make `.venv` with pip in it; Debian cuts that part of Python off into a package of its own."""
    if importlib.util.find_spec("ensurepip") is None:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise StepFailed(
                "This Python cannot make virtual environments. On Debian: apt-get install python3-venv"
            )
        quietly(["apt-get", "update"])
        quietly(["apt-get", "install", "--yes", "--no-install-recommends", "python3-venv"])
    quietly([sys.executable, "-m", "venv", "--clear", VENV])


def venv_runs() -> bool:
    """Whether `.venv` is there, works, and was made for this very path (its scripts carry it)."""
    if not PYTHON.exists():
        return False
    asked = [str(PYTHON), "-c", "import sys; print(sys.version_info >= (3, 11), sys.prefix)"]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    started_here = (BIN / "pip").exists() and str(BIN) in (BIN / "pip").read_text(errors="replace")[:500]
    return answer.strip() == f"True {VENV}" and started_here


def install_python(lock: Path) -> None:
    """Install exactly what a lock file names, each file checked against its hash."""
    quietly([BIN / "uv", "pip", "install", "--python", PYTHON, "--require-hashes", "-r", lock])


def set_up_python(*, dev: bool) -> None:
    """Make the virtual environment and install the locked packages."""
    if not venv_runs():
        with announced("Making .venv"):
            make_venv()
    stamps, tool = VENV / "stamps", ROOT / "tools" / "uv.txt"
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    once(stamps / "uv", digest([tool]), "Installing uv", partial(quietly, [*pip, "-r", tool]))
    locks = {"run": ROOT / "requirements.txt", "dev": ROOT / "requirements-dev.txt"}
    texts = {"run": "Installing Python packages and Node", "dev": "Installing what tests and checks need"}
    for name in ("run", "dev") if dev else ("run",):
        lock = locks[name]
        once(stamps / name, digest([lock]), texts[name], partial(install_python, lock))


def set_up_node(*, dev: bool) -> None:
    """Install the app's locked packages: `dependencies` build it, `devDependencies` test and check it.

    A folder that holds all of them also serves to build, so running after testing takes nothing away.
    """
    key = digest([PWA / name for name in ("package.json", "package-lock.json", ".npmrc")])
    stamp = PWA / "node_modules" / ".rounds-stamp"
    complete = stamp.exists() and stamp.read_text() == f"dev {key}"
    install = ["npm", "ci", "--no-progress", *([] if dev or complete else ["--omit=dev"])]
    kind = "dev" if dev or complete else "run"
    once(stamp, f"{kind} {key}", "Installing the app's packages", partial(quietly, install, cwd=PWA))


def app_sources() -> list[Path]:
    """Every file that the built app depends on."""
    found = []
    for folder, folders, names in os.walk(PWA):
        folders[:] = [name for name in folders if name not in UNBUILT]
        found += [Path(folder, name) for name in names if not name.endswith((".test.ts", ".md"))]
    return found


def build_app() -> None:
    """Build `pwa/dist`, unless it was built from the same sources."""
    stamp = ROOT / "build" / "stamps" / "app"
    if not (PWA / "dist" / "index.html").exists() or not (PWA / "dist" / "service-worker.js").exists():
        stamp.unlink(missing_ok=True)
    once(stamp, digest(app_sources()), "Building the app", partial(quietly, ["npm", "run", "build"], cwd=PWA))


def set_up(*, dev: bool, build: bool = True) -> None:
    """Do what is missing, one process at a time."""
    lock = ROOT / "build" / "set-up.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        set_up_python(dev=dev)
        set_up_node(dev=dev)
        if build:
            build_app()


def main() -> int:
    """Read the arguments, do the work, and turn a failed step into a readable end."""
    reader = argparse.ArgumentParser(description="Set up everything below the checkout.")
    reader.add_argument("--dev", action="store_true", help="also what tests and checks need")
    reader.add_argument("--no-build", action="store_true", help="leave the app unbuilt")
    chosen = reader.parse_args()
    try:
        set_up(dev=chosen.dev, build=not chosen.no_build)
    except StepFailed as failure:
        say(f"\nSet-up stopped at: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
