"""What tests lean on that a package manager of the system must bring, and how to get it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.steps import StepFailed, announced, quietly, say

DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Need:
    """Something of the machine's that tests lean on."""

    package: str
    """Debian's name for it."""
    tests: str
    """The tests that cannot run without it, in words."""
    left_out: tuple[str, ...]
    """What makes pytest leave them out."""

    @property
    def remedy(self) -> str:
        """What would bring it."""
        if self.package == "swift":
            return "python -m tools.cluster.needs"
        return f"apt-get install {self.package}"

    def is_met(self) -> bool:
        """Whether the machine has it."""
        if self.package == "chromium":
            return chromium() is not None
        if self.package == "postgresql":
            return postgres_programs() is not None
        if self.package == "redis-server":
            return shutil.which("redis-server") is not None
        if self.package == "nginx-light":
            return nginx_program() is not None
        if shutil.which("fc-list") is None:
            return False
        fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
        return bool(fonts.stdout.strip())


BROWSER = ("tests/browser", ("--ignore=tests/browser",))
CLUSTER = ("tests marked cluster", ("-m", "not cluster"))
NEEDS = (
    Need("chromium", *BROWSER),
    Need("fonts-noto-cjk", *BROWSER),
    Need("postgresql", "tests marked postgres", ("-m", "not postgres")),
    Need("redis-server", *CLUSTER),
    Need("nginx-light", *CLUSTER),
)


def chromium() -> str | None:
    """Where the browser is: ROUNDS_CHROMIUM, or the first of the usual names on the path."""
    named = os.environ.get("ROUNDS_CHROMIUM")
    return named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's programs: ROUNDS_POSTGRES, the newest of Debian's, or that on the path."""
    named = os.environ.get("ROUNDS_POSTGRES")
    debian = sorted(DEBIAN_POSTGRES.glob("[0-9]*/bin"), key=lambda folder: int(folder.parent.name))
    found = shutil.which("postgres")
    places = (
        [Path(named)] if named else [*reversed(debian), *([Path(found).resolve().parent] if found else [])]
    )
    return next((p for p in places if (p / "initdb").exists() and (p / "postgres").exists()), None)


def nginx_program() -> str | None:
    """Where nginx is: Debian keeps it where only root looks."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")


def meet_needs() -> list[Need]:
    """Install what is missing where we are root and have apt; return what is missing still."""
    missing = [need for need in NEEDS if not need.is_met()]
    fonts = ["fontconfig"] if any(need.package.startswith("fonts-") for need in missing) else []
    install_packages([*fonts, *(need.package for need in missing)])
    return [need for need in NEEDS if not need.is_met()]


def install_packages(packages: list[str]) -> None:
    """Install Debian's packages where we are root and have apt; else do nothing."""
    if not packages or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    try:
        with announced(f"Installing {' '.join(packages)}"):
            quietly(["apt-get", "update"])
            install = ["apt-get", "install", "--yes", "--no-install-recommends"]
            quietly([*install, *packages], DEBIAN_FRONTEND="noninteractive")
    except StepFailed as failure:
        say(str(failure))
