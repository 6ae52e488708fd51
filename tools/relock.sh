#!/usr/bin/env bash
# Bring the locks up to date: tools/relock.sh [--upgrade]. Only Python's; npm's lock is made by `npm install`.
# The locks carry hashes and no download address, so that every machine may use the index it trusts.
set -euo pipefail
cd "$(dirname "$0")/.."
lock() {
  .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
    --python-version 3.11 "$@"
}
lock "$@" tools/uv.in -o tools/uv.txt
lock "$@" requirements.in -o requirements.txt
lock "$@" requirements-dev.in -o requirements-dev.txt
lock "$@" requirements-cluster.in -o requirements-cluster.txt
