"""Both sides with hot reload: Vite on :5173, which hands /api and /socket.io to the server behind it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from tools.steps import PWA, PYTHON, ROOT, environment, say


def start() -> list[subprocess.Popen[bytes]]:
    """Start the server, which reloads itself when a Python file changes, and Vite before it."""
    reload = f"{os.environ.get('GUNICORN_CMD_ARGS', '')} --reload".strip()
    server = [str(PYTHON), "-m", "server.cli", "serve"]
    return [
        subprocess.Popen(server, cwd=ROOT, env=environment(GUNICORN_CMD_ARGS=reload), start_new_session=True),
        subprocess.Popen(["npx", "vite"], cwd=PWA, env=environment(), start_new_session=True),
    ]


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """End both with all that they started."""
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        process.wait()


def main() -> int:
    """Run until one of the two ends or Ctrl-C; never leave the other behind."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    processes = start()
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.3)
    except KeyboardInterrupt:
        say("")
        return 0
    finally:
        stop(processes)
    say("One side ended; so did the other.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
