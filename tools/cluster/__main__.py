"""`make cluster`: start it, say where it is, and stop everything at Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from tools.cluster import USUAL_PORT, running_cluster
from tools.cluster.needs import missing_after_installing
from tools.steps import ROOT, StepFailed, say


def main() -> int:
    """Run until interrupted."""
    reader = argparse.ArgumentParser(prog="python -m tools.cluster", description=__doc__)
    reader.add_argument("--folder", type=Path, default=ROOT / "build" / "cluster", help="what it keeps")
    reader.add_argument("--apps", type=int, default=2, help="how many app servers")
    reader.add_argument("--no-demo", action="store_true", help="begin empty")
    chosen = reader.parse_args()
    # Ended by a service manager, it stops as if somebody had pressed Ctrl-C; which a shell that starts it in
    # the background would have it ignore.
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.default_int_handler)
    started = time.monotonic()
    try:
        missing = missing_after_installing()
        if missing:
            say(f"The cluster needs {' '.join(missing)}: apt-get install {' '.join(missing)}")
            return 1
        with running_cluster(
            chosen.folder, apps=chosen.apps, demo=not chosen.no_demo, port=USUAL_PORT, keep=True,
            say=lambda text: say(f"» {text}"),
        ) as cluster:  # fmt: skip
            say(f"\nThe cluster is ready after {time.monotonic() - started:.1f} s: {cluster.address}")
            say(f"Accounts as in the README, password demo. Everything is kept in {chosen.folder}.")
            say("For commands beside it (verify, backup):")
            for name, value in cluster.settings.items():
                say(f"  export {name}='{value}'")
            say("Ctrl-C stops all of it.")
            while all(app.program.runs for app in cluster.apps):
                time.sleep(1)
            say("An app server has ended; see the logs in the folder.")
            return 1
    except StepFailed as failure:
        say(f"\nThe cluster stopped at: {failure}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
