"""The HTTP API: one file per resource; each loads, calls and dumps."""

from __future__ import annotations

from flask_smorest import Blueprint

from server.api import (
    accounts,
    blobs,
    conflicts,
    coverage,
    devices,
    health,
    parked,
    pins,
    session,
    signatures,
    staff,
    sync,
    tus,
)

# Every resource below /api/v1. Another one: write its file and add its blueprint here.
BLUEPRINTS: list[Blueprint] = [
    health.blueprint,
    session.blueprint,
    sync.blueprint,
    parked.blueprint,
    conflicts.blueprint,
    blobs.blueprint,
    tus.blueprint,
    coverage.blueprint,
    pins.blueprint,
    signatures.blueprint,
    devices.blueprint,
    accounts.blueprint,
    staff.blueprint,
]
