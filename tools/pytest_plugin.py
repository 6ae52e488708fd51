"""What every pytest run of ours does: names what did not run, keeps to this machine, knows the long form.

Loaded by pyproject.toml. With CI=true a test that did not run fails the run; without it, it is named.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

SOAK = os.environ.get("ROUNDS_SOAK", "") == "1"
"""Whether long tests run in full; `make soak` sets it, `make test` runs their short form."""

settings.register_profile("short", deadline=None, derandomize=True, max_examples=60)
settings.register_profile(
    "soak", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("soak" if SOAK else "short")

_not_run = pytest.StashKey[dict[str, str]]()


@pytest.fixture(scope="session")
def soak() -> bool:
    """True in `make soak`: a long test then runs its full form instead of its short one."""
    return SOAK


def pytest_configure(config: pytest.Config) -> None:
    """Begin the list of what did not run."""
    config.stash[_not_run] = {}
    config.pluginmanager.register(_Recorder(config), "rounds-not-run")


class _Recorder:
    """Notes each test or file that pytest passed over, with its reason."""

    def __init__(self, config: pytest.Config) -> None:
        self.list = config.stash[_not_run]

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.list[report.nodeid] = getattr(report, "wasxfail", None) or reason

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI, what did not run is a failure."""
    if session.config.stash[_not_run] and os.environ.get("CI") == "true" and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name what did not run."""
    for nodeid, reason in config.stash[_not_run].items():
        terminalreporter.write_line(f"NOT RUN {nodeid}: {reason}", red=True)


def _is_this_machine(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket's path
    host = str(address[0])
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"", "localhost"}


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Iterator[None]:
    """Refuse connections that leave this machine, so that no test leans on a foreign host."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, original: Any = original) -> Any:
            if not _is_this_machine(address):
                raise PermissionError(f"a test tried to reach {address}: tests stay on this machine")
            return original(self, address)

        patch.setattr(socket.socket, name, guarded)
    yield
    patch.undo()
