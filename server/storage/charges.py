"""Scopes and deputies of a space, as rights are judged by (Q1-3.4.2a)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from server.storage.database import Database

KINDS = ("inspector_scope", "deputy_appointment")


class Charges:
    """Reads them in one query; a push asks at most once."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, space: str) -> dict[str, list[Mapping[str, Any]]]:
        """Live scopes and deputy appointments of a space, by kind."""
        found: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in KINDS}
        rows = self.database.rows(
            "SELECT kind, data FROM records WHERE space = ? AND deleted = 0 AND kind IN (?, ?)",
            (space, *KINDS),
        )
        for kind, data in rows:
            found[kind].append(orjson.loads(data))
        return found
