"""Decide one commit whole, and read beforehand, in batches, what that takes."""

from __future__ import annotations

from collections.abc import Iterable

from sync.change import Author, Change, Commit
from sync.checks import check_commit, referred
from sync.conflict import write_conflicts
from sync.draft import Draft, Park
from sync.kinds import WHOLE
from sync.merge import apply
from sync.workspace import Workspace


def decide(ws: Workspace, commit: Commit, author: Author, arrived_at: str) -> Draft:
    """What the commit does; raises `Park`, and leaves no trace, if it cannot be taken in."""
    draft = Draft(ws, commit, author, arrived_at)
    check_commit(draft, commit)
    for change in commit.changes:
        try:
            apply(draft, change)
        except Park as park:
            park.change = park.change or change.id
            raise
    write_conflicts(draft)
    return draft


def prefetch(ws: Workspace, commits: Iterable[Commit]) -> None:
    """Read what these commits will ask for: one query per table instead of one per change."""
    changes = [change for commit in commits for change in commit.changes]
    records = {change.record for change in changes}
    for change in changes:
        records.update(ident for ident, _ in referred(ws.context.catalogue, change))
    ws.load_records(records)
    ids = {change.id for change in changes}
    for change in changes:
        if change.base:
            ids |= _versions_named(ws, change)
    ws.load_changes(ids)
    ws.load_conflicts(ws.find(change.record) for change in changes if change.op != "create")


def _versions_named(ws: Workspace, change: Change) -> set[str]:
    """The bases that are not current, and the versions that are."""
    record = ws.find(change.record)
    named: set[str] = set()
    for unit, base in change.base.items():
        current = None if record is None else record.last_change if unit == WHOLE else record.version(unit)
        if base is not None and base != current:
            named.update((base,) if current is None else (base, current))
    return named
