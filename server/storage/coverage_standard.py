"""Standard, post types and work calendar, read from headquarters and kept until its head moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from server.rules.calendar import WorkCalendar
from server.storage.database import Database

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Version:
    """One version of the standard: its items by code, and the post types that name them."""

    items: dict[str, Data] = field(default_factory=dict)
    post_types: list[Data] = field(default_factory=list)


@dataclass(frozen=True)
class Headquarters:
    """What every project is judged by, as of one head of headquarters."""

    head: int
    versions: dict[int, Version]
    calendar: WorkCalendar

    def version(self, number: int) -> Version:
        """A version of the standard; an unknown one has no items."""
        return self.versions.get(number, Version())


class Standards:
    """Reads headquarters; within a transaction what that transaction sees."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._known: Headquarters | None = None

    def current(self) -> Headquarters:
        """Headquarters as it is now."""
        rows = self.database.rows("SELECT id, head FROM spaces WHERE type = 'headquarters' ORDER BY id")
        head = sum(row[1] for row in rows)
        known = self._known
        if known is None or known.head != head:
            known = self._read([row[0] for row in rows], head)
            self._known = known
        return known

    def items(self, version: int) -> Mapping[str, Data]:
        """The check items of one version of the standard by code."""
        return self.current().version(version).items

    def _read(self, spaces: list[str], head: int) -> Headquarters:
        where, values = self.database.dialect.among("space", spaces)
        rows = self.database.rows(
            f"SELECT kind, data FROM records WHERE {where} AND deleted = 0 "
            "AND kind IN ('check_item', 'post_type', 'work_calendar')",
            values,
        )
        versions: dict[int, Version] = {}
        years: list[Data] = []
        for kind, text in rows:
            data = orjson.loads(text)
            if kind == "work_calendar":
                years.append(data)
                continue
            version = versions.setdefault(data["version"], Version())
            if kind == "check_item":
                version.items[data["code"]] = data
            else:
                version.post_types.append(data)
        return Headquarters(head, versions, WorkCalendar(years))
