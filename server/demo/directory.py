"""Which id everybody and everything of the demo has."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cached_property

from server.demo.ids import Ids
from server.rules.business_date import BUSINESS_ZONE

# Since when the projects are served: long before any check, so that no post is new.
SERVED_SINCE = date(2025, 1, 1)


class Directory:
    """Ids of what headquarters and the projects were set up with, three days before coverage starts."""

    def __init__(self, seed: int, starts_on: date) -> None:
        self.ids = Ids(seed)
        self.set_up_at = datetime.combine(starts_on - timedelta(days=3), time(9), BUSINESS_ZONE)
        self.since = min(SERVED_SINCE, date(starts_on.year, 1, 1))
        self._known: dict[tuple[str, ...], str] = {}

    def record(self, kind: str, *names: str) -> str:
        """The id of a record that was set up."""
        found = self._known.get((kind, *names))
        if found is None:
            found = self._known[kind, *names] = self.ids.at(self.set_up_at, kind, *names)
        return found

    def person(self, name: str) -> str:
        """The person's id, which is his user id; no two people of the demo bear one name."""
        return self.record("person", name)

    def unit(self, space: str, code: str) -> str:
        """The id of a post (`P029`) or of an area (`P029-A1`, `S01-1-A1`)."""
        return self.record("area" if code.rpartition("-")[2].startswith("A") else "post", space, code)

    def group(self, space: str, code: str) -> str:
        """The id of a team or of a subcontracted or other item, by its code."""
        kind = {"S": "subcontract_item", "O": "other_item"}.get(code[0], "team")
        return self.record(kind, space, code)

    def device(self, username: str) -> str:
        """The id of an account's own device."""
        return self.record("device", username)

    @cached_property
    def importer(self) -> str:
        """In whose name everything was set up."""
        return self.person("程嘉树")
