"""OpenStack Swift as the S3-compatible store: proxy, account, container and object server, one replica.

It comes from PyPI into a virtual environment of its own, because its pins are nobody else's business.
"""

from __future__ import annotations

import pwd
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from os import geteuid
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import obstore

from server.storage.blobs_s3 import s3_store
from tools.cluster.programs import HOST, Program, accepts, free_ports, is_free
from tools.setup import digest, once
from tools.steps import BIN, ROOT, StepFailed, quietly

VENV = ROOT / "build" / "cluster-venv"
LOCK = ROOT / "requirements-cluster.txt"
ACCOUNT, SECRET = "rounds:rounds", "only-on-this-machine"
BUCKET = "rounds"
KINDS = ("account", "container", "object")

_RINGS = """
import sys
from swift.common.ring import RingBuilder
for kind, port in zip(("account", "container", "object"), sys.argv[1:]):
    ring = RingBuilder(4, 1, 1)
    ring.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "d1",
                  "weight": 1, "replication_ip": "127.0.0.1", "replication_port": int(port)})
    ring.rebalance()
    ring.get_ring().save(f"{kind}.ring.gz")
"""

_PROXY = """[DEFAULT]
bind_ip = {host}
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
[filter:tempauth]
use = egg:swift#tempauth
user_rounds_rounds = {secret} .admin
[filter:slo]
use = egg:swift#slo
"""

_SERVER = """[DEFAULT]
bind_ip = {host}
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

_SALT = "[swift-hash]\nswift_hash_path_suffix = rounds\nswift_hash_path_prefix = rounds\n"


class Swift:
    """The four processes over one folder. ``endpoint``: where S3 is spoken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs: list[Program] = []
        self.port = 0
        self._ports_of: tuple[int, ...] = ()

    @property
    def endpoint(self) -> str:
        """Where S3 is spoken."""
        return f"http://{HOST}:{self.port}"

    @property
    def blobs_url(self) -> str:
        """What ``ROUNDS_BLOBS_URL`` says."""
        return f"s3://{BUCKET}?endpoint={self.endpoint}"

    @property
    def credentials(self) -> dict[str, str]:
        """What the environment says beside it."""
        return {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": SECRET}

    def start(self) -> None:
        """Start all four; `wait` follows. Rings are made anew only if a port was taken meanwhile."""
        (self.folder / "devices" / "d1").mkdir(parents=True, exist_ok=True)
        self.port, *ports = self._ports()
        user = pwd.getpwuid(geteuid()).pw_name
        (self.folder / "swift.conf").write_text(_SALT)
        fill = {"host": HOST, "user": user, "folder": self.folder}
        self._conf("proxy").write_text(_PROXY.format(port=self.port, secret=SECRET, **fill))
        for kind, port in zip(KINDS, ports, strict=True):
            self._conf(kind).write_text(_SERVER.format(port=port, kind=kind, **fill))
        for kind in (*KINDS, "proxy"):
            command = [VENV / "bin" / f"swift-{kind}-server", self._conf(kind)]
            log = self.folder / f"{kind}.log"
            program = Program(f"Swift's {kind} server", command, log, cwd=self.folder)
            program.start()
            self.programs.append(program)
        self._ports_of = (*ports, self.port)

    def wait(self) -> None:
        """Wait until all four serve, and make the bucket."""
        for program, port in zip(self.programs, self._ports_of, strict=True):
            program.wait_for(partial(accepts, port))
        self._make_bucket()

    def stop(self) -> None:
        """Stop all four."""
        for program in reversed(self.programs):
            program.stop()
        self.programs.clear()

    def _make_bucket(self) -> None:
        """One that is there stays as it is."""
        store = s3_store(self.blobs_url, self.credentials)
        asked = Request(obstore.sign(store, "PUT", "", timedelta(minutes=1)), method="PUT")
        try:
            urlopen(asked, timeout=30).close()
        except HTTPError as error:
            with error:
                if error.code != HTTPStatus.CONFLICT:  # it is ours already
                    raise StepFailed(f"Swift made no bucket: {error.read().decode()}") from error

    def _conf(self, kind: str) -> Path:
        return self.folder / f"{kind}-server.conf"

    def _ports(self) -> list[int]:
        kept = self.folder / "ports"
        if kept.exists():
            ports = [int(port) for port in kept.read_text().split()]
            if all(map(is_free, ports)):
                return ports
        ports = free_ports(1 + len(KINDS))
        names = [str(port) for port in ports]
        quietly([VENV / "bin" / "python", "-c", _RINGS, *names[1:]], cwd=self.folder)
        kept.write_text(" ".join(names))
        return ports


def is_installed() -> bool:
    """Whether Swift is there, in the version of the lock."""
    stamp = VENV / "stamp"
    return stamp.exists() and stamp.read_text() == digest([LOCK])


def install() -> None:
    """Install Swift into its own environment, each file checked against its hash.

    Raises:
        StepFailed: if that does not work.
    """
    once(VENV / "stamp", digest([LOCK]), "Installing OpenStack Swift", _install)


def _install() -> None:
    quietly([BIN / "uv", "venv", "--quiet", "--clear", "--python", BIN / "python", VENV])
    python = VENV / "bin" / "python"
    quietly([BIN / "uv", "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", LOCK])
