"""What is derived from records and kept in step with them, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from server.storage.database import Database
from server.storage.models import GrantRow
from server.storage.spaces import change_rights
from sync.ports import Writes
from sync.records import Record


class Projection(Protocol):
    """Handed every write of a space after its rows are stored, before the transaction commits."""

    def apply(self, tx: Database, space: str, writes: Writes) -> None:
        """Bring the derived rows in step. ``writes.records``: (before, after) of each touched record;
        ``writes.log``: the changes with author, device, offset, made_at and arrived_at."""
        ...


class Grants:
    """Role assignments as rows, people who left, and the names of projects; what rights are judged from."""

    def apply(self, tx: Database, space: str, writes: Writes) -> None:
        """Follow ``role_assignment``, ``person`` and ``project_centre``."""
        changed = False
        for before, after in writes.records:
            if after.kind == "role_assignment":
                _grant(tx, after)
            elif after.kind == "project_centre":
                _name_space(tx, after)
            elif after.kind == "person" and _left(before) != _left(after):
                tx.run('UPDATE accounts SET inactive = ? WHERE "user" = ?', (int(_left(after)), after.id))
            else:
                continue
            changed = True
        if changed:
            change_rights(tx, space)


def people_concerned(writes: Writes) -> frozenset[str]:
    """The people whose roles are written."""
    assigned = (after.data["person"] for _, after in writes.records if after.kind == "role_assignment")
    return frozenset(assigned)


def _grant(tx: Database, record: Record) -> None:
    data: Mapping[str, Any] = record.data
    # A deleted assignment never counted; an ended one stays with its last day.
    ends_on = data["starts_on"] if record.deleted else data.get("ends_on")
    starts_on = "9999-12-31" if record.deleted else data["starts_on"]
    row = (record.id, record.space, data["person"], data["role"], data.get("branch"), starts_on, ends_on)
    tx.run(tx.table(GrantRow).upsert, row)


def _name_space(tx: Database, record: Record) -> None:
    data = record.data
    tx.run(
        "UPDATE spaces SET name = ?, name_en = ?, branch = ? WHERE id = ?",
        (data["name"], data.get("name_en"), data["branch"], record.space),
    )


def _left(record: Record | None) -> bool:
    return record is not None and record.data.get("active") is False
