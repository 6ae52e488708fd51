"""The app servers and nginx before them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tools.cluster.programs import HOST, Program, accepts
from tools.needs import nginx_program
from tools.steps import ROOT

# The settings of docs/deploy.md, less TLS.
_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
worker_processes 2;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 32m;
  upstream rounds {{
    least_conn;
{servers}
    keepalive 32;
  }}
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  server {{
    listen {host}:{port};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_connect_timeout 2s;
    proxy_read_timeout 120s;
    location / {{ proxy_pass http://rounds; }}
    # A push that is sent twice counts once, so it may be tried at the next server when one dies.
    location /api/v1/sync/ {{ proxy_pass http://rounds; proxy_next_upstream error timeout non_idempotent; }}
    # What arrived of a photo must reach the server also if the connection then breaks.
    location /api/v1/blobs/tus {{ proxy_pass http://rounds; proxy_request_buffering off; }}
    # Open as long as the tablet is; pings go every 25 s.
    location /socket.io/ {{ proxy_pass http://rounds; proxy_read_timeout 90s; }}
  }}
}}
"""


class App:
    """One app server: the real command over shared settings, on a port of its own."""

    def __init__(self, name: str, port: int, settings: Mapping[str, str], log: Path) -> None:
        self.name, self.port = name, port
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ROUNDS_")},
            **settings, "ROUNDS_HOST": HOST, "ROUNDS_PORT": str(port), "ROUNDS_PROXIES": "1",
        }  # fmt: skip
        command = [sys.executable, "-m", "server.cli", "serve"]
        self.program = Program(f"app server {name}", command, log, cwd=ROOT, environment=environment)

    @property
    def address(self) -> str:
        """Where it answers without nginx."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start it; it may still have to wait for another one that prepares the database."""
        self.program.start()

    def wait(self) -> None:
        """Wait until it answers."""
        self.program.wait_for(partial(is_healthy, self.address), 120)

    def stop(self) -> None:
        """Stop it as an administrator would."""
        self.program.stop()

    def kill(self) -> None:
        """SIGKILL to all of it."""
        self.program.kill()


class Nginx:
    """Before the app servers: one that does not answer is passed over."""

    def __init__(self, folder: Path, port: int, apps: list[App]) -> None:
        self.folder, self.port = folder, port
        folder.mkdir(parents=True, exist_ok=True)
        servers = "\n".join(f"    server {HOST}:{app.port} max_fails=1 fail_timeout=2s;" for app in apps)
        text = _NGINX.format(folder=folder, servers=servers, host=HOST, port=port)
        if os.geteuid() == 0:
            # The folders below are root's.
            text = f"user root;\n{text}"
        conf = folder / "nginx.conf"
        conf.write_text(text)
        command: list[str | Path] = [nginx_program() or "nginx", "-p", folder, "-c", conf, "-e", "stderr"]
        self.program = Program("nginx", command, folder / "log", cwd=folder)

    def start(self) -> None:
        """Serve."""
        self.program.start()
        self.program.wait_for(partial(accepts, self.port))

    def stop(self) -> None:
        """Stop it."""
        self.program.stop()


def is_healthy(address: str) -> bool:
    """Whether a server answers that it is ready."""
    try:
        with urlopen(f"{address}/api/v1/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
