"""Class, disposition and attribution tables, read from headquarters and kept until its head moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from server.storage.database import Database

Rows = Mapping[str, Mapping[str, Any]]
KINDS = ("class_table", "disposition_table", "attribution_table")


@dataclass(frozen=True)
class Tables:
    """The newest version of each table, its rows by code."""

    classes: Rows
    dispositions: Rows
    attributions: Rows


class JudgingTables:
    """Reads them; within a transaction what that transaction sees."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._known: tuple[int, Tables] | None = None

    def current(self) -> Tables:
        """The tables as they are now."""
        rows = self.database.rows("SELECT id, head FROM spaces WHERE type = 'headquarters' ORDER BY id")
        head = sum(row[1] for row in rows)
        if self._known is None or self._known[0] != head:
            self._known = (head, self._read([row[0] for row in rows]))
        return self._known[1]

    def _read(self, spaces: list[str]) -> Tables:
        where, values = self.database.dialect.among("space", spaces)
        found = self.database.rows(
            f"SELECT kind, data FROM records WHERE {where} AND deleted = 0 AND kind IN (?, ?, ?)",
            (*values, *KINDS),
        )
        newest: dict[str, Mapping[str, Any]] = {}
        for kind, text in found:
            data = orjson.loads(text)
            if data["version"] >= newest.get(kind, data)["version"]:
                newest[kind] = data
        classes, dispositions, attributions = (_by_code(newest.get(kind)) for kind in KINDS)
        return Tables(classes, dispositions, attributions)


def _by_code(table: Mapping[str, Any] | None) -> Rows:
    return {row["code"]: row for row in table["rows"]} if table is not None else {}
