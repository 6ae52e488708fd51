"""Settings, read from the environment once (`design.md` section 4)."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEVICE_LIMIT = "3000 per minute"
"""A tablet that was away for two weeks needs some 10,000 requests, one after the other."""


@dataclass(frozen=True)
class Settings:
    """Where the server keeps its data, where it listens, and what it may do.

    ``database_url``: empty for the embedded database in the data folder. ``now``: RFC 3339, or empty for the
    real time. ``proxies``: how many of our own stand before this server and say who asks. ``device_limit``:
    how many requests one device may make; empty for any number. ``app``: folder of the built front end.
    """

    data: Path
    database_url: str = ""
    redis_url: str = ""
    blobs_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    secret_key: str = ""
    demo: bool = True
    demo_on_network: bool = False
    now: str = ""
    proxies: int = 0
    device_limit: str = DEVICE_LIMIT
    app: Path = ROOT / "pwa" / "dist"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the ``ROUNDS_…`` variables; a missing secret key is made and kept in the data folder.

        Raises:
            ValueError: if a value cannot be understood.
        """
        given = os.environ if environment is None else environment
        data = Path(given.get("ROUNDS_DATA") or ROOT / "data").expanduser().resolve()
        return cls(
            data=data,
            database_url=given.get("ROUNDS_DATABASE_URL", ""),
            redis_url=given.get("ROUNDS_REDIS_URL", ""),
            blobs_url=given.get("ROUNDS_BLOBS_URL", ""),
            host=given.get("ROUNDS_HOST") or "127.0.0.1",
            port=_port(given.get("ROUNDS_PORT") or "8080"),
            secret_key=given.get("ROUNDS_SECRET_KEY") or kept_secret(data),
            demo=given.get("ROUNDS_DEMO", "1") != "0",
            demo_on_network=given.get("ROUNDS_ALLOW_DEMO_ON_NETWORK", "") == "1",
            now=given.get("ROUNDS_NOW", ""),
            proxies=_count("ROUNDS_PROXIES", given.get("ROUNDS_PROXIES") or "0"),
            device_limit=given.get("ROUNDS_DEVICE_LIMIT", DEVICE_LIMIT),
        )

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def kept_secret(data: Path) -> str:
    """The secret key in ``data/secret_key``; made at the first start, readable by its owner only."""
    path = data / "secret_key"
    data.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    return path.read_text(encoding="ascii").strip()


def _count(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 1:
        raise ValueError(f"{name} must be a number from 0 to 9, not {text}")
    return int(text)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError(f"ROUNDS_PORT must be a number from 1 to 65535, not {text}")
    return int(text)
