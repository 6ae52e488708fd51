"""What the cluster leans on that is not in the checkout, and how to get it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

from tools.cluster import swift
from tools.needs import install_packages, nginx_program, postgres_programs

PACKAGES: dict[str, Callable[[], object]] = {
    "postgresql": postgres_programs,
    "redis-server": lambda: shutil.which("redis-server"),
    "nginx-light": nginx_program,
}
"""Debian's packages, each with what tells whether it is there."""


def missing_packages() -> list[str]:
    """Debian's packages that are not there."""
    return [name for name, found in PACKAGES.items() if not found()]


def missing_after_installing() -> list[str]:
    """Install what is missing where we may; Debian's packages that are missing still.

    Raises:
        StepFailed: if Swift cannot be installed.
    """
    install_packages(missing_packages())
    missing = missing_packages()
    if not missing:
        swift.install()
    return missing


if __name__ == "__main__":
    sys.exit(len(missing_after_installing()))
